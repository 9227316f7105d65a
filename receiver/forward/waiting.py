"""Those who wait for a position to be acknowledged, each with one of its own."""

import asyncio

from schemas.ids import Position


class Waiting:
    """Tells them in one go."""

    def __init__(self) -> None:
        self._positions: dict[asyncio.Future[None], Position] = {}

    def __len__(self) -> int:
        """Return how many wait."""
        return len(self._positions)

    async def until(self, position: Position) -> None:
        """Return once a later position was told of."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._positions[future] = position
        try:
            await future
        finally:
            # Who gave up at a deadline leaves nothing behind: an outage may last for days.
            self._positions.pop(future, None)

    def tell(self, position: Position) -> None:
        """Wake all who wait for a position before this one."""
        for future, awaited in self._positions.items():
            if awaited < position and not future.done():
                future.set_result(None)
