"""Work is waited for: not beyond a signal to stop or a time; what a thread has begun, to its end."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Iterator

import pytest

from consumers.waiting import entered, in_thread, to_its_end, unless


async def answer() -> int:
    """Return something."""
    return 42


async def for_ever(ended: list[str]) -> int:
    """Never return; say how it ended."""
    try:
        await asyncio.Event().wait()
    finally:
        ended.append("ended")
    return 0


async def test_what_the_work_returns_is_returned() -> None:
    """Where nothing comes in between."""
    assert await unless(asyncio.Event(), answer()) == 42


async def test_a_stop_ends_the_work() -> None:
    """It has ended when the wait returns, not some time later."""
    stop, ended = asyncio.Event(), list[str]()
    asyncio.get_running_loop().call_soon(stop.set)

    assert await unless(stop, for_ever(ended)) is None
    assert ended == ["ended"]


async def test_time_ends_the_work() -> None:
    """The same."""
    ended = list[str]()

    assert await unless(asyncio.Event(), for_ever(ended), 0.001) is None
    assert ended == ["ended"]


async def test_work_that_is_done_when_the_stop_comes_counts() -> None:
    """What was taken must not be thrown away."""
    stop = asyncio.Event()

    async def last() -> int:
        stop.set()
        return 42

    assert await unless(stop, last()) == 42


async def test_what_the_work_raises_is_raised() -> None:
    """An error is not taken for silence."""

    async def fail() -> None:
        raise OSError("broken")

    with pytest.raises(OSError, match="broken"):
        await unless(asyncio.Event(), fail())


async def test_who_waits_can_be_cancelled() -> None:
    """And then the work ends too."""
    ended = list[str]()
    waiting = asyncio.create_task(unless(asyncio.Event(), for_ever(ended)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    waiting.cancel()

    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert ended == ["ended"]


@contextlib.asynccontextmanager
async def block(ended: list[str], *, opens: bool = True) -> AsyncIterator[int]:
    """Yield something, if it `opens`; say how it ended."""
    try:
        if not opens:
            await asyncio.Event().wait()
        yield 42
    finally:
        await asyncio.sleep(0)
        ended.append("ended")


async def test_what_a_block_yields_is_yielded() -> None:
    """And the block is left with ours; a stop meanwhile is for whoever is in it to see."""
    stop, ended = asyncio.Event(), list[str]()

    async with entered(block(ended), stop) as got:
        stop.set()
        for _ in range(3):
            await asyncio.sleep(0)
        assert (got, ended) == (42, [])
    assert ended == ["ended"]


@pytest.mark.parametrize("before", [True, False], ids=["before", "meanwhile"])
async def test_a_stop_ends_the_entering(before: bool) -> None:
    """It has ended when None is yielded, and who waited is not taken for cancelled."""
    stop, ended = asyncio.Event(), list[str]()
    if before:
        stop.set()
    else:
        asyncio.get_running_loop().call_soon(stop.set)

    async with entered(block(ended, opens=False), stop) as got:
        assert (got, ended) == (None, ["ended"])
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


@pytest.mark.parametrize("error", [OSError("broken"), TimeoutError("broken")], ids=["an error", "a timeout"])
async def test_what_entering_raises_is_raised(error: Exception) -> None:
    """A time that is over in there is no stop."""

    @contextlib.asynccontextmanager
    async def broken() -> AsyncIterator[None]:
        raise error
        yield

    with pytest.raises(type(error), match="broken"):
        async with entered(broken(), asyncio.Event()):
            pytest.fail("entered")


async def test_who_enters_can_be_cancelled() -> None:
    """And that is no stop."""
    ended, waits = list[str](), asyncio.Event()

    async def enter() -> None:
        waits.set()
        async with entered(block(ended, opens=False), asyncio.Event()):
            pytest.fail("entered")

    entering = asyncio.create_task(enter())
    await waits.wait()
    await asyncio.sleep(0)
    entering.cancel()

    with pytest.raises(asyncio.CancelledError):
        await entering
    assert ended == ["ended"]


@pytest.mark.parametrize("times", [1, 2])
async def test_who_is_cancelled_waits_for_the_end_of_what_was_begun(times: int) -> None:
    """Else the next one came in before."""
    begun, go_on, ended = asyncio.Event(), asyncio.Event(), list[str]()

    async def work() -> None:
        begun.set()
        await go_on.wait()
        ended.append("work")

    task = asyncio.create_task(to_its_end(work()))
    await begun.wait()
    for _ in range(times):
        task.cancel()
        await asyncio.sleep(0)
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended == ["work"]


async def test_what_fails_meanwhile_is_the_cause() -> None:
    """And is not complained of as never looked at."""
    begun = asyncio.Event()

    async def work() -> None:
        begun.set()
        await asyncio.sleep(0)
        raise OSError("broken")

    task = asyncio.create_task(to_its_end(work()))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError) as raised:
        await task
    assert isinstance(raised.value.__cause__, OSError)


class Block:
    """What blocks; goes on being entered when it may."""

    def __init__(self) -> None:
        self.begun, self.go_on, self.left = threading.Event(), threading.Event(), 0

    @contextlib.contextmanager
    def opened(self) -> Iterator[int]:
        """Yield something."""
        self.begun.set()
        assert self.go_on.wait(10)
        try:
            yield 42
        finally:
            self.left += 1


async def test_a_block_is_entered_and_left_in_threads() -> None:
    """And yields what it yields."""
    blocks = Block()
    blocks.go_on.set()

    async with in_thread(blocks.opened) as got:
        assert (got, blocks.left) == (42, 0)
    assert blocks.left == 1


async def test_a_block_is_left_by_who_is_cancelled_while_entering_it() -> None:
    """The thread cannot be stopped: what it opens is closed before the cancelled one goes on."""
    blocks = Block()

    async def enter() -> None:
        async with in_thread(blocks.opened):
            pytest.fail("entered")

    entering = asyncio.create_task(enter())
    await asyncio.to_thread(blocks.begun.wait)
    entering.cancel()
    await asyncio.sleep(0)
    blocks.go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await entering
    assert blocks.left == 1
