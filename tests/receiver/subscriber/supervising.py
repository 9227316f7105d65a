"""A supervisor that runs against the small service, and the log it writes to, as a list."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from deploy.meters import PrometheusMeters
from receiver.entry import Entry
from receiver.log import Appended
from receiver.subscriber.meeting import Now
from receiver.subscriber.supervisor import Supervisor
from schemas.events import AnyEvent, SubscriptionChanged, decode
from schemas.ids import LogId
from schemas.settings import Subscriber

from ..list_log import ListLog
from .service import Service, serving

RECEIVER: Final = LogId("0" * 32)
PARTITIONS: Final = 4
ALL: Final = frozenset(range(PARTITIONS))


class WatchedLog(ListLog):
    """A log that can be waited for, and keeps the marks."""

    def __init__(self) -> None:
        super().__init__()
        self.marks: dict[str, bytes] = {}
        self._news = asyncio.Event()

    async def append(self, entry: Entry) -> Appended:
        """Return where the entry stands."""
        appended = await super().append(entry)
        for mark in entry.marks:
            if mark.value is None:
                self.marks.pop(mark.name, None)
            else:
                self.marks[mark.name] = mark.value
        self._news.set()
        return appended

    def events(self) -> list[AnyEvent]:
        """Return all events in order."""
        return [decode(record.value) for record in self.records]

    def told(self, meeting_id: str | None = None) -> list[SubscriptionChanged]:
        """Return what was told of subscriptions: of all, or of one meeting's."""
        found = [event for event in self.events() if isinstance(event, SubscriptionChanged)]
        return [event for event in found if meeting_id in (None, event.meeting_id)]

    async def has(self, condition: Callable[[WatchedLog], bool]) -> None:
        """Return once it holds."""
        async with asyncio.timeout(60):
            while not condition(self):
                self._news.clear()
                await self._news.wait()

    async def has_told(self, count: int, change: str, reason: str | None = None) -> list[SubscriptionChanged]:
        """Return the first so many events of a change once they are there."""

        def found() -> list[SubscriptionChanged]:
            return [event for event in self.told() if event.change == change and reason in (None, event.reason)]

        await self.has(lambda _: len(found()) >= count)
        return found()[:count]


class Hasty:
    """A clock that goes on by itself, and by what anybody sleeps, at once."""

    def __init__(self) -> None:
        self.ahead_s = 0.0
        self._news = asyncio.Event()

    def now(self) -> Now:
        """Return the instant."""
        return Now(datetime.now(UTC) + timedelta(seconds=self.ahead_s), time.monotonic() + self.ahead_s)

    async def sleep(self, s: float) -> None:
        """Let so much time go by."""
        self.ahead_s += s
        self._news.set()
        await asyncio.sleep(0)

    def skip(self, s: float) -> None:
        """Go on by so much at once."""
        self.ahead_s += s

    async def went_by(self, s: float) -> None:
        """Return once so much time was slept away."""
        async with asyncio.timeout(60):
            while self.ahead_s < s:
                self._news.clear()
                await self._news.wait()


@dataclass(frozen=True)
class Running:
    """A supervisor that runs, and what is around it."""

    supervisor: Supervisor
    service: Service
    log: WatchedLog
    meters: PrometheusMeters
    task: asyncio.Task[None]

    def count(self, name: str, **labels: str) -> float:
        """Return one sample of the metrics."""
        return self.meters.registry.get_sample_value(name, labels) or 0.0


@asynccontextmanager
async def running(
    *,
    log: WatchedLog | None = None,
    owned: frozenset[int] = ALL,
    marks: dict[str, bytes] | None = None,
    service: Service | None = None,
    look_again: Callable[[str], object] = lambda _: None,
    is_tight: Callable[[], bool] = lambda: False,
    clock: Hasty | None = None,
    stop_within_s: float = 10,
    **settings: Any,
) -> AsyncIterator[Running]:
    """Yield a supervisor of enterprise acme, with no delays but those of its pace."""
    log, meters, clock = log or WatchedLog(), PrometheusMeters(), clock or Hasty()
    async with contextlib.AsyncExitStack() as stack:
        if service is None:
            service = await stack.enter_async_context(serving())
        supervisor = Supervisor(
            {"acme": service},
            Subscriber(**{"connects_per_s": 1_000, **settings}),
            log,
            receiver=RECEIVER,
            partitions=PARTITIONS,
            meters=meters,
            look_again=look_again,
            is_tight=is_tight,
            now=clock.now,
            sleep=clock.sleep,
            uniform=lambda: 0.0,
            stop_within_s=stop_within_s,
        )
        if marks is not None:
            await supervisor.recover(marks)
        supervisor.assign(owned)
        task = asyncio.create_task(supervisor.run())
        try:
            yield Running(supervisor, service, log, meters, task)
        finally:
            supervisor.stop()
            with contextlib.suppress(asyncio.CancelledError):
                await task
