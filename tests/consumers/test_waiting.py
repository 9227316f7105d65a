"""Work is waited for, but not beyond a signal to stop or a time."""

from __future__ import annotations

import asyncio

import pytest

from consumers.waiting import unless


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
