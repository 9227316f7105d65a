"""A verified body in the service's words, or why it could not be read; nothing verified fails."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.decode import EnterprisePush, Handshake, Unreadable, decode
from receiver.verify import Verified, verify
from schemas.push.enterprise import EVENT_NAMES, AttendeeInfo, EventInfo, MeetingInfo, Payload

from .signing import ACCOUNTS, SENT_MS, delivered, event, push

MEETING = {"meetingID": "m-1"}
INFO = MeetingInfo(meetingID="m-1")
OTHER_MS = 1_772_413_199_000


def received(event_info: bytes) -> Verified:
    """Return a signed event as verified."""
    return verify(delivered(push(event_info)), ACCOUNTS)


def unreadable(event_info: bytes) -> tuple[str, str | None, str | None, int]:
    """Return why an event could not be read: reason, name, place and time."""
    found = decode(received(event_info))
    assert isinstance(found, Unreadable)
    return found.reason, found.event_name, found.where, found.at_ms


@pytest.mark.parametrize("name", sorted(EVENT_NAMES))
def test_every_event_is_read(name: str) -> None:
    """Each of the nine names, with all the members that the reference has."""
    attendee = {
        "userUUID": "a-1",
        "userAgent": "WeLink-desktop",
        "account": "user01",
        "participantID": "p-1",
        "displayName": "用户 01",
        "joinTime": 1_709_802_363_369,
        "leftTime": 0,
        "role": "CHAIR",
        "callNumber": "+8600000000000",
    }
    meeting = {"meetingID": "m-1", "meetingUUID": "u-1", "meetingCycleSubID": "c-1"}
    verified = received(event(name, OTHER_MS, meetingInfo=meeting, attendeeInfo=attendee))

    assert decode(verified) == EnterprisePush(
        verified,
        EventInfo(
            event=name,
            timestamp=OTHER_MS,
            payload=Payload(
                meetingInfo=MeetingInfo(meetingID="m-1", meetingUUID="u-1", meetingCycleSubID="c-1"),
                attendeeInfo=AttendeeInfo(
                    userUUID="a-1",
                    userAgent="WeLink-desktop",
                    account="user01",
                    participantID="p-1",
                    displayName="用户 01",
                    joinTime=1_709_802_363_369,
                    leftTime=0,
                    role="CHAIR",
                    callNumber="+8600000000000",
                ),
            ),
        ),
    )


@pytest.mark.parametrize(
    ("event_info", "payload"),
    [
        pytest.param(event("meeting.create", meetingInfo=MEETING), Payload(meetingInfo=INFO), id="no UUID"),
        pytest.param(
            event("meeting.left", meetingInfo=MEETING, attendeeInfo={}),
            Payload(meetingInfo=INFO, attendeeInfo=AttendeeInfo()),
            id="a participant of whom nothing is said",
        ),
        pytest.param(
            event("meeting.end", meetingInfo={**MEETING, "meetingUUID": None}), Payload(meetingInfo=INFO), id="null"
        ),
        pytest.param(
            event("meeting.end", meetingInfo={**MEETING, "meetingUUID": ""}),
            Payload(meetingInfo=MeetingInfo(meetingID="m-1", meetingUUID="")),
            id="empty strings are kept for normalise",
        ),
        pytest.param(
            event("meeting.end", meetingInfo={**MEETING, "subject": {"a": [None, 1.5]}}, tenant=[1]),
            Payload(meetingInfo=INFO),
            id="members that we do not know",
        ),
        pytest.param(
            b'{"event":"meeting.end","timestamp":1772413200351,"payload":{"meetingInfo":{"meetingID":"m-0"},'
            b'"meetingInfo":{"meetingID":"m-0","meetingID":"m-1"}}}',
            Payload(meetingInfo=INFO),
            id="keys twice: the last one holds",
        ),
    ],
)
def test_what_the_reference_does_not_promise_may_be_missing(event_info: bytes, payload: Payload) -> None:
    """Only what every example of the reference shows is required."""
    verified = received(event_info)
    name = json.loads(event_info)["event"]

    assert decode(verified) == EnterprisePush(verified, EventInfo(event=name, timestamp=SENT_MS, payload=payload))


@pytest.mark.parametrize(
    "event_info",
    [
        pytest.param(b'{"event":"meeting.verify","timestamp":1629183619116}', id="the reference's"),
        pytest.param(b'{"event":"meeting.verify","timestamp":1629183619116,"payload":{}}', id="with an empty payload"),
        pytest.param(b'{"event":"meeting.verify","timestamp":"1629183619116"}', id="with its time as a string"),
        pytest.param(b'{"event":"meeting.verify"}', id="without a time"),
    ],
)
def test_the_handshake_is_known_by_its_name(event_info: bytes) -> None:
    """Enabling the push hangs on it, so it takes no more than the name and the signature."""
    assert decode(received(event_info)) == Handshake("85262798")


@pytest.mark.parametrize(
    ("event_info", "name", "at_ms"),
    [
        pytest.param(event("meeting.paused", OTHER_MS, meetingInfo=MEETING), "meeting.paused", OTHER_MS, id="new"),
        pytest.param(
            event("Meeting.Started", OTHER_MS, meetingInfo=MEETING), "Meeting.Started", OTHER_MS, id="capitals"
        ),
        pytest.param(event("会议.开始", OTHER_MS), "会议.开始", OTHER_MS, id="中文"),
        pytest.param(event("", OTHER_MS), "", OTHER_MS, id="empty"),
        pytest.param(
            event("meeting.paused", OTHER_MS, meetingInfo=[]), "meeting.paused", OTHER_MS, id="another payload"
        ),
        pytest.param(b'{"event":"meeting.paused","timestamp":"soon"}', "meeting.paused", SENT_MS, id="another time"),
        pytest.param(b'{"event":"meeting.paused"}', "meeting.paused", SENT_MS, id="no time"),
    ],
)
def test_an_event_that_we_do_not_know_keeps_its_name(event_info: bytes, name: str, at_ms: int) -> None:
    """The list of events has grown three times; what comes next is set aside under its name."""
    assert unreadable(event_info) == ("unknown_event", name, "$.event", at_ms)


@pytest.mark.parametrize(
    ("event_info", "name", "where"),
    [
        pytest.param(event("meeting.end"), "meeting.end", "$.payload", id="no payload"),
        pytest.param(
            b'{"event":"meeting.end","timestamp":1772413200351,"payload":null}', "meeting.end", "$.payload", id="null"
        ),
        pytest.param(event("meeting.end", a=1), "meeting.end", "$.payload.meetingInfo", id="no meetingInfo"),
        pytest.param(
            event("meeting.end", meetingInfo={}), "meeting.end", "$.payload.meetingInfo.meetingID", id="no meetingID"
        ),
        pytest.param(
            event("meeting.end", meetingInfo={"meetingID": ""}),
            "meeting.end",
            "$.payload.meetingInfo.meetingID",
            id="an empty meetingID",
        ),
        pytest.param(
            event("meeting.end", meetingInfo={"meetingID": 900000001}),
            "meeting.end",
            "$.payload.meetingInfo.meetingID",
            id="a meetingID that is a number",
        ),
        pytest.param(event("meeting.end", meetingInfo=["m-1"]), "meeting.end", "$.payload.meetingInfo", id="a list"),
        pytest.param(
            event("meeting.join", meetingInfo=MEETING), "meeting.join", "$.payload.attendeeInfo", id="nobody joined"
        ),
        pytest.param(
            event("meeting.left", meetingInfo=MEETING, attendeeInfo=None),
            "meeting.left",
            "$.payload.attendeeInfo",
            id="null left",
        ),
        pytest.param(
            event("meeting.join", meetingInfo=MEETING, attendeeInfo={"joinTime": "12:00"}),
            "meeting.join",
            "$.payload.attendeeInfo.joinTime",
            id="a time as text",
        ),
        pytest.param(
            event("meeting.join", meetingInfo=MEETING, attendeeInfo={"joinTime": 10**13}),
            "meeting.join",
            "$.payload.attendeeInfo.joinTime",
            id="a time of 14 digits",
        ),
        pytest.param(
            event("meeting.join", meetingInfo=MEETING, attendeeInfo={"role": 1}),
            "meeting.join",
            "$.payload.attendeeInfo.role",
            id="a role that is a number",
        ),
        pytest.param(
            b'{"event":"meeting.end","timestamp":1772413200351,"payload":{"meetingInfo":{"meetingID":"m-1"},"x":"\xff"}}',
            "meeting.end",
            "$",
            id="not UTF-8 where we do not look",
        ),
    ],
)
def test_a_changed_payload_is_placed(event_info: bytes, name: str, where: str) -> None:
    """An operator sees which member it was, never its value."""
    assert unreadable(event_info) == ("changed_payload", name, where, SENT_MS)


@pytest.mark.parametrize(
    ("event_info", "name", "where"),
    [
        pytest.param(b"{}", None, "$.event", id="nothing"),
        pytest.param(b'{"event":null,"timestamp":1}', None, "$.event", id="a name that is null"),
        pytest.param(b'{"event":7,"timestamp":1}', None, "$.event", id="a name that is a number"),
        pytest.param(b'{"event":"\xff","timestamp":1}', None, "$", id="a name that is not UTF-8"),
        pytest.param(b'{"event":"meeting.end","x":"\\ud83d","timestamp":1}', None, "$", id="half a surrogate pair"),
        pytest.param(b'{"event":"meeting.end"}', "meeting.end", "$.timestamp", id="no time"),
        pytest.param(b'{"event":"meeting.end","timestamp":-1}', "meeting.end", "$.timestamp", id="a time before 1970"),
        pytest.param(b'{"event":"meeting.end","timestamp":1.5}', "meeting.end", "$.timestamp", id="a broken time"),
        pytest.param(b'{"event":"meeting.end","timestamp":true}', "meeting.end", "$.timestamp", id="true"),
        pytest.param(
            b'{"event":"meeting.end","timestamp":%s}' % (b"9" * 400), "meeting.end", "$.timestamp", id="400 digits"
        ),
        pytest.param(
            b'{"event":"meeting.end","timestamp":%s}' % (b"9" * 5_000), "meeting.end", "$.timestamp", id="5,000 digits"
        ),
    ],
)
def test_an_event_without_name_or_time_goes_by_its_envelope(event_info: bytes, name: str | None, where: str) -> None:
    """What can be read of it is; the time is then the envelope's, which is verified."""
    assert unreadable(event_info) == ("changed_payload", name, where, SENT_MS)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "event": st.sampled_from(["meeting.verify", "meeting.join", "meeting.end", "x"]) | json_values,
            "timestamp": st.integers(0, 10**13 - 1) | json_values,
            "payload": st.fixed_dictionaries(
                {},
                optional={
                    "meetingInfo": st.fixed_dictionaries({"meetingID": st.text() | json_values}) | json_values,
                    "attendeeInfo": json_values,
                },
            )
            | json_values,
        },
    )
)
def test_whatever_was_signed_is_read_or_set_aside(event_info: dict[str, object]) -> None:
    """No exception, and the bytes go along with what was made of them."""
    verified = received(json.dumps(event_info).encode())

    match decode(verified):
        case Handshake(nonce):
            assert (nonce, event_info["event"]) == ("85262798", "meeting.verify")
        case EnterprisePush(kept, info):
            assert (kept, info.event in EVENT_NAMES) == (verified, True)
        case Unreadable(verified=kept, where=where):
            assert (kept, where is not None) == (verified, True)


def test_repr_shows_no_content() -> None:
    """A push can be in a stack trace: what it says is not."""
    attendee = {"displayName": "marker"}
    pushes = [
        decode(received(event("meeting.join", meetingInfo={"meetingID": "marker"}, attendeeInfo=attendee))),
        decode(received(event("marker", meetingInfo={"meetingID": "marker"}))),
        decode(received(event("meeting.verify"))),
    ]

    assert list(map(repr, pushes)) == [
        f"EnterprisePush(verified=<Verified of acme, {size(pushes[0])} bytes>, info=<EventInfo>)",
        "<Unreadable: unknown_event at $.event>",
        "<Handshake>",
    ]


def size(push: object) -> int:
    """Return how long the body of a push is."""
    assert isinstance(push, EnterprisePush)
    return len(push.verified.body)
