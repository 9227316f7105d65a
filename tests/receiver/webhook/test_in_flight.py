"""One timer for all that wait: whose time is over is cancelled, and nobody else."""

from __future__ import annotations

import asyncio

import pytest

from receiver.errors import Overloaded
from receiver.webhook.in_flight import InFlight

SOON_S = 0.1


async def waits(in_flight: InFlight, until: asyncio.Event) -> str:
    """Return how the wait ended, as the listener tells it."""
    task = in_flight.enter()
    try:
        await until.wait()
    except asyncio.CancelledError:
        if not in_flight.is_late(task):
            raise
        return "late"
    finally:
        in_flight.leave(task)
    return "in time"


async def test_who_is_ready_in_time_is_left_alone() -> None:
    """Before its time, and after it: the timer that was set for it finds nobody."""
    in_flight, ready, never = InFlight(most=9, seconds=SOON_S), asyncio.Event(), asyncio.Event()
    first = asyncio.create_task(waits(in_flight, ready))
    second = asyncio.create_task(waits(in_flight, never))
    await asyncio.sleep(0)
    ready.set()

    assert (await first, await second, len(in_flight)) == ("in time", "late", 0)


async def test_each_has_its_own_time() -> None:
    """Who came while the timer ran for another is not ended with it."""
    in_flight, never = InFlight(most=9, seconds=3 * SOON_S), asyncio.Event()

    async def ended() -> float:
        began = asyncio.get_running_loop().time()
        assert await waits(in_flight, never) == "late"
        return asyncio.get_running_loop().time() - began

    waiting = []
    for _ in range(3):
        waiting.append(asyncio.create_task(ended()))
        await asyncio.wait(waiting[-1:], timeout=SOON_S)

    # uvloop's clock stands still within a turn of the loop, so it may be a turn early.
    assert [await one >= 2.9 * SOON_S for one in waiting] == [True, True, True]


async def test_more_than_so_many_are_refused() -> None:
    """Until one of them leaves."""
    in_flight, ready = InFlight(most=1, seconds=60), asyncio.Event()
    first = asyncio.create_task(waits(in_flight, ready))
    await asyncio.sleep(0)
    with pytest.raises(Overloaded):
        _ = in_flight.enter()
    ready.set()

    assert await first == "in time"
    assert await waits(in_flight, ready) == "in time"


async def test_who_is_cancelled_from_elsewhere_is_not_late() -> None:
    """At a stop a task is cancelled by others, its own time being over or not: that is no answer."""
    in_flight, never = InFlight(most=9, seconds=SOON_S), asyncio.Event()
    early = asyncio.create_task(waits(in_flight, never))
    await asyncio.sleep(0)
    early.cancel()
    late = asyncio.create_task(waits(in_flight, never))
    await asyncio.sleep(0)
    # Its time being over cancels it; so does this, before it has heard of that.
    in_flight._end_late(_Later(asyncio.get_running_loop()))  # type: ignore[arg-type]  # it asks for the time alone
    late.cancel()
    await asyncio.wait([early, late])

    assert (early.cancelled(), late.cancelled(), len(in_flight)) == (True, True, 0)


class _Later:
    """A loop whose clock is a minute ahead."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def time(self) -> float:
        """Return the time."""
        return self._loop.time() + 60
