"""A few threads of a store's own: what waits for a disk or a network there never waits behind others' work."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Threads:
    """At most `most` of them; what comes while all are busy waits its turn."""

    def __init__(self, most: int, name: str) -> None:
        self._pool = ThreadPoolExecutor(most, thread_name_prefix=name)

    async def run(self, call: Callable[_P, _T], *arguments: _P.args, **named: _P.kwargs) -> _T:
        """Return what `call` returns. Whoever is cancelled meanwhile leaves it running to its end."""
        future = self._pool.submit(call, *arguments, **named)
        return await asyncio.wrap_future(future)

    def leave(self, call: Callable[[], object]) -> None:
        """Have `call` done some time; how it ends is nobody's concern."""
        self._pool.submit(call)

    async def close(self) -> None:
        """Return once nothing runs any more; what had not begun never does."""
        await asyncio.to_thread(self._pool.shutdown, wait=True, cancel_futures=True)
