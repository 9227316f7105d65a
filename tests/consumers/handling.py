"""A handler and a sink that keep lists, a consumer made of them, and its run through a whole log."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import structlog

from consumers.dead_letters import DeadLetters
from consumers.handler import Received
from consumers.limit import Limit
from consumers.runtime import Consumer
from consumers.sources import Source
from deploy.meters import PrometheusMeters
from schemas.ids import Position
from schemas.record import Record

from .clock import Clock
from .reading_log import local, place
from .reads import PATIENCE_S, reading
from .writing import LogWriter

Act = Callable[[Sequence[Received]], Any]


class ListHandler:
    """Keeps what it is given; `act` is done first, with each batch, and may be a coroutine or raise."""

    def __init__(self, act: Act | None = None, *, takes_unknown: bool = False) -> None:
        self.batches: list[list[Received]] = []
        self.closed = 0
        self.takes_unknown = takes_unknown
        self._act = act

    async def handle(self, batch: Sequence[Received]) -> None:
        """Keep a batch."""
        if self._act is not None and asyncio.iscoroutine(done := self._act(batch)):
            await done
        self.batches.append(list(batch))

    async def close(self) -> None:
        """Count it."""
        self.closed += 1

    @property
    def positions(self) -> list[int]:
        """Where the kept records stand."""
        return [one.stored.position for batch in self.batches for one in batch]


class ListSink:
    """Keeps what is published to it, or cannot."""

    def __init__(self, *, broken: bool = False) -> None:
        self.records: list[Record] = []
        self._broken = broken

    def mended(self) -> None:
        """Be able to from now on."""
        self._broken = False

    async def publish(self, records: Sequence[Record]) -> None:
        """Keep records."""
        if self._broken:
            raise OSError("the disk is full")
        self.records += records


def dead_letters(sink: ListSink, *, limit: Limit | None = None, meters: PrometheusMeters | None = None) -> DeadLetters:
    """Return the dead letters of the consumer `test`, by clocks that stand."""
    return DeadLetters(
        "test",
        sink,
        meters=meters or PrometheusMeters(),
        logger=structlog.get_logger(),
        limit=limit,
        now=Clock(),
        monotonic=lambda: 0.0,
    )


def consumer(
    source: Source,
    handler: ListHandler,
    sink: ListSink | None = None,
    *,
    meters: PrometheusMeters | None = None,
    limit: Limit | None = None,
    drain_s: float = 20.0,
) -> Consumer:
    """Return the consumer `test`."""
    meters = meters or PrometheusMeters()
    return Consumer(
        "test",
        source,
        handler,
        dead_letters(sink or ListSink(), limit=limit, meters=meters),
        meters=meters,
        logger=structlog.get_logger(),
        drain_s=drain_s,
        monotonic=lambda: 0.0,
    )


async def consume(writer: LogWriter, handler: ListHandler, sink: ListSink | None = None, **options: object) -> int:
    """Run a consumer until it has passed the whole log, or fails; return the group's place then."""
    stop = asyncio.Event()

    async def nothing_more(_: Position) -> None:
        stop.set()
        await asyncio.Event().wait()

    async with asyncio.timeout(PATIENCE_S), local(writer.folder, reading(group="g"), news=nothing_more) as source:
        try:
            await consumer(source, handler, sink, **options).run(stop)  # type: ignore[arg-type]  # a test's own
        finally:
            reached = (await asyncio.to_thread(place, writer)).position
    return reached
