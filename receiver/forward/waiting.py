"""Those who wait for a position to be acknowledged, each with one of its own."""

import asyncio

from schemas.ids import Position

from ..log import Appended

_Future = asyncio.Future[Appended]


class Waiting:
    """Tells them in one go."""

    def __init__(self) -> None:
        self._held: dict[_Future, Appended] = {}
        self._told = Position(0)

    def __len__(self) -> int:
        """Return how many wait."""
        return len(self._held)

    def hold(self, future: _Future, appended: Appended) -> None:
        """Give `future` this result once a later position was told of."""
        if appended.position < self._told:
            future.set_result(appended)
        else:
            self._held[future] = appended

    async def result_of(self, future: _Future) -> Appended:
        """Return what the future is told."""
        try:
            return await future
        finally:
            # Who gave up at a deadline leaves nothing behind: an outage may last for days.
            self._held.pop(future, None)

    def tell(self, position: Position) -> None:
        """Wake all who wait for a position before this one."""
        self._told = position
        for future, appended in self._held.items():
            if appended.position < position and not future.done():
                future.set_result(appended)


class Acknowledged:
    """Told by the log that an entry is on disk, it has that one's future wait for Kafka: one wait, and not two."""

    __slots__ = ("_waiting", "done", "future", "set_exception")

    def __init__(self, future: _Future, waiting: Waiting) -> None:
        self.future = future
        self.done = future.done
        self.set_exception = future.set_exception
        self._waiting = waiting

    def set_result(self, appended: Appended) -> None:
        """Wait on."""
        self._waiting.hold(self.future, appended)
