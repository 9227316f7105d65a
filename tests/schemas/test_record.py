"""A record goes to Kafka and comes back the same; ids, partitions and traces are derived and never change."""

from datetime import UTC, datetime
from typing import Any

import pytest
from aiokafka.partitioner import murmur2
from hypothesis import given
from hypothesis import strategies as st

from deploy.contract.headers import HEADERS
from deploy.contract.samples import samples
from schemas.ids import LogId, Position
from schemas.record import Header, Record, Stored, Unrecordable, content_id, from_kafka, partition_of, traceparent
from schemas.topics import LIFECYCLE

LOG = LogId("0f1e2d3c4b5a69788796a5b4c3d2e1f0")
RECORD = Record(
    topic=LIFECYCLE,
    partition=11,
    key="900000001",
    id="85ca173a846a0117aeb66336d13695e4-0",
    type="MeetingStarted",
    enterprise="acme",
    occurred_at=datetime(2026, 3, 2, 1, 0, 0, 351_000, tzinfo=UTC),
    received_ms=1_772_413_200_763,
    trace="00-85ca173a846a0117aeb66336d13695e4-aeb66336d13695e4-01",
    value=b'{"marker":"person"}',
    epoch=3,
)
HEADERS_OF_RECORD: list[Header] = [
    ("ce_specversion", b"1.0"),
    ("content-type", b"application/json"),
    ("ce_type", b"meetwire.MeetingStarted.v1"),
    ("ce_source", b"urn:meetwire:acme"),
    ("ce_id", b"85ca173a846a0117aeb66336d13695e4-0"),
    ("ce_time", b"2026-03-02T01:00:00.351000Z"),
    ("ce_subject", b"900000001"),
    ("traceparent", b"00-85ca173a846a0117aeb66336d13695e4-aeb66336d13695e4-01"),
    ("mw_log", b"0f1e2d3c4b5a69788796a5b4c3d2e1f0"),
    ("mw_position", b"44"),
    ("mw_epoch", b"3"),
]


def received(record: Record, headers: list[Any], **changed: Any) -> Stored:
    """Return what a reader makes of a record that Kafka hands over with `headers`."""
    message = {
        "topic": record.topic,
        "partition": record.partition,
        "timestamp_ms": record.received_ms,
        "key": record.key.encode(),
        "value": record.value,
    }
    return from_kafka(**{**message, **changed}, headers=headers)


def test_headers_are_cloud_events_and_ours() -> None:
    """Every header, in its order; all of them are described in the contract."""
    assert RECORD.headers(LOG, Position(44)) == HEADERS_OF_RECORD
    assert [name for name, _ in HEADERS_OF_RECORD] == list(HEADERS)


words = st.text(st.characters(codec="utf-8"), max_size=40)
records = st.builds(
    Record,
    topic=st.just(LIFECYCLE),
    partition=st.integers(0, 1023),
    key=words,
    id=words,
    type=st.from_regex(r"[A-Z][A-Za-z]{0,30}", fullmatch=True),
    enterprise=st.from_regex(r"[a-z0-9][a-z0-9._-]{0,62}", fullmatch=True),
    occurred_at=st.datetimes(timezones=st.just(UTC)),
    received_ms=st.integers(0, 10**13),
    trace=words,
    value=st.binary(max_size=40),
    epoch=st.none() | st.integers(0, 2**40),
)


@given(records, st.integers(1, 2**62))
def test_a_record_comes_back_from_kafka_the_same(record: Record, position: int) -> None:
    """Whatever is in it, headers and message hold all of a record and of its place."""
    stored = Stored(LOG, Position(position), record)

    assert received(record, record.headers(LOG, Position(position))) == stored


def test_a_message_without_key_and_value_is_a_record_without_them() -> None:
    """Kafka's null is our empty."""
    stored = received(RECORD, HEADERS_OF_RECORD, key=None, value=None)

    assert (stored.record.key, stored.record.value) == ("", b"")


@pytest.mark.parametrize("name", ["ce_type", "ce_source", "ce_id", "ce_time", "traceparent", "mw_log", "mw_position"])
@pytest.mark.parametrize("replacement", [[], [None]], ids=["absent", "null"])
def test_a_message_without_one_of_our_headers_is_not_ours(name: str, replacement: list[None]) -> None:
    """Somebody else's message is refused with the header's name, never with another error."""
    headers = [header for header in HEADERS_OF_RECORD if header[0] != name]

    with pytest.raises(Unrecordable) as refused:
        received(RECORD, [*headers, *((name, value) for value in replacement)])

    assert (refused.value.header, str(refused.value)) == (name, f"no usable header {name}")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("ce_id", b"\xff", id="not text"),
        pytest.param("ce_time", b"yesterday", id="no time"),
        pytest.param("ce_time", b"2026-03-02T01:00:00", id="a time of nowhere"),
        pytest.param("mw_position", b"first", id="no number"),
        pytest.param("mw_position", b"1" * 5000, id="a number of 5000 digits"),
        pytest.param("mw_epoch", b"", id="nothing"),
    ],
)
def test_a_message_with_an_unreadable_header_is_not_ours(name: str, value: bytes) -> None:
    """A header of another form is refused as such."""
    headers = [*(header for header in HEADERS_OF_RECORD if header[0] != name), (name, value)]

    with pytest.raises(Unrecordable):
        received(RECORD, headers)


def test_a_key_that_is_not_text_is_not_ours() -> None:
    """Our keys are UTF-8."""
    with pytest.raises(Unrecordable):
        received(RECORD, HEADERS_OF_RECORD, key=b"\xff")


def test_repr_shows_no_content() -> None:
    """A record can be in a log line or a stack trace: what it says is not."""
    shown = "<Record MeetingStarted 85ca173a846a0117aeb66336d13695e4-0 to meeting.lifecycle.v1/11>"

    assert repr(RECORD) == shown
    assert repr(Stored(LOG, Position(44), RECORD, 7)) == (
        f"Stored(log='{LOG}', position=44, record={shown}, kafka_offset=7)"
    )


@given(words, st.integers(1, 1024))
def test_partition_is_the_one_that_kafka_gives(key: str, partitions: int) -> None:
    """The default partitioner of Kafka's clients, here as aiokafka has it."""
    hashed: int = murmur2(key.encode())

    assert partition_of(key, partitions) == (hashed & 0x7FFFFFFF) % partitions


@pytest.mark.parametrize(
    ("key", "partition"),
    [("900000001", 11), ("", 9), ("会议", 9), ("a" * 100, 6)],
    ids=["digits", "empty", "中文", "long"],
)
def test_partition_is_frozen(key: str, partition: int) -> None:
    """A meeting never moves to another partition."""
    assert partition_of(key, 12) == partition


@pytest.mark.parametrize(
    ("parts", "digits"),
    [
        ((), "4f53cda18c2baa0c0354bb5f9a3ecbe5"),
        (("enterprise", "1", None), "28dc5fd44a07a8d50457059b2e562f65"),
        (
            (
                "enterprise",
                "123456789",
                "meeting.started",
                1_772_413_200_351,
                "900000001",
                "6c1f0a52a1b811f0b5c20242ac120002",
                None,
                None,
            ),
            "476b9d9df39f8fac6698fa3995226d9e",
        ),
        (("会议 🎉",), "21058b53738c30c58fd0eda3403fc0fe"),
    ],
    ids=["nothing", "null", "a push", "中文"],
)
def test_content_id_is_frozen(parts: tuple[object, ...], digits: str) -> None:
    """The same parts have the same id in every version: else every retry would be a new event."""
    assert content_id(*parts) == digits


def test_content_id_keeps_parts_apart() -> None:
    """Text that moves from one part to the next, and null and its spelling, are different things."""
    ids = {content_id("a", "bc"), content_id("ab", "c"), content_id("abc"), content_id(None), content_id("null")}

    assert len(ids) == 5


EVENT_ID = "85ca173a846a0117aeb66336d13695e4-0"
OF_THE_EVENT = "00-85ca173a846a0117aeb66336d13695e4-aeb66336d13695e4-01"


@pytest.mark.parametrize(
    ("request_id", "trace"),
    [
        pytest.param(
            "539e8b710378987ffc5eb844b5e5c290",
            "00-539e8b710378987ffc5eb844b5e5c290-aeb66336d13695e4-01",
            id="the service's",
        ),
        pytest.param(None, OF_THE_EVENT, id="none"),
        pytest.param("", OF_THE_EVENT, id="empty"),
        pytest.param("539e8b71", OF_THE_EVENT, id="short"),
        pytest.param("539E8B710378987FFC5EB844B5E5C290", OF_THE_EVENT, id="upper case"),
        pytest.param("0" * 32, OF_THE_EVENT, id="zero, which W3C forbids"),
        pytest.param("539e8b710378987ffc5eb844b5e5c29g", OF_THE_EVENT, id="not hexadecimal"),
        pytest.param("539e8b710378987ffc5eb844b5e5_290", OF_THE_EVENT, id="underscore"),
        pytest.param("5٣9e8b710378987ffc5eb844b5e5c290", OF_THE_EVENT, id="another script's digit"),
    ],
)
def test_trace_is_the_services_where_it_has_that_form(request_id: str | None, trace: str) -> None:
    """X-Request-ID is the trace if W3C Trace Context allows it, else the event's id is."""
    assert traceparent(EVENT_ID, request_id) == trace


@pytest.mark.parametrize("name", samples())
def test_samples_are_records(name: str) -> None:
    """A stored sample is read like a message from Kafka, and has the headers that its record has."""
    sample = samples()[name]

    stored = from_kafka(
        topic=sample.topic,
        partition=sample.partition,
        timestamp_ms=sample.timestamp_ms,
        key=sample.key.encode(),
        value=bytes(sample.value),
        headers=sample.raw_headers(),
    )

    assert stored.record.headers(stored.log, stored.position) == sample.raw_headers()
    # A sign of life is told to each partition; all else is where Kafka puts its key.
    partition = sample.event["partition"] if name == "ReceiverAlive" else partition_of(sample.key, 12)
    assert (stored.record.type, stored.record.partition) == (name, partition)
