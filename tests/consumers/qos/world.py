"""Quality alerts over a local log that a test writes: records in, decisions and what is told out."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Self

import msgspec
import structlog

from consumers.qos.engine.state import Input
from consumers.qos.leading import Leading
from consumers.qos.publishing import Telling
from consumers.qos.running import Tools
from consumers.qos.service import Parts, serve_alerts
from consumers.sources.local import LocalSource
from deploy.meters import PrometheusMeters
from schemas.events import (
    AlertChanged,
    Event,
    MeetingEnded,
    QualitySampled,
    ReceiverAlive,
    RosterReplaced,
    encode,
)
from schemas.ports import Sink
from schemas.record import Record, partition_of, traceparent
from schemas.rules import QosRules
from schemas.settings import Qos
from schemas.topics import ALERTS, LIFECYCLE, PARTICIPANTS, QUALITY, STATE
from tests.consumers.writing import LogWriter

from .engine.told import at

PATIENCE_S = 60.0
_TOPICS: dict[type[Event], str] = {QualitySampled: QUALITY, MeetingEnded: LIFECYCLE, RosterReplaced: PARTICIPANTS}


def recorded(one: Input, *, partitions: int = 1) -> Record:
    """Return the record that a receiver would have written."""
    event = one.event
    key = event.receiver if isinstance(event, ReceiverAlive) else getattr(event, "meeting_id", "")
    partition = event.partition if isinstance(event, ReceiverAlive) else partition_of(key, partitions)
    return Record(
        topic=_TOPICS.get(type(event), STATE),
        partition=partition,
        key=key,
        id=one.id,
        type=type(event).__name__,
        enterprise="acme",
        occurred_at=at(0),
        received_ms=one.received_ms,
        trace=traceparent(one.id, None),
        value=encode(event),
    )


class LogWriterSink:
    """Appends to the test's log; implements Sink. While `broken` it refuses."""

    def __init__(self, writer: LogWriter) -> None:
        self._writer, self.broken, self.refused = writer, False, 0
        self.turn = asyncio.Lock()
        self.published = asyncio.Condition()
        self.records: list[Record] = []

    async def publish(self, records: Sequence[Record]) -> None:
        """Append all."""
        if self.broken:
            self.refused += 1
            raise OSError("no room")
        async with self.turn:
            await asyncio.to_thread(self._writer.append, *records)
        async with self.published:
            self.records += records
            self.published.notify_all()

    async def until(self, count: int) -> list[AlertChanged]:
        """Return what was published, once it is so many."""
        async with asyncio.timeout(PATIENCE_S), self.published:
            await self.published.wait_for(lambda: len(self.records) >= count)
        return told(self.records)


class Listener:
    """Keeps what it is told; implements Telling, as an outbox with a list for a file. `broken`, it takes nothing."""

    def __init__(self) -> None:
        self.broken = False
        self.added: dict[str, Record] = {}
        self.seen: list[str] = []
        self.leads: list[bool] = []
        self.doubts: list[bool] = []

    async def add(self, records: Sequence[Record]) -> None:
        """Take decisions."""
        if self.broken:
            raise OSError("no room")
        self.added |= {record.id: record for record in records}

    async def take(self, records: Sequence[Record]) -> None:
        """Take what is on the topic."""
        self.seen += [record.id for record in records]

    def lead(self, leading: bool) -> None:
        """Note it."""
        self.leads.append(leading)

    def doubt(self, doubtful: bool) -> None:
        """Note when that changes."""
        if doubtful != (self.doubts[-1] if self.doubts else False):
            self.doubts.append(doubtful)

    def sound(self) -> None:
        """Raise once it is broken."""
        if self.broken:
            raise OSError("no room")

    def standing(self) -> Sequence[AlertChanged]:
        """Return what stands by what was added."""
        newest = {one.alert_id: one for one in told(self.added.values())}
        return [one for one in newest.values() if one.change != "resolved"]


class Chosen:
    """Leads when the test says so; implements Leading."""

    def __init__(self, leads: bool = True) -> None:
        self.leads, self.certain = leads, False


class World:
    """One log, one folder for the state; processes come and go."""

    def __init__(self, writer: LogWriter, folder: Path, rules: QosRules, **settings: float) -> None:
        self.writer, self.rules = writer, rules
        self.settings = Qos(state_folder=str(folder), **settings)  # type: ignore[arg-type]  # as each test says
        self.sink, self.listener, self.leading = LogWriterSink(writer), Listener(), Chosen()
        self.meters = PrometheusMeters()
        self.now, self.second = at(0), 0.0
        self._run: asyncio.Task[None] | None = None

    async def append(self, inputs: Iterable[Input]) -> None:
        """Append their records, a commit each."""
        for one in inputs:
            async with self.sink.turn:
                await asyncio.to_thread(self.writer.append, recorded(one))

    async def until_counted(self, name: str, value: float) -> None:
        """Return once a gauge is at `value`, a counter there or beyond; the process looks each second of its clock."""
        async with asyncio.timeout(PATIENCE_S):
            while not _is_at(name, await asyncio.to_thread(self.meters.value, name), value):
                self.second += 1.0

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Self]:
        """Run within this block, then stop as SIGTERM does."""
        stop, begun = asyncio.Event(), asyncio.Event()
        tools = Tools(meters=self.meters, logger=structlog.get_logger(), now=self._now, monotonic=lambda: self.second)
        task = self._run = asyncio.create_task(
            serve_alerts(self.settings, self.rules, self.parts(), stop, tools=tools, begun=begun.set)
        )
        beginning = asyncio.create_task(begun.wait())
        await asyncio.wait((task, beginning), return_when=asyncio.FIRST_COMPLETED)
        beginning.cancel()
        try:
            yield self
        finally:
            stop.set()
            await task

    async def run_to_its_end(self) -> None:
        """Run, and raise what that ends with."""
        async with self.running():
            assert self._run is not None
            await asyncio.wait((self._run,), timeout=PATIENCE_S)

    async def until(self, so: Callable[[], bool], *, pause_s: float = 0.01, step_s: float = 1.0) -> None:
        """Return once something is so; with each pause so much of the process's clock goes by."""
        async with asyncio.timeout(PATIENCE_S):
            while not so():
                self.second += step_s
                await asyncio.sleep(pause_s)

    def has_ended(self) -> bool:
        """Say whether the run has ended by itself."""
        return self._run is not None and self._run.done()

    def parts(self) -> Parts:
        """Return what a process of this world runs on."""
        return Parts(
            sources=lambda reading: LocalSource(
                self.writer.folder, reading, meters=self.meters, logger=structlog.get_logger(), now=self._now
            ),
            sink=lambda: contextlib.nullcontext(self._sink()),
            leading=lambda: contextlib.nullcontext(self._leading()),
            telling=lambda sink: contextlib.nullcontext(self._telling()),
            partitions=1,
            one_sequence=True,
        )

    def _sink(self) -> Sink:
        return self.sink

    def _leading(self) -> Leading:
        return self.leading

    def _telling(self) -> Telling:
        return self.listener

    def _now(self) -> datetime:
        return self.now


def told(records: Iterable[Record]) -> list[AlertChanged]:
    """Return the decisions among records."""
    return [msgspec.json.decode(one.value, type=AlertChanged) for one in records if one.topic == ALERTS]


def gist(events: Iterable[AlertChanged]) -> list[tuple[str, str, float]]:
    """Return what changed, where, and when in seconds from the start."""
    return [(one.change, one.place, (one.occurred_at - at(0)).total_seconds()) for one in events]


def _is_at(name: str, found: float | None, value: float) -> bool:
    return found is not None and (found >= value if name.endswith("_total") else found == value)
