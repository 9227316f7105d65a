"""The runtime: what is committed was handled, and a stop finishes what is in hand."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
import structlog
from structlog.testing import capture_logs

from consumers.decoding import undecoded
from consumers.errors import SinkUnavailable
from consumers.handler import Received
from consumers.runtime import Consumer
from deploy.meters import PrometheusMeters
from schemas.events import decode
from schemas.ids import Position
from schemas.record import Record, Stored
from schemas.topics import LIFECYCLE

from .handling import ListHandler, ListSink, consume, consumer, dead_letters
from .metering import counted
from .reading_log import local, place
from .reads import PATIENCE_S, reading, stored
from .records import LOG, NOON, numbered, record, started
from .writing import LogWriter

NEWER = Record(
    topic=LIFECYCLE,
    partition=0,
    key="m-1",
    id="e-1",
    type="MeetingPaused",
    enterprise="acme",
    occurred_at=NOON,
    received_ms=0,
    trace="",
    value=b'{"type":"MeetingPaused"}',
)


async def test_records_are_handed_over_as_events_and_committed(writer: LogWriter) -> None:
    """A handler has each record, with its place and its event."""
    writer.append(*numbered(3))
    handler, meters = ListHandler(), PrometheusMeters()

    reached = await consume(writer, handler, meters=meters)

    handed = [[Received(one, decode(one.record.value)) for one in stored(*numbered(3))]]
    assert (handler.batches, handler.closed, reached) == (handed, 1, 4)
    assert await counted(meters, "records") == 3


async def test_a_handlers_error_commits_nothing_and_ends_the_consumer(writer: LogWriter) -> None:
    """Whatever it is, it comes out; and the batch comes again."""
    writer.append(*numbered(3))

    def fail(_: Sequence[Received]) -> None:
        raise SinkUnavailable("the archive's disk is full")

    handler = ListHandler(fail)
    with capture_logs() as lines, pytest.raises(SinkUnavailable, match="the archive's disk is full"):
        await consume(writer, handler)

    assert handler.closed == 1
    assert place(writer).position == 1
    assert lines == [
        {"event": "consumer.started", "log_level": "info", "consumer": "test"},
        {"event": "consumer.stopped", "log_level": "error", "consumer": "test", "reason": "SinkUnavailable"},
    ]


async def test_a_type_of_a_newer_version_is_skipped_and_said_once(writer: LogWriter) -> None:
    """While a cluster is updated, receivers may be newer than consumers."""
    writer.append(NEWER, *numbered(1), NEWER)
    handler, sink, meters = ListHandler(), ListSink(), PrometheusMeters()

    with capture_logs() as lines:
        reached = await consume(writer, handler, sink, meters=meters)

    assert (handler.positions, sink.records, reached) == ([2], [], 4)
    assert await counted(meters, "skipped") == 2
    assert lines[1:-1] == [
        {
            "event": "record.skipped",
            "log_level": "warning",
            "consumer": "test",
            "type": "MeetingPaused",
            "hint": "this version does not know the type; update the consumer",
        }
    ]


async def test_a_handler_may_take_what_it_does_not_know(writer: LogWriter) -> None:
    """An archive keeps every record, also of a type that came after it."""
    writer.append(NEWER)
    handler = ListHandler(takes_unknown=True)

    await consume(writer, handler)

    assert handler.batches == [[Received(Stored(LOG, Position(1), NEWER), None)]]


async def test_what_a_handler_holds_is_not_committed(writer: LogWriter) -> None:
    """It is asked after each batch, and hears how far behind the source is."""
    writer.append(*numbered(5))
    stop, lags = asyncio.Event(), list[int]()

    async def nothing_more(_: Position) -> None:
        stop.set()
        await asyncio.Event().wait()

    async with local(writer.folder, reading(group="g"), news=nothing_more) as source:
        await Consumer(
            "test",
            source,
            ListHandler(),
            dead_letters(ListSink()),
            meters=PrometheusMeters(),
            logger=structlog.get_logger(),
            batch=2,
            held=lambda: {(LIFECYCLE, 0): 3},
            looked=lambda lag: lags.append(lag.records),
        ).run(stop)

    assert (place(writer).position, lags) == (3, [3])


async def test_an_archive_has_records_undecoded(writer: LogWriter) -> None:
    """What nobody can read is none of its dead letters."""
    broken = record(started(), value=b"\xff")
    writer.append(broken, *numbered(1))
    handler, sink = ListHandler(takes_unknown=True), ListSink()
    stop = asyncio.Event()

    async def nothing_more(_: Position) -> None:
        stop.set()
        await asyncio.Event().wait()

    async with local(writer.folder, reading(group="g"), news=nothing_more) as source:
        await Consumer(
            "test",
            source,
            handler,
            dead_letters(sink),
            meters=PrometheusMeters(),
            logger=structlog.get_logger(),
            decoding=undecoded,
        ).run(stop)

    assert handler.batches == [[Received(one, None) for one in stored(broken, *numbered(1))]]
    assert sink.records == []


async def test_a_stop_finishes_the_batch_in_hand(writer: LogWriter) -> None:
    """SIGTERM in the middle of a batch repeats nothing later."""
    writer.append(*numbered(2))
    stop, release = asyncio.Event(), asyncio.Event()

    async def work(_: Sequence[Received]) -> None:
        stop.set()
        asyncio.get_running_loop().call_soon(release.set)
        await release.wait()

    handler = ListHandler(work)
    with capture_logs() as lines:
        async with local(writer.folder, reading(group="g")) as source:
            await consumer(source, handler).run(stop)

    assert (handler.positions, handler.closed, place(writer).position) == ([1, 2], 1, 3)
    assert lines[-1] == {"event": "consumer.stopped", "log_level": "info", "consumer": "test", "drained": True}


async def test_a_stop_does_not_wait_for_a_handler_that_hangs(writer: LogWriter) -> None:
    """A supervisor's patience is finite; what was in hand comes again."""
    writer.append(*numbered(1))
    stop = asyncio.Event()

    async def hang(_: Sequence[Received]) -> None:
        stop.set()
        await asyncio.Event().wait()

    handler = ListHandler(hang)
    with capture_logs() as lines:
        async with local(writer.folder, reading(group="g")) as source:
            await consumer(source, handler, drain_s=0.01).run(stop)

    assert (handler.batches, handler.closed, place(writer).position) == ([], 1, 1)
    assert lines[-1] == {"event": "consumer.stopped", "log_level": "info", "consumer": "test", "drained": False}


async def test_a_stop_does_not_wait_for_news(writer: LogWriter) -> None:
    """A consumer at the end of the log ends at once."""
    stop = asyncio.Event()

    async def news(_: Position) -> None:
        stop.set()
        await asyncio.Event().wait()

    async with asyncio.timeout(PATIENCE_S), local(writer.folder, reading(), news=news) as source:
        await consumer(source, ListHandler()).run(stop)


async def test_how_far_behind_it_is_is_measured(writer: LogWriter) -> None:
    """An alert on lag is the first that an operator sets."""
    writer.append(*numbered(501))
    writer.append(*numbered(10))
    meters = PrometheusMeters()

    await consume(writer, ListHandler(), meters=meters)

    assert await asyncio.to_thread(meters.value, "meetwire_consumer_lag_records", consumer="test") == 11
