"""Wait for work: not beyond a signal to stop or a time; what a thread has begun, to its end."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, AbstractContextManager
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


async def to_its_end(work: Coroutine[Any, Any, _T]) -> _T:
    """Return what comes of it; who is cancelled meanwhile waits for its end all the same."""
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled from (None if task.cancelled() else task.exception())
    return task.result()


@contextlib.asynccontextmanager
async def in_thread(make: Callable[[], AbstractContextManager[_T]]) -> AsyncIterator[_T]:
    """Make a block, enter it and leave it in threads, for it blocks; yield what it yields. Raises what it raises.

    Who is cancelled while it is entered leaves it all the same: the thread goes on, and would keep what it opened.
    """
    block = contextlib.ExitStack()
    try:
        yield await to_its_end(asyncio.to_thread(lambda: block.enter_context(make())))
    finally:
        await asyncio.to_thread(block.close)


@contextlib.asynccontextmanager
async def entered(block: AbstractAsyncContextManager[_T], stop: asyncio.Event) -> AsyncIterator[_T | None]:
    """Yield what `block` yields; None where `stop` is set before it does.

    Then its entering is cancelled, and has ended when this yields. Raises what `block` raises.
    """
    async with contextlib.AsyncExitStack() as stack:
        yield await _enter(stack, block, stop)


async def _enter(
    stack: contextlib.AsyncExitStack, block: AbstractAsyncContextManager[_T], stop: asyncio.Event
) -> _T | None:
    # Not in a task of its own: what a block begins, TaskGroups say, has to end in the task that began it.
    within = asyncio.timeout(None)
    ending = asyncio.create_task(_end_at(stop, within))
    try:
        async with within:
            return await stack.enter_async_context(block)
    except TimeoutError:
        if not within.expired():
            raise
        return None
    finally:
        ending.cancel()
        await asyncio.gather(ending, return_exceptions=True)


async def _end_at(stop: asyncio.Event, within: asyncio.Timeout) -> None:
    await stop.wait()
    within.reschedule(asyncio.get_running_loop().time())
