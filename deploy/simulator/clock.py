"""Whose time it is: the machine's, a faster one, or one that a test moves by hand.

A sender asks its clock both for the time and to wait for it, so a day passes in a minute and a retry of 24 h in a
test that does not sleep.
"""

import asyncio
import heapq
import itertools
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """A time that passes at its own speed."""

    def now(self) -> datetime:
        """Return this clock's time, aware."""

    async def sleep_until(self, instant: datetime) -> None:
        """Return at `instant` by this clock, at once if that is over."""


class FastClock:
    """A clock that started at `start` when it was made and runs `speed` times as fast as the machine's."""

    def __init__(self, start: datetime, speed: float) -> None:
        self._start = start
        self._speed = speed
        self._made = time.monotonic()

    def now(self) -> datetime:
        """Return this clock's time."""
        return self._start + timedelta(seconds=(time.monotonic() - self._made) * self._speed)

    async def sleep_until(self, instant: datetime) -> None:
        """Wait the fewer seconds that it takes here."""
        await asyncio.sleep(max(0.0, (instant - self.now()).total_seconds() / self._speed))


class RealClock(FastClock):
    """The machine's time, that no correction of its clock turns back."""

    def __init__(self) -> None:
        super().__init__(datetime.now(UTC), 1.0)


class ManualClock:
    """A clock that stands until it is moved; for tests."""

    def __init__(self, start: datetime) -> None:
        self._now = start
        self._order = itertools.count()
        self._sleepers: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._awaited = asyncio.Event()

    def now(self) -> datetime:
        """Return the time it was moved to."""
        return self._now

    async def sleep_until(self, instant: datetime) -> None:
        """Wait for `advance`."""
        if instant <= self._now:
            return
        woken = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (instant, next(self._order), woken))
        self._awaited.set()
        await woken

    async def advance(self) -> timedelta:
        """Wait until someone sleeps, move to the earliest instant that is slept for, and return how far that was."""
        while not self._wake_cancelled():
            self._awaited.clear()
            await self._awaited.wait()
        before, self._now = self._now, self._sleepers[0][0]
        while self._sleepers and self._sleepers[0][0] <= self._now:
            woken = heapq.heappop(self._sleepers)[2]
            if not woken.done():
                woken.set_result(None)
        return self._now - before

    def _wake_cancelled(self) -> bool:
        """Forget those who no longer wait; return whether anyone does."""
        while self._sleepers and self._sleepers[0][2].done():
            heapq.heappop(self._sleepers)
        return bool(self._sleepers)


async def reached(clock: Clock, instant: datetime, stop: asyncio.Event) -> bool:
    """Return True at `instant`, or False as soon as `stop` is set."""
    if stop.is_set():
        return False
    if instant <= clock.now():
        return True
    waits = [asyncio.ensure_future(clock.sleep_until(instant)), asyncio.ensure_future(stop.wait())]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
    return not stop.is_set()
