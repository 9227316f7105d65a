"""What a consumer cannot take is set aside, and where that is too much, it stops."""

from __future__ import annotations

import base64
from collections.abc import Sequence

import pytest
import structlog
from structlog.testing import capture_logs

from consumers.dead_letters import DeadLetters
from consumers.errors import InvalidRecord, SinkUnavailable, TooManyDeadLetters
from consumers.handler import Received
from consumers.letter import Dead, letter
from consumers.limit import Limit
from consumers.sources import Foreign
from deploy.meters import PrometheusMeters
from schemas.events import RecordDeadLettered, decode, encode
from schemas.ids import Position
from schemas.record import Record, Stored, content_id, traceparent
from schemas.topics import LIFECYCLE, MAX_VALUE_BYTES, UNRECOGNISED

from .handling import ListHandler, ListSink, consume, dead_letters
from .metering import counted
from .reading_log import place
from .reads import stored
from .records import LOG, NOON, numbered, record, started
from .writing import LogWriter

UNREADABLE = record(started(), value=b'{"type":"MeetingStarted","enterprise":5}')


def test_they_are_counted_from_nought() -> None:
    """Prometheus sees no increase from nothing to 1, and would not alarm on the first."""
    meters = PrometheusMeters()

    DeadLetters("captions", ListSink(), meters=meters, logger=structlog.get_logger())

    for reason in ("handler_refused", "undecodable"):
        line = f'meetwire_consumer_dead_letters_total{{consumer="captions",reason="{reason}"}} 0.0'
        assert line.encode() in meters.exposition()


async def test_what_cannot_be_decoded_becomes_a_dead_letter(writer: LogWriter) -> None:
    """The rest goes on; the letter says which it was, why, and what it was."""
    writer.append(numbered(1)[0], UNREADABLE, *numbered(1, first=3))
    handler, sink, meters = ListHandler(), ListSink(), PrometheusMeters()

    with capture_logs() as lines:
        reached = await consume(writer, handler, sink, meters=meters)

    event = RecordDeadLettered(
        consumer="test",
        reason="undecodable",
        topic=LIFECYCLE,
        partition=0,
        log=LOG,
        position=2,
        event_id=UNREADABLE.id,
        failed_at=NOON,
        value_base64="eyJ0eXBlIjoiTWVldGluZ1N0YXJ0ZWQiLCJlbnRlcnByaXNlIjo1fQ==",
    )
    letter = Record(
        topic=UNRECOGNISED,
        partition=0,
        key="m-1",
        id=content_id("dead letter", "test", LIFECYCLE, 0, LOG, 2),
        type="RecordDeadLettered",
        enterprise="acme",
        occurred_at=NOON,
        received_ms=int(NOON.timestamp() * 1_000),
        trace=UNREADABLE.trace,
        value=encode(event),
    )
    assert (handler.positions, sink.records, reached) == ([1, 3], [letter], 4)
    assert await counted(meters, "dead_letters", reason="undecodable") == 1
    assert lines[1] == {
        "event": "record.dead_lettered",
        "log_level": "warning",
        "consumer": "test",
        "reason": "undecodable",
        "record": f"meeting.lifecycle.v1/0 position 2 of {LOG}",
        "place": "$.enterprise",
    }


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\x80\x81", id="no JSON"),
        pytest.param(b'{"type":"MeetingStarted","enterprise":"\xff"}', id="no UTF-8"),
        pytest.param(b'{"type":"MeetingStarted","original":' + b"[" * 100_000, id="too deep"),
    ],
)
async def test_no_bytes_whatever_end_the_consumer(writer: LogWriter, value: bytes) -> None:
    """They are set aside as they are, and the rest goes on."""
    writer.append(numbered(1)[0], record(started(), value=value), *numbered(1, first=3))
    handler, sink = ListHandler(), ListSink()

    await consume(writer, handler, sink)

    (event,) = (decode(letter.value) for letter in sink.records)
    assert isinstance(event, RecordDeadLettered)
    assert (handler.positions, base64.b64decode(event.value_base64 or "")) == ([1, 3], value)


async def test_what_a_handler_refuses_becomes_a_dead_letter(writer: LogWriter) -> None:
    """The batch is handed over again without it, and nothing of it is lost."""
    writer.append(*numbered(3))
    tried: list[list[int]] = []

    def refuse(batch: Sequence[Received]) -> None:
        tried.append([one.stored.position for one in batch])
        for one in batch:
            if one.stored.position in (1, 3):
                raise InvalidRecord(one.stored)

    handler, sink = ListHandler(refuse), ListSink()
    reached = await consume(writer, handler, sink)

    letters = [decode(one.value) for one in sink.records]
    assert tried == [[1, 2, 3], [2, 3], [2]]
    assert (handler.positions, reached) == ([2], 4)
    assert [(one.reason, one.position) for one in letters if isinstance(one, RecordDeadLettered)] == [
        ("handler_refused", 1),
        ("handler_refused", 3),
    ]


async def test_a_batch_of_which_everything_is_refused_is_committed(writer: LogWriter) -> None:
    """There is nothing left to hand over."""
    writer.append(*numbered(1))

    def refuse(batch: Sequence[Received]) -> None:
        raise InvalidRecord(batch[0].stored)

    assert await consume(writer, ListHandler(refuse)) == 2


async def test_a_refusal_of_another_batchs_record_is_the_handlers_fault(writer: LogWriter) -> None:
    """To hand over the same batch again and again would be one's own."""
    writer.append(*numbered(1))

    def refuse(_: Sequence[Received]) -> None:
        raise InvalidRecord(Stored(LOG, Position(99), numbered(1)[0]))

    with pytest.raises(InvalidRecord, match=f"<Record MeetingStarted .*> at 99 of {LOG}"):
        await consume(writer, ListHandler(refuse))


async def test_too_many_dead_letters_end_the_consumer(writer: LogWriter) -> None:
    """A version that can read nothing must not empty a topic into its dead letters: the fault is its own."""
    writer.append(*numbered(6), *[UNREADABLE] * 4)
    sink = ListSink()

    with pytest.raises(
        TooManyDeadLetters, match=r"4 of the last 10 records cannot be taken, the last at .* position 10"
    ):
        await consume(writer, ListHandler(), sink, limit=Limit(count=3, ratio=0.3))

    assert sink.records == []
    assert place(writer).position == 1


@pytest.mark.parametrize("limit", [Limit(count=4, ratio=0.0), Limit(count=0, ratio=0.4)], ids=["few", "of many"])
async def test_dead_letters_within_the_limit_go_on(writer: LogWriter, limit: Limit) -> None:
    """Few are an accident, and so is a small part of many."""
    writer.append(*numbered(6), *[UNREADABLE] * 4)
    sink = ListSink()

    assert await consume(writer, ListHandler(), sink, limit=limit) == 11
    assert len(sink.records) == 4


async def test_dead_letters_that_cannot_be_published_end_the_consumer(writer: LogWriter) -> None:
    """Nothing is committed that is neither handled nor set aside."""
    writer.append(UNREADABLE)

    with pytest.raises(SinkUnavailable, match="dead letters cannot be published: the disk is full"):
        await consume(writer, ListHandler(), ListSink(broken=True))

    assert place(writer).position == 1


async def test_a_dead_letter_has_no_dead_letter(writer: LogWriter) -> None:
    """Its topic is where it would go: its reader would read it, and set it aside, without end."""
    writer.append(record(started(), topic=UNRECOGNISED, value=b"{}"))
    sink, meters = ListSink(), PrometheusMeters()

    assert await consume(writer, ListHandler(), sink, meters=meters) == 2
    assert sink.records == []
    assert await counted(meters, "dead_letters", reason="undecodable") == 1


async def test_what_is_not_ours_becomes_a_dead_letter() -> None:
    """With Kafka's offset for a place, and without what our headers would have told."""
    sink = ListSink()
    foreign = Foreign(topic=LIFECYCLE, partition=2, offset=7, key=b"\xffwho", value=b"hello", header="ce_type")

    with capture_logs() as lines:
        await dead_letters(sink).set_aside([Dead(foreign, "undecodable", foreign.header)], of=1)

    letter_id = content_id("dead letter", "test", LIFECYCLE, 2, None, 7)
    event = RecordDeadLettered(
        consumer="test",
        reason="undecodable",
        topic=LIFECYCLE,
        partition=2,
        log=None,
        position=7,
        event_id=None,
        failed_at=NOON,
        value_base64="aGVsbG8=",
    )
    assert sink.records == [
        Record(
            topic=UNRECOGNISED,
            partition=2,
            key="\ufffdwho",
            id=letter_id,
            type="RecordDeadLettered",
            enterprise="unknown",
            occurred_at=NOON,
            received_ms=int(NOON.timestamp() * 1_000),
            trace=traceparent(letter_id, None),
            value=encode(event),
        )
    ]
    assert lines == [
        {
            "event": "record.dead_lettered",
            "log_level": "warning",
            "consumer": "test",
            "reason": "undecodable",
            "record": "meeting.lifecycle.v1/2 offset 7",
            "place": "ce_type",
        }
    ]


@pytest.mark.parametrize(("size", "kept"), [(500_000, True), (700_000, False)], ids=["fits", "too large"])
def test_a_dead_letter_stays_below_kafkas_limit(size: int, kept: bool) -> None:
    """Base64 makes a value a third larger; one that no longer fits stands in its own topic alone."""
    (large,) = stored(record(started(), value=b"x" * size))

    made = letter("test", Dead(large, "undecodable", "$"), NOON)

    event = decode(made.value)
    assert isinstance(event, RecordDeadLettered)
    assert (event.value_base64 is not None) == kept
    assert len(made.value) <= MAX_VALUE_BYTES
