"""A service behind the port, and a clock that goes on as the loop sleeps."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from deploy.meters import PrometheusMeters
from receiver.cloud import MeasuredMeeting, MeasuredParticipant, Measurements
from receiver.quality.port import Kind
from receiver.quality.source import QualitySource
from schemas.settings import Subscriber
from tests.receiver.list_log import ListLog

from .world import NOON, measured


class Service:
    """Tells of `meetings`; what is measured is from the minute that it is. Fails by `fails`, for each call's name."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.measured_by = clock
        """The clock of what is measured; another one can stand still."""
        self.meetings: dict[MeasuredMeeting, list[MeasuredParticipant]] = {}
        self.fails: defaultdict[str, list[Exception | None]] = defaultdict(list)
        """What the next calls raise, the first one first; the last stands for all that come after it."""
        self.asked: list[tuple[float, str]] = []
        self.holds: str | None = None
        """Calls with this in their names get no answer until they are broken off."""
        self._held: list[asyncio.Future[None]] = []
        self._more_held = asyncio.Event()

    async def held(self, count: int) -> None:
        """Return once so many calls wait."""
        while len(self._held) < count:
            self._more_held.clear()
            await self._more_held.wait()

    def break_off(self, error: Exception) -> None:
        """Let all that wait fail at once, and hold no more."""
        self.holds = None
        for future in self._held:
            future.set_exception(error)

    async def measured_meetings(self) -> Sequence[MeasuredMeeting]:
        """Return all of them."""
        await self._ask("meetings")
        return [*self.meetings]

    async def measured_participants(self, meeting_uuid: str) -> Sequence[MeasuredParticipant]:
        """Return the people of one."""
        await self._ask(f"people of {meeting_uuid}")
        return next(people for one, people in self.meetings.items() if one.meeting_uuid == meeting_uuid)

    async def measurements(self, meeting_uuid: str, participant_id: str, kind: Kind) -> Measurements:
        """Return one figure, of this minute."""
        await self._ask(f"{kind} of {participant_id} in {meeting_uuid}")
        return measured(kind, self.measured_by.now().replace(second=0, microsecond=0))

    async def _ask(self, name: str) -> None:
        self.asked.append((self.clock.seconds, name))
        await asyncio.sleep(0)
        if self.holds is not None and self.holds in name:
            future = asyncio.get_running_loop().create_future()
            self._held.append(future)
            self._more_held.set()
            await future
        fails = self.fails[name]
        error = fails.pop(0) if len(fails) > 1 else fails[0] if fails else None
        if error is not None:
            raise error


class Clock:
    """Begins at noon; goes on when somebody sleeps, up to where a test lets it."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._until = 0.0
        self._there = asyncio.Event()
        self._on = asyncio.Event()

    def monotonic(self) -> float:
        """Return the seconds since noon."""
        return self.seconds

    def now(self) -> datetime:
        """Return the time."""
        return NOON + timedelta(seconds=self.seconds)

    async def sleep(self, seconds: float) -> None:
        """Let what is under way have its turns, then the time go by, as soon as it may."""
        for _ in range(10):
            await asyncio.sleep(0)
        while self.seconds + seconds > self._until:
            self._there.set()
            self._on.clear()
            await self._on.wait()
        self.seconds += seconds

    async def forward(self, until: float) -> None:
        """Let the time go by up to `until`, with all that the one who sleeps does meanwhile."""
        self._until = until
        self._there.clear()
        self._on.set()
        await self._there.wait()


class Parts:
    """A source and what it stands between."""

    def __init__(self, **settings: Any) -> None:
        self.clock = Clock()
        self.service = Service(self.clock)
        self.log = ListLog()
        self.meters = PrometheusMeters()
        self.is_tight = False
        self.source = QualitySource(
            self.service,
            self.log,
            enterprise="acme",
            settings=Subscriber(**{"quality": "rest", **settings}),
            partitions=12,
            meters=self.meters,
            owned=lambda _: True,
            is_tight=lambda: self.is_tight,
            clock=self.clock.monotonic,
            now=self.clock.now,
            sleep=self.clock.sleep,
            uniform=lambda: 0.5,
        )

    @property
    def asked(self) -> list[str]:
        """Return what was asked for."""
        return [name for _, name in self.service.asked]

    def metric(self, name: str) -> float | None:
        """Return what a metric of this enterprise is at."""
        return self.meters.registry.get_sample_value(name, {"enterprise": "acme"})


@contextlib.asynccontextmanager
async def asking(**settings: Any) -> AsyncIterator[Parts]:
    """Yield the parts of a source that asks until the end of the block, in the time that the block lets go by."""
    parts = Parts(**settings)
    task = asyncio.create_task(parts.source.run())
    try:
        yield parts
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
