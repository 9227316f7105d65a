"""Clocks: a fast one runs ahead, a manual one stands until it is moved."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from deploy.simulator import FastClock, ManualClock, RealClock
from deploy.simulator.clock import reached

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)


async def test_fast_clock_passes_an_hour_in_a_moment() -> None:
    """Who sleeps for an hour by a clock that is a million times faster has its hour."""
    clock = FastClock(START, 1_000_000)

    await clock.sleep_until(START + HOUR)

    assert clock.now() >= START + HOUR


async def test_past_instant_is_not_waited_for() -> None:
    """A plan that is behind catches up at once."""
    await RealClock().sleep_until(START - HOUR)
    await ManualClock(START).sleep_until(START)


async def test_manual_clock_moves_from_sleeper_to_sleeper() -> None:
    """`advance` wakes the earliest, all of one instant together, and says how far it went."""
    clock = ManualClock(START)
    woken: list[str] = []

    async def sleep(name: str, hours: int) -> None:
        await clock.sleep_until(START + hours * HOUR)
        woken.append(name)

    async with asyncio.TaskGroup() as group:
        for name, hours in (("three", 3), ("one", 1), ("one too", 1)):
            group.create_task(sleep(name, hours))
        steps = [await clock.advance(), await clock.advance()]

    assert (steps, woken, clock.now()) == ([HOUR, 2 * HOUR], ["one", "one too", "three"], START + 3 * HOUR)


async def test_manual_clock_forgets_who_gave_up() -> None:
    """A sleeper that was cancelled does not hold the time back."""
    clock = ManualClock(START)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await clock.sleep_until(START + HOUR)

    async with asyncio.TaskGroup() as group:
        group.create_task(clock.sleep_until(START + 2 * HOUR))
        step = await clock.advance()

    assert step == 2 * HOUR


async def test_sleeper_cancelled_beside_another_is_left_alone() -> None:
    """Waking one instant's sleepers passes over those who gave up at that very moment."""
    clock = ManualClock(START)
    async with asyncio.TaskGroup() as group:
        stays = group.create_task(clock.sleep_until(START + HOUR))
        leaves = group.create_task(clock.sleep_until(START + HOUR))
        await asyncio.sleep(0)
        leaves.cancel()
        await asyncio.sleep(0)
        await clock.advance()

    assert (stays.cancelled(), leaves.cancelled()) == (False, True)


async def test_stop_ends_a_wait() -> None:
    """Who waits for an instant is told that it will not come."""
    clock, stop = ManualClock(START), asyncio.Event()
    waiting = asyncio.create_task(reached(clock, START + HOUR, stop))

    stop.set()

    assert await waiting is False
    assert await reached(clock, START, stop) is False


async def test_instant_that_comes_is_reached() -> None:
    """Without a stop the wait ends with the instant."""
    clock = ManualClock(START)
    waiting = asyncio.create_task(reached(clock, START + HOUR, asyncio.Event()))

    await clock.advance()

    assert await waiting is True
