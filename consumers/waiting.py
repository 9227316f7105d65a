"""Wait for work, but not beyond a signal to stop or a time."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

_T = TypeVar("_T")


async def unless(stop: asyncio.Event, work: Coroutine[Any, Any, _T], timeout_s: float | None = None) -> _T | None:
    """Return what `work` returns; None where `stop` is set, or `timeout_s` over, before it is done.

    Then `work` is cancelled, and has ended when this returns. Raises what `work` raises.
    """
    ours, stopping = asyncio.ensure_future(work), asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait((ours, stopping), timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        return ours.result() if ours.done() else None
    finally:
        ours.cancel()
        stopping.cancel()
        await asyncio.gather(ours, stopping, return_exceptions=True)
