"""Everything that listens to meetings, as one: REST clients, lists of meetings, ownership, subscriptions, quality.

For each enterprise with an App ID there is one client, and one list that is asked for again and again. The
subscriptions of all enterprises are kept by one supervisor. Without an App ID there is nothing to listen with.

What an earlier process left open is told first, and nobody is listened to before. A log that takes nothing holds that
up, and not the start: pushes have to be answered meanwhile.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from schemas.events import LifecycleEvent
from schemas.metrics import Meters
from schemas.record import Record, partition_of
from schemas.settings import Enterprise, Kafka, Root
from schemas.topics import QUALITY

from .cloud import Cloud, OnlineMeeting, PushWatch
from .kept_going import Work, beside, minded
from .log import LogReader, SqliteLog
from .log.threaded import open_in_thread
from .quality.source import QualitySource
from .quality.thresholds import ThresholdSource
from .subscriber.discovery import Discovery
from .subscriber.feed import follow_log, lifecycle_events
from .subscriber.heard import Heard
from .subscriber.notes import MARKS
from .subscriber.ownership import HeldOpen
from .subscriber.ownership_group import GroupOwnership
from .subscriber.ownership_look import look_up
from .subscriber.owning import MARK, Owning, noted
from .subscriber.standing import Noted
from .subscriber.supervisor import Supervisor


class Listening:
    """What listens; made by `listening`."""

    def __init__(self, root: Root, meters: Meters, log: SqliteLog, clouds: dict[str, Cloud], partitions: int) -> None:
        self._clouds = clouds
        self._partitions = partitions
        self._unconfirmed = meters.gauge("meetwire_ownership_unconfirmed_seconds")
        self._recovered = asyncio.Event()
        settings = root.subscriber
        self.supervisor = Supervisor(
            clouds,
            settings,
            log,
            receiver=log.id,
            partitions=partitions,
            meters=meters,
            look_again=lambda enterprise: self._discoveries[enterprise].hurry(),
            is_tight=lambda: log.is_tight,
        )
        self.owning = Owning(
            self.supervisor,
            log,
            receiver=log.id,
            look_up=_looker(root.kafka),
            came=self._look_again,
            # Without Kafka there is nobody else.
            stands_s=settings.stands_s if root.kafka else float("inf"),
        )
        self._discoveries = {
            name: Discovery(cloud, listed=self._listed(name), pause=lambda: asyncio.sleep(settings.discover_every_s))
            for name, cloud in clouds.items()
        }
        self._watches = {
            enterprise.name: PushWatch(
                enterprise=enterprise.name,
                subscriber_id=enterprise.subscriber_id,
                status=clouds[enterprise.name].push_status,
                meters=meters,
                now=_now,
                sleep=asyncio.sleep,
            )
            for enterprise in root.enterprises
            if enterprise.name in clouds and enterprise.subscriber_id is not None and enterprise.callback_passwords
        }
        self._qualities = {
            name: QualitySource(
                cloud,
                log,
                enterprise=name,
                settings=settings,
                partitions=partitions,
                meters=meters,
                owned=self._is_ours,
                share=lambda: len(self.owning.share) / partitions,
                is_tight=lambda: log.is_tight,
            )
            for name, cloud in clouds.items()
        }
        self._thresholds = [
            ThresholdSource(
                cloud,
                log,
                enterprise=name,
                settings=settings,
                partitions=partitions,
                owned=self._is_ours,
                is_tight=lambda: log.is_tight,
            )
            for name, cloud in clouds.items()
        ]

    def replace_keys(self, enterprises: Sequence[Enterprise]) -> None:
        """Take other App Keys, from the next authentication on."""
        for enterprise in enterprises:
            if enterprise.app is not None and enterprise.name in self._clouds:
                self._clouds[enterprise.name].replace_keys(enterprise.app.keys)

    def told(self, events: Sequence[LifecycleEvent]) -> None:
        """Take lifecycle events, of this receiver's log or of another's."""
        self.supervisor.lifecycle(events)
        for event in events:
            if (watch := self._watches.get(event.enterprise)) is not None:
                watch.pushed(event.meeting_id)

    def appended(self, records: Sequence[Record]) -> None:
        """Take what was appended to this receiver's log."""
        for record in records:
            # With an epoch it came from a socket.
            if record.topic == QUALITY and record.epoch is not None and record.enterprise in self._qualities:
                self._qualities[record.enterprise].pushed(record.key)
        events = lifecycle_events(records)
        if events:
            self.told(events)

    def observe(self) -> None:
        """Set the gauges; called when metrics are read."""
        self._unconfirmed.set(self.owning.unconfirmed_s if self.owning.share else 0.0)

    async def recover(self, log: SqliteLog, seen_until: datetime | None) -> None:
        """Tell what an earlier process left open, however long the log takes nothing."""
        # Read anew where this is begun anew: what was told by then is noted as told.
        marks = await log.run(lambda file: file.marks(MARKS))
        await self.supervisor.recover(marks, seen_until=seen_until)
        self._recovered.set()

    async def recovered(self) -> None:
        """Return once all of that is told."""
        await self._recovered.wait()

    def after_recovery(self, work: Work) -> Work:
        """Return work that begins once all of that is told."""

        async def waiting() -> None:
            await self.recovered()
            await work()

        return waiting

    def work(self) -> list[Work]:
        """Return what goes on all the time beside the supervisor."""
        return [
            *(discovery.run for discovery in self._discoveries.values()),
            *(watch.run for watch in self._watches.values()),
            *(quality.run for quality in self._qualities.values()),
            *(thresholds.run for thresholds in self._thresholds),
        ]

    def _is_ours(self, key: str) -> bool:
        return partition_of(key, self._partitions) in self.owning.share

    def _look_again(self) -> None:
        for discovery in self._discoveries.values():
            discovery.hurry()

    def _listed(self, enterprise: str) -> Callable[[Sequence[OnlineMeeting]], object]:
        heard = Heard(self._partitions)

        def listed(meetings: Sequence[OnlineMeeting]) -> None:
            self.supervisor.listed(enterprise, meetings)
            if (watch := self._watches.get(enterprise)) is not None:
                watch.listed(heard.expected(meetings, self.owning.share))

        return listed


@contextlib.asynccontextmanager
async def listening(
    root: Root, meters: Meters, log: SqliteLog, folder: Path, *, partitions: int
) -> AsyncIterator[Listening | None]:
    """Listen within this block; yield None where the settings have nothing to listen with. Raises OSError."""
    apps = {enterprise.name: enterprise.app for enterprise in root.enterprises if enterprise.app is not None}
    if not apps or not root.subscriber.enabled:
        yield None
        return
    async with contextlib.AsyncExitStack() as stack:
        clouds = {
            name: await stack.enter_async_context(Cloud.opened(app, enterprise=name, meters=meters))
            for name, app in apps.items()
        }
        reader = await open_in_thread(partial(LogReader, folder))
        stack.callback(reader.close)
        parts = Listening(root, meters, log, clouds, partitions)
        # What is pushed from now on is written later than what the earlier process saw.
        recovering = partial(parts.recover, log, await _last_written(log))
        following = partial(follow_log, log, reader, parts.appended)
        listens = [*parts.work(), *await _owned(parts, root, log, partitions)]
        await stack.enter_async_context(beside(following, recovering, *map(parts.after_recovery, listens)))
        await stack.enter_async_context(_supervised(parts.supervisor))
        yield parts


async def _last_written(log: SqliteLog) -> datetime | None:
    written_ms = await log.run(lambda file: file.last_written())
    return None if written_ms is None else datetime.fromtimestamp(written_ms / 1_000, UTC)


async def _owned(parts: Listening, root: Root, log: SqliteLog, partitions: int) -> list[Work]:
    """Return the work that follows the group; without Kafka there is none, and all is ours."""
    if root.kafka is None:
        parts.owning.assigned(frozenset(range(partitions)))
        return [lambda: parts.owning.run(Noted())]
    last = noted(await log.run(lambda file: file.marks(MARK)))
    owning = parts.owning
    group = GroupOwnership(root.kafka, assigned=owning.assigned, told=parts.told, confirmed=owning.confirmed)
    return [lambda: owning.run(last), owning.watch, group.run]


@contextlib.asynccontextmanager
async def _supervised(supervisor: Supervisor) -> AsyncIterator[None]:
    task = asyncio.create_task(minded(supervisor.run()))
    try:
        yield
    finally:
        supervisor.stop()
        await asyncio.gather(task, return_exceptions=True)


def _looker(kafka: Kafka | None) -> Callable[[Collection[int]], Coroutine[Any, Any, list[HeldOpen]]]:
    async def look(partitions: Collection[int]) -> list[HeldOpen]:
        return [] if kafka is None else await look_up(kafka, partitions, _now())

    return look


def _now() -> datetime:
    return datetime.now(UTC)
