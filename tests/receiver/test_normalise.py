"""Pushes into events of ours: names, times, nulls, the original beside them, and ids that never change."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.decode import EnterprisePush, decode
from receiver.normalise.enterprise import (
    MAX_ORIGINAL_BYTES,
    bytes_id,
    instant,
    milliseconds,
    normalise,
    original,
    push_id,
)
from receiver.normalise.set_aside import MAX_AHEAD, PART_BYTES, disbelieve, set_aside
from receiver.verify import Verified, verify
from schemas.events import (
    LifecycleEvent,
    MeetingCancelled,
    MeetingClosed,
    MeetingEnded,
    MeetingRescheduled,
    MeetingScheduled,
    MeetingStarted,
    Participant,
    ParticipantJoined,
    ParticipantLeft,
    PushSetAside,
    RecordingFinished,
)

from .signing import ACCOUNTS, RECEIVED_AT, SENT_AT, SENT_MS, delivered, event, push

MEETING = {"meetingID": "900000001", "meetingUUID": "6c1f0a52a1b811f0b5c20242ac120002"}
IN_SERIES = {**MEETING, "meetingCycleSubID": "7d2f0a52a1b811f0b5c20242ac120002"}
ATTENDEE = {
    "userUUID": "a-1",
    "userAgent": "WeLink-desktop",
    "account": "user01",
    "participantID": "8e3f0a52a1b811f0b5c20242ac120002",
    "displayName": "用户 01 🎉",
    "joinTime": 1_772_413_100_002,
    "leftTime": 0,
    "role": "CHAIR",
    "callNumber": "+8600000000000",
}
PARTICIPANT = Participant(
    participant_id="8e3f0a52a1b811f0b5c20242ac120002",
    user_uuid="a-1",
    account="user01",
    display_name="用户 01 🎉",
    client_type="WeLink-desktop",
    role="CHAIR",
    call_number="+8600000000000",
    joined_at=datetime(2026, 3, 2, 0, 58, 20, 2_000, tzinfo=UTC),
    left_at=None,
)
NOBODY = Participant(
    participant_id=None,
    user_uuid=None,
    account=None,
    display_name=None,
    client_type=None,
    role=None,
    call_number=None,
    joined_at=None,
    left_at=None,
)
OCCURRED_MS, OCCURRED_AT = 1_772_413_199_007, datetime(2026, 3, 2, 0, 59, 59, 7_000, tzinfo=UTC)
HORIZON = timedelta(hours=25)


def understood(event_info: bytes, *, timestamp: str = str(SENT_MS), nonce: str = "85262798") -> EnterprisePush:
    """Return a signed event as a push that was understood."""
    found = decode(verify(delivered(push(event_info, timestamp=timestamp, nonce=nonce)), ACCOUNTS))
    assert isinstance(found, EnterprisePush)
    return found


def members(given: EnterprisePush, **known: Any) -> dict[str, Any]:
    """Return what every event of ours has from a push."""
    body = given.verified.body
    common = {
        "enterprise": "acme",
        "meeting_id": "900000001",
        "meeting_uuid": "6c1f0a52a1b811f0b5c20242ac120002",
        "meeting_cycle_sub_id": None,
        "occurred_at": OCCURRED_AT,
        "sent_at": SENT_AT,
        "received_at": RECEIVED_AT,
        "original": body.decode(),
        "original_sha256": hashlib.sha256(body).hexdigest(),
    }
    return {**common, **known}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("meeting.started", MeetingStarted),
        ("meeting.end", MeetingEnded),
        ("meeting.conclude", MeetingClosed),
        ("record.finish", RecordingFinished),
        ("meeting.create", MeetingScheduled),
        ("meeting.modify", MeetingRescheduled),
        ("meeting.cancel", MeetingCancelled),
    ],
)
def test_an_event_of_a_meeting(name: str, kind: type[LifecycleEvent]) -> None:
    """The service's name becomes ours; the times are the event's, the envelope's and ours."""
    given = understood(event(name, OCCURRED_MS, meetingInfo=IN_SERIES))

    cycle = "7d2f0a52a1b811f0b5c20242ac120002"
    assert normalise(given) == kind(**members(given, meeting_cycle_sub_id=cycle))


@pytest.mark.parametrize(("name", "kind"), [("meeting.join", ParticipantJoined), ("meeting.left", ParticipantLeft)])
def test_an_event_of_a_participant(name: str, kind: type[ParticipantJoined | ParticipantLeft]) -> None:
    """Who it was goes along, as far as the service says."""
    given = understood(event(name, OCCURRED_MS, meetingInfo=MEETING, attendeeInfo=ATTENDEE))

    assert normalise(given) == kind(**members(given), participant=PARTICIPANT)


def test_a_time_of_leaving_is_one() -> None:
    """Zero means that someone is still there; anything else is when they left."""
    attendee = {**ATTENDEE, "leftTime": OCCURRED_MS}
    given = understood(event("meeting.left", OCCURRED_MS, meetingInfo=MEETING, attendeeInfo=attendee))

    left = msgspec.structs.replace(PARTICIPANT, left_at=OCCURRED_AT)
    assert normalise(given) == ParticipantLeft(**members(given), participant=left)


@pytest.mark.parametrize(
    "attendee",
    [
        pytest.param({}, id="missing"),
        pytest.param(dict.fromkeys(ATTENDEE), id="null"),
        pytest.param({name: 0 if name.endswith("Time") else "" for name in ATTENDEE}, id="empty"),
    ],
)
def test_what_the_service_left_out_or_empty_is_null(attendee: dict[str, object]) -> None:
    """Never an empty string or a zero that a reader would take for a value."""
    meeting = {"meetingID": "900000001", "meetingUUID": "", "meetingCycleSubID": ""}
    given = understood(event("meeting.join", OCCURRED_MS, meetingInfo=meeting, attendeeInfo=attendee))

    assert normalise(given) == ParticipantJoined(**members(given, meeting_uuid=None), participant=NOBODY)


def test_a_large_original_stays_out() -> None:
    """It grows when it is spelt in JSON once more; then it goes in parts, under its hash."""
    subject = "x" * MAX_ORIGINAL_BYTES
    given = understood(event("meeting.end", OCCURRED_MS, meetingInfo={**MEETING, "subject": subject}))

    assert normalise(given) == MeetingEnded(**members(given, original=None))


@pytest.mark.parametrize(("size", "kept"), [(MAX_ORIGINAL_BYTES, True), (MAX_ORIGINAL_BYTES + 1, False)])
def test_the_limit_of_an_original_is_exact(size: int, kept: bool) -> None:
    """128 KiB are in, one byte more is out."""
    assert (original(b"x" * size) is not None) == kept


@given(st.integers(0, 10**13 - 1))
def test_times_are_exact(wire: int) -> None:
    """Whatever the wire can say comes back the same, and lies where the calendar has it."""
    assert milliseconds(instant(wire)) == wire
    assert instant(wire) == datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=wire)


@pytest.mark.parametrize(
    ("event_info", "identity"),
    [
        pytest.param(
            event("meeting.started", meetingInfo=IN_SERIES), "812be6b7a77f0be4ddaca7eada0600fa", id="all members"
        ),
        pytest.param(
            event("meeting.create", meetingInfo={"meetingID": "900000001"}),
            "fa0c4703721d712854e8543d9bf8fc81",
            id="no UUID",
        ),
        pytest.param(
            event(
                "meeting.create",
                meetingInfo={"meetingID": "900000001", "meetingUUID": "", "meetingCycleSubID": ""},
            ),
            "fa0c4703721d712854e8543d9bf8fc81",
            id="an empty UUID is none",
        ),
        pytest.param(
            event("meeting.join", meetingInfo=MEETING, attendeeInfo=ATTENDEE),
            "94a9f917b1d291315d26fa82c9945d5e",
            id="a participant",
        ),
        pytest.param(
            event("meeting.join", meetingInfo=MEETING, attendeeInfo={"displayName": "电话"}),
            "9d1ad0b6610b3a0ca84cef55156400db",
            id="a participant without an ID",
        ),
        pytest.param(
            event("meeting.end", meetingInfo={"meetingID": "会议"}), "1b5efd8464f2f8a7ffb73987918ac48c", id="中文"
        ),
    ],
)
def test_the_id_of_a_push_is_frozen(event_info: bytes, identity: str) -> None:
    """A later version that derives another would take every retry for a new event."""
    assert push_id(understood(event_info)) == identity


@pytest.mark.parametrize(
    ("subscriber", "event_info", "identity"),
    [
        pytest.param(
            "123456789",
            event("meeting.paused", meetingInfo=MEETING),
            "93402f8f4942387ddfd4685abe336c80",
            id="compact",
        ),
        pytest.param(
            "123456789",
            '{"event":"会议 🎉" , "a":"caf\\u00e9\\/"}'.encode(),
            "9597398165ca7c502ad961fa73fae11c",
            id="white space, letters and escapes",
        ),
        pytest.param("1", b'{"a":"\\ud83d" }', "66dfb921aa46132c979b0fa7edcb14e0", id="half a surrogate pair"),
    ],
)
def test_the_id_of_bytes_is_frozen(subscriber: str, event_info: bytes, identity: str) -> None:
    """The same for what nobody understood."""
    assert bytes_id(subscriber, event_info) == identity


def test_a_retry_has_the_id_of_its_push() -> None:
    """Signed anew, spelt otherwise, named otherwise by a client: as long as it tells of the same, it is the same."""
    first = event("meeting.join", meetingInfo=MEETING, attendeeInfo=ATTENDEE)
    spaced = first.replace(b",", b" , ")
    renamed = event("meeting.join", meetingInfo=MEETING, attendeeInfo={**ATTENDEE, "displayName": "another"})

    ids = {
        push_id(understood(first)),
        push_id(understood(first, timestamp=str(SENT_MS + 30_000), nonce="1")),
        push_id(understood(spaced)),
        push_id(understood(renamed)),
    }

    assert len(ids) == 1


def test_what_differs_has_another_id() -> None:
    """Each member of the derivation counts, and so does whose push it is."""
    given = [
        understood(event("meeting.join", meetingInfo=MEETING, attendeeInfo=ATTENDEE)),
        understood(event("meeting.left", meetingInfo=MEETING, attendeeInfo=ATTENDEE)),
        understood(event("meeting.join", SENT_MS + 1, meetingInfo=MEETING, attendeeInfo=ATTENDEE)),
        understood(event("meeting.join", meetingInfo={**MEETING, "meetingID": "2"}, attendeeInfo=ATTENDEE)),
        understood(event("meeting.join", meetingInfo={**MEETING, "meetingUUID": "2"}, attendeeInfo=ATTENDEE)),
        understood(event("meeting.join", meetingInfo=IN_SERIES, attendeeInfo=ATTENDEE)),
        understood(event("meeting.join", meetingInfo=MEETING, attendeeInfo={**ATTENDEE, "participantID": "2"})),
        understood(event("meeting.join", meetingInfo=MEETING, attendeeInfo={"displayName": "one telephone"})),
        understood(event("meeting.join", meetingInfo=MEETING, attendeeInfo={"displayName": "another telephone"})),
    ]
    other = msgspec.structs.replace(given[0].verified, subscriber_id="9")

    ids = {push_id(one) for one in [*given, EnterprisePush(other, given[0].info)]}

    assert len(ids) == len(given) + 1


@pytest.mark.parametrize(
    ("age", "reason"),
    [
        pytest.param(timedelta(0), None, id="now"),
        pytest.param(HORIZON, None, id="as old as the horizon"),
        pytest.param(HORIZON + timedelta(milliseconds=1), "stale", id="older"),
        pytest.param(-MAX_AHEAD, None, id="as far ahead as clocks may be"),
        pytest.param(-MAX_AHEAD - timedelta(milliseconds=1), "ahead", id="further ahead"),
    ],
)
def test_a_push_is_believed_within_the_horizon(age: timedelta, reason: str | None) -> None:
    """A retry may be 24 hours old; what is older was kept by somebody, and what is ahead is not of now."""
    verified = verify(delivered(push(), received_at=SENT_AT + age), ACCOUNTS)

    assert disbelieve(verified, HORIZON) == reason


def aside(verified: Verified, **known: Any) -> PushSetAside:
    """Return the one part that a small push is set aside in."""
    common = {
        "enterprise": "acme",
        "subscriber_id": "123456789",
        "reason": "unknown_event",
        "event_name": "meeting.paused",
        "meeting_id": None,
        "where": "$.event",
        "sent_at": SENT_AT,
        "received_at": RECEIVED_AT,
        "original": verified.body.decode("utf-8", "replace"),
        "original_base64": None,
        "original_sha256": hashlib.sha256(verified.body).hexdigest(),
        "redacted": False,
        "part": 1,
        "parts": 1,
    }
    return PushSetAside(**{**common, **known})


def unread(event_info: bytes) -> tuple[Verified, list[PushSetAside]]:
    """Return a push and what is published of it, though nobody understood it."""
    verified = verify(delivered(push(event_info)), ACCOUNTS)
    return verified, list(set_aside(verified, "unknown_event", event_name="meeting.paused", where="$.event"))


@pytest.mark.parametrize(
    ("event_info", "known"),
    [
        pytest.param(event("meeting.paused"), {}, id="nothing but a name"),
        pytest.param(event("meeting.paused", meetingInfo=MEETING), {"meeting_id": "900000001"}, id="of a meeting"),
        pytest.param(event("meeting.paused", meetingInfo={"meetingID": ""}), {}, id="of no meeting"),
        pytest.param(event("meeting.paused", meetingInfo={"meetingID": 7}), {}, id="of a meeting by number"),
        pytest.param(event("meeting.paused", meetingInfo={"meetingID": "9" * 257}), {"meeting_id": "9" * 256}),
        pytest.param(event("meeting.paused", who="用户 🎉"), {}, id="letters beyond ASCII"),
    ],
)
def test_what_is_set_aside_goes_as_it_came(event_info: bytes, known: dict[str, Any]) -> None:
    """The whole body, as text where it is text, under the meeting's ID where that can be read."""
    verified, published = unread(event_info)

    assert published == [aside(verified, **known)]


def test_what_is_no_text_goes_in_base64() -> None:
    """Bytes that are not UTF-8 are kept all the same."""
    verified, published = unread(b'{"event":"meeting.paused","who":"\xff"}')

    encoded = msgspec.json.encode(verified.body)[1:-1].decode()
    assert published == [aside(verified, original=None, original_base64=encoded)]


def test_a_secret_in_what_is_set_aside_is_taken_out() -> None:
    """Then it is marked as redacted, and its hash is that of what came."""
    verified, published = unread(event("meeting.paused", hostPassword="marker"))

    shown = verified.body.decode().replace('"marker"', '"[removed]"')
    assert published == [aside(verified, original=shown, redacted=True)]


def test_a_large_push_is_set_aside_in_parts() -> None:
    """Each part fits into a record, all of them have the same hash, and together they are the push."""
    verified, published = unread(event("meeting.paused", roster="名" * PART_BYTES))

    parts = [msgspec.json.decode(f'"{one.original_base64}"', type=bytes) for one in published]
    assert b"".join(parts) == verified.body
    assert [(one.part, one.parts, len(piece)) for one, piece in zip(published, parts, strict=True)] == [
        (1, 4, PART_BYTES),
        (2, 4, PART_BYTES),
        (3, 4, PART_BYTES),
        (4, 4, len(verified.body) - 3 * PART_BYTES),
    ]
    assert {msgspec.structs.replace(one, part=0, original_base64="") for one in published} == {
        aside(verified, original=None, original_base64="", part=0, parts=4)
    }


def test_a_long_name_is_cut() -> None:
    """Names are for people; the whole of it is in the original."""
    verified = verify(delivered(push(event("x" * 300))), ACCOUNTS)

    published = list(set_aside(verified, "unknown_event", event_name="x" * 300, where="$.event"))

    assert published == [aside(verified, event_name="x" * 256)]


def test_repr_shows_no_content() -> None:
    """Events can be in a stack trace: what they say is not."""
    joined = normalise(understood(event("meeting.join", meetingInfo=MEETING, attendeeInfo=ATTENDEE)))
    _, published = unread(event("meeting.paused", who="marker"))

    assert (repr(joined), repr(PARTICIPANT)) == ("<ParticipantJoined>", "<Participant>")
    assert repr(published) == "[<PushSetAside>]"
