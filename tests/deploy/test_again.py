"""A consumer beside the receiver is begun again after whatever ended it."""

import asyncio
from collections.abc import Callable, Iterator

import pytest

from deploy.again import Kind, Pauses, beside

from ..receiver.lines import Lines, lines_caught

KIND = Kind("captions", (OSError,), (FileNotFoundError,))
LONG_S = 3_600.0


@pytest.fixture
def lines() -> Iterator[Lines]:
    """Return the log lines of one test."""
    with lines_caught() as caught:
        yield caught


class Scripted:
    """Ends each time as the next of `ends` says, once begun; runs until it is stopped when they are over."""

    def __init__(self, *ends: Exception, opens: bool = True) -> None:
        self._ends: Iterator[Exception] = iter(ends)
        self._opens = opens
        self.runs = asyncio.Event()
        self.starts = 0

    async def __call__(self, stop: asyncio.Event, begun: Callable[[], None]) -> None:
        """Begin, and end."""
        self.starts += 1
        end = next(self._ends, None)
        if self._opens:
            begun()
        if end is not None:
            raise end
        begun()
        self.runs.set()
        await stop.wait()


async def test_it_begins_again_and_says_why(lines: Lines) -> None:
    """An error of a known kind is said with its text, any other with its kind and place alone."""
    scripted = Scripted(OSError("the disk is away"), ZeroDivisionError("Ana"))

    async with beside(KIND, scripted, Pauses((0.0,))):
        await scripted.runs.wait()

    where = lines[1].pop("where")
    assert lines == [
        {"event": "consumer.failed", "log_level": "error", "consumer": "captions", "reason": "the disk is away"},
        {"event": "service.failed", "log_level": "error", "kind": "ZeroDivisionError"},
    ]
    assert str(where).startswith("test_again.py:")


async def test_what_no_trying_again_mends_ends_the_start() -> None:
    """It is raised to whoever starts."""
    with pytest.raises(FileNotFoundError, match="no folder"):
        async with beside(KIND, Scripted(FileNotFoundError("no folder"), opens=False)):
            pytest.fail("entered")


async def test_the_same_later_ends_nothing(lines: Lines) -> None:
    """Once it has begun, the receiver goes on beside it."""
    scripted = Scripted(FileNotFoundError("no folder"))

    async with beside(KIND, scripted, Pauses((0.0,))):
        await scripted.runs.wait()

    assert [line["event"] for line in lines] == ["consumer.failed"]


async def test_a_start_that_fails_holds_up_nobody(lines: Lines) -> None:
    """The block is entered after the first failure, and its end does not wait for the pause."""
    scripted = Scripted(OSError("away"), opens=False)

    async with beside(KIND, scripted, Pauses((LONG_S,))):
        pass

    assert (scripted.starts, len(lines)) == (1, 1)


@pytest.mark.parametrize(("settled_s", "starts"), [(LONG_S, 2), (-1.0, 4)])
async def test_pauses_grow_until_it_ran_for_long(settled_s: float, starts: int) -> None:
    """Each failure in a row waits for longer; what ran for long enough begins with the first pause."""
    scripted = Scripted(OSError("a"), OSError("b"), OSError("c"))

    async with beside(KIND, scripted, Pauses((0.0, LONG_S), settled_s)):
        for _ in range(100):
            await asyncio.sleep(0)
        assert scripted.starts == starts


async def test_who_is_cancelled_before_it_began_does_not_wait_for_it() -> None:
    """What opens does not look at the stop, and may take as long as it likes."""
    opens, ended = asyncio.Event(), list[str]()

    async def opening(stop: asyncio.Event, begun: Callable[[], None]) -> None:
        opens.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("ended")

    async def enter() -> None:
        async with beside(KIND, opening):
            pytest.fail("entered")

    entering = asyncio.create_task(enter())
    await opens.wait()
    entering.cancel()
    with pytest.raises(asyncio.CancelledError):
        async with asyncio.timeout(60):
            await entering

    assert ended == ["ended"]
