"""What one push puts into the log: its records together, and the id that a retry is known by."""

from __future__ import annotations

import json
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receiver.decode import EnterprisePush, Handshake, Unreadable, decode
from receiver.entry import Entry, SeenId, Terms, enter
from receiver.normalise.enterprise import MAX_ORIGINAL_BYTES, bytes_id, normalise, push_id
from receiver.normalise.set_aside import set_aside
from receiver.verify import verify
from schemas.events import PushSetAside, encode
from schemas.events import decode as decode_event
from schemas.ids import LogId, Position
from schemas.record import Record, partition_of
from schemas.topics import LIFECYCLE, MAX_VALUE_BYTES, UNRECOGNISED

from .signing import ACCOUNTS, REQUEST_ID, SENT_AT, SENT_MS, TERMS, delivered, event, push

RECEIVED_MS = 1_772_413_201_020
MEBIBYTE = 1_048_576


def decoded(event_info: bytes, request_id: str | None = None) -> EnterprisePush | Unreadable:
    """Return a signed event as far as it can be read."""
    found = decode(verify(delivered(push(event_info), request_id), ACCOUNTS))
    assert not isinstance(found, Handshake)
    return found


def understood(event_info: bytes, request_id: str | None = None) -> EnterprisePush:
    """Return a signed event as a push that was understood."""
    found = decoded(event_info, request_id)
    assert isinstance(found, EnterprisePush)
    return found


def aside_record(event: PushSetAside, identity: str, number: int = 0, key: str = "123456789") -> Record:
    """Return the record of a push that was set aside."""
    return Record(
        topic=UNRECOGNISED,
        partition=partition_of(key, 12),
        key=key,
        id=f"{identity}-{number}",
        type="PushSetAside",
        enterprise="acme",
        occurred_at=SENT_AT,
        received_ms=RECEIVED_MS,
        trace=f"00-{identity}-{identity[16:]}-01",
        value=encode(event),
    )


def on_the_wire(record: Record) -> int:
    """Return how large a record is for Kafka: key, value and headers."""
    headers = record.headers(LogId("0" * 32), Position(2**62))
    return len(record.key.encode()) + len(record.value) + sum(len(name) + len(value) for name, value in headers)


def test_an_event_is_one_record_on_its_topic() -> None:
    """Keyed by the meeting, timed by our arrival, traced by the service's request, known by what it says."""
    given = understood(event("meeting.started", SENT_MS - 1_000, meetingInfo={"meetingID": "m-1"}), REQUEST_ID)
    identity = push_id(given)

    assert enter(given, TERMS) == Entry(
        (
            Record(
                topic=LIFECYCLE,
                partition=partition_of("m-1", 12),
                key="m-1",
                id=f"{identity}-0",
                type="MeetingStarted",
                enterprise="acme",
                occurred_at=SENT_AT - timedelta(seconds=1),
                received_ms=RECEIVED_MS,
                trace=f"00-{REQUEST_ID}-{identity[16:]}-01",
                value=encode(normalise(given)),
            ),
        ),
        SeenId(SENT_MS - 1_000, bytes.fromhex(identity)),
    )


def test_the_partition_is_the_installations() -> None:
    """The one that Kafka gives the key among as many as there are."""
    given = understood(event("meeting.started", meetingInfo={"meetingID": "m-1"}))

    (record,) = enter(given, Terms(partitions=5, horizon=timedelta(hours=25))).records

    assert record.partition == partition_of("m-1", 5)


@pytest.mark.parametrize(
    ("event_info", "reason", "name", "where"),
    [
        pytest.param(event("meeting.paused", SENT_MS - 5), "unknown_event", "meeting.paused", "$.event", id="unknown"),
        pytest.param(event("meeting.end", SENT_MS - 5), "changed_payload", "meeting.end", "$.payload", id="changed"),
    ],
)
def test_what_was_not_understood_is_set_aside(event_info: bytes, reason: str, name: str, where: str) -> None:
    """On its own topic, keyed by the subscriber where no meeting is told, known by its bytes."""
    given = decoded(event_info)
    (published,) = set_aside(given.verified, reason, event_name=name, where=where)  # type: ignore[arg-type]  # a table
    identity = bytes_id("123456789", event_info)

    seen = SeenId(SENT_MS - 5, bytes.fromhex(identity))
    assert enter(given, TERMS) == Entry((aside_record(published, identity),), seen, reason)  # type: ignore[arg-type]


def test_what_was_not_understood_is_keyed_by_its_meeting() -> None:
    """Where a meeting's ID can be read, its records stay on one partition."""
    given = decoded(event("meeting.paused", meetingInfo={"meetingID": "m-1"}))

    assert [record.key for record in enter(given, TERMS).records] == ["m-1"]


@pytest.mark.parametrize(
    ("age", "reason"),
    [
        pytest.param(timedelta(hours=25, milliseconds=1), "stale", id="older than the horizon"),
        pytest.param(timedelta(minutes=-10, milliseconds=-1), "ahead", id="ahead of us"),
    ],
)
@pytest.mark.parametrize("name", ["meeting.started", "meeting.paused"])
def test_what_is_not_believed_is_set_aside(age: timedelta, reason: str, name: str) -> None:
    """Understood or not: nothing is lost and nothing is believed; known by the whole body, nonce included."""
    body = push(event(name, meetingInfo={"meetingID": "m-1"}))
    found = decode(verify(delivered(body, received_at=SENT_AT + age), ACCOUNTS))
    assert isinstance(found, EnterprisePush | Unreadable)
    (published,) = set_aside(found.verified, reason, event_name=name, where="$.timestamp")  # type: ignore[arg-type]

    entry = enter(found, TERMS)

    identity = bytes_id("123456789", body)
    received_ms = entry.records[0].received_ms
    record = msgspec.structs.replace(aside_record(published, identity, key="m-1"), received_ms=received_ms)
    assert entry == Entry((record,), SeenId(SENT_MS, bytes.fromhex(identity)), reason)  # type: ignore[arg-type]
    assert received_ms == SENT_MS + age / timedelta(milliseconds=1)


def test_a_large_push_is_its_event_and_the_original_in_parts() -> None:
    """Together, under one id: the event on its topic, the bytes beside it."""
    long = {"meetingID": "m-1", "subject": "x" * MAX_ORIGINAL_BYTES}
    given = understood(event("meeting.started", meetingInfo=long))
    published = set_aside(given.verified, "too_large", event_name="meeting.started", where=None)
    identity = push_id(given)

    entry = enter(given, TERMS)

    parts = tuple(aside_record(part, identity, number, key="m-1") for number, part in enumerate(published, 1))
    assert entry == Entry((entry.records[0], *parts), SeenId(SENT_MS, bytes.fromhex(identity)))
    assert (decode_event(entry.records[0].value), len(parts)) == (normalise(given), 2)


@pytest.mark.parametrize(
    "meeting_id",
    [
        pytest.param("9" * 300_000, id="digits"),
        pytest.param("会" * 150_000, id="three bytes a letter"),
        pytest.param("\\" * 200_000, id="two bytes in JSON"),
        pytest.param("\x01" * 100_000, id="six bytes in JSON"),
        pytest.param("🎉" * 100_000, id="four bytes a letter"),
    ],
)
def test_a_meeting_of_an_enormous_name_goes_in_parts_alone(meeting_id: str) -> None:
    """No record could hold it as value, key and header at once."""
    entry = enter(understood(event("meeting.started", meetingInfo={"meetingID": meeting_id})), TERMS)

    assert ({record.topic for record in entry.records}, entry.set_aside) == ({UNRECOGNISED}, "too_large")
    assert [record.key for record in entry.records] == [meeting_id[:256]] * len(entry.records)
    assert max(map(on_the_wire, entry.records)) < MEBIBYTE


@pytest.mark.parametrize(
    "letter",
    [
        pytest.param("x", id="one byte"),
        pytest.param('"', id="a quote, which is escaped"),
        pytest.param("\x01", id="a control character, six bytes in JSON"),
        pytest.param("会", id="three bytes"),
        pytest.param("\U0001f389", id="four bytes"),
    ],
)
@pytest.mark.parametrize("size", [1, 100_000, 131_072, 170_000, 262_144])
def test_a_record_stays_below_kafkas_limit(letter: str, size: int) -> None:
    """Whatever the name of a person is made of, and however long it is."""
    meeting, attendee = {"meetingID": "m-1"}, {"displayName": letter * size}

    entry = enter(understood(event("meeting.join", meetingInfo=meeting, attendeeInfo=attendee)), TERMS)

    assert entry.records
    assert max(map(on_the_wire, entry.records)) < MEBIBYTE
    assert max(len(record.value) for record in entry.records) <= MAX_VALUE_BYTES


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
event_infos = st.fixed_dictionaries(
    {"event": st.sampled_from(["meeting.join", "meeting.end", "meeting.paused"]) | st.text()},
    optional={
        "timestamp": st.integers(0, 10**13 - 1) | json_values,
        "payload": st.fixed_dictionaries(
            {"meetingInfo": st.fixed_dictionaries({"meetingID": st.text() | json_values})},
            optional={"attendeeInfo": st.dictionaries(st.sampled_from(["displayName", "role", "x"]), json_values)},
        )
        | json_values,
        "password": json_values,
    },
)


@given(event_infos, st.sampled_from(["1772413200351", "1000000000000", "9999999999999"]), st.booleans())
@settings(deadline=None)
def test_whatever_was_signed_is_entered(event_info: dict[str, object], timestamp: str, ascii_only: bool) -> None:
    """At least one record, each readable and below the limit; a retry is known by the same id."""
    body = push(json.dumps(event_info, ensure_ascii=ascii_only).encode(), timestamp=timestamp)
    found = decode(verify(delivered(body), ACCOUNTS))
    if isinstance(found, Handshake):
        return

    entry = enter(found, TERMS)

    assert entry.records
    assert {decode_event(record.value).enterprise for record in entry.records} == {"acme"}  # type: ignore[union-attr]
    assert max(map(on_the_wire, entry.records)) < MEBIBYTE
    assert enter(found, TERMS) == entry


def test_repr_shows_no_content() -> None:
    """An entry can be in a stack trace: what its records say is not."""
    entry = enter(understood(event("meeting.started", meetingInfo={"meetingID": "marker"})), TERMS)

    assert repr(entry) == "<Entry of 1 records>"
