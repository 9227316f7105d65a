"""Open the log's connections in a thread: opening blocks."""

import asyncio
from collections.abc import Callable
from typing import Protocol, TypeVar


class _Closable(Protocol):
    def close(self) -> None: ...


_C = TypeVar("_C", bound=_Closable)


async def open_in_thread(make: Callable[[], _C]) -> _C:
    """Return what `make` opens, for the caller to close. Raises what it raises.

    Who is cancelled meanwhile has nothing to close: the thread goes on, and what it opens is closed here. A lock would
    stay on a log that nobody has.
    """
    opening = asyncio.create_task(asyncio.to_thread(make))
    try:
        return await asyncio.shield(opening)
    except asyncio.CancelledError:
        made = await opening
        await asyncio.to_thread(made.close)
        raise
