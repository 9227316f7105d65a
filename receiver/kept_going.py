"""Work that goes on all the time: begun anew after a failure that nothing here is meant to have, and that is said."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, Final

import structlog

from schemas.lines import Logger

from .errors import raised_at

_LOG: Final[Logger] = structlog.get_logger("meetwire.receiver")

Work = Callable[[], Coroutine[Any, Any, object]]
"""Begins what goes on all the time; also anew, after it failed."""

AGAIN_S: Final = 10.0


@contextlib.asynccontextmanager
async def beside(*work: Work) -> AsyncIterator[None]:
    """Keep all of it going within this block."""
    tasks = [asyncio.create_task(_kept_going(one)) for one in work]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _kept_going(work: Work) -> None:
    while True:
        if not await minded(work()):
            return
        await asyncio.sleep(AGAIN_S)


async def minded(work: Coroutine[Any, Any, object]) -> bool:
    """Do it, and say so where it fails, which nothing here is meant to; return whether it did."""
    try:
        await work
    except Exception as error:
        _LOG.error("service.failed", kind=type(error).__name__, where=raised_at(error))
        return True
    return False
