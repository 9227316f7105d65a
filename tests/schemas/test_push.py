"""Pushes in the service's words: what it adds is skipped, what it leaves out is null, and nothing of it is shown."""

import msgspec
import pytest

from deploy.contract.samples import samples
from schemas.base import Event, Wire
from schemas.events import decode, encode
from schemas.push.enterprise import AttendeeInfo, Envelope, EventHead, EventInfo, HandshakeAnswer, MeetingInfo, Payload

JOIN = b"""{
  "event": "meeting.join", "timestamp": 1671523596351, "new": {"marker": [1]},
  "payload": {
    "new": "marker",
    "meetingInfo": {"meetingID": "marker-1", "new": null},
    "attendeeInfo": {"displayName": "marker", "leftTime": 0, "new": 1.5}
  }
}"""
BODY = b'{"appID":"1","timestamp":1,"nonce":"marker","signature":"marker","eventInfo":{"marker":1},"new":{}}'


def test_unknown_members_are_skipped() -> None:
    """The service may add members on any day, at every level."""
    assert msgspec.json.decode(JOIN, type=EventInfo) == EventInfo(
        event="meeting.join",
        timestamp=1_671_523_596_351,
        payload=Payload(
            meetingInfo=MeetingInfo(meetingID="marker-1"), attendeeInfo=AttendeeInfo(displayName="marker", leftTime=0)
        ),
    )


def test_the_envelope_keeps_what_was_signed_as_it_came() -> None:
    """The signature covers the spelling: timestamp and eventInfo stay bytes."""
    envelope = msgspec.json.decode(BODY, type=Envelope)

    assert (bytes(envelope.timestamp), bytes(envelope.eventInfo)) == (b"1", b'{"marker":1}')


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'{"event":"meeting.join"}', id="no timestamp"),
        pytest.param(b'{"event":"meeting.join","timestamp":"1671523596351"}', id="a timestamp as text"),
        pytest.param(b'{"event":"meeting.join","timestamp":-1}', id="before time"),
        pytest.param(b'{"event":"meeting.join","timestamp":10000000000000}', id="fourteen digits"),
        pytest.param(b'{"event":"meeting.join","timestamp":1,"payload":{}}', id="no meeting"),
        pytest.param(b'{"event":"meeting.join","timestamp":1,"payload":{"meetingInfo":{}}}', id="no meeting ID"),
        pytest.param(b'{"event":"a","timestamp":1,"payload":{"meetingInfo":{"meetingID":1}}}', id="a number for an ID"),
    ],
)
def test_what_the_reference_promises_is_required(body: bytes) -> None:
    """A push that lacks what every push has, or has it in another type, is not decoded as if it were one."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(body, type=EventInfo)


def test_the_handshake_is_answered_with_two_members() -> None:
    """Just these two, in this order: whether the service takes more is not known."""
    assert msgspec.json.encode(HandshakeAnswer(nonce="85262798")) == b'{"event":"meeting.verify","nonce":"85262798"}'


PUSH = msgspec.json.decode(JOIN, type=EventInfo)
assert PUSH.payload
WIRE: list[Wire] = [
    msgspec.json.decode(BODY, type=Envelope),
    PUSH,
    PUSH.payload,
    PUSH.payload.meetingInfo,
    AttendeeInfo(displayName="marker"),
    EventHead(event="marker", timestamp=1),
    HandshakeAnswer(nonce="marker"),
]


@pytest.mark.parametrize("push", WIRE, ids=lambda push: type(push).__name__)
def test_repr_of_a_push_shows_its_type_alone(push: Wire) -> None:
    """A push in a log line or a stack trace gives nobody away."""
    assert repr(push) == f"<{type(push).__name__}>"


def test_every_shape_of_a_push_was_looked_at() -> None:
    """No shape is added without the test above."""
    assert {type(push) for push in WIRE} == {
        kind for kind in Wire.__subclasses__() if kind.__module__ == "schemas.push.enterprise"
    }


@pytest.mark.parametrize("name", samples())
def test_repr_of_an_event_shows_its_type_alone(name: str) -> None:
    """The same holds for events, and for the people in them."""
    event: Event = decode(bytes(samples()[name].value))

    assert repr(event) == f"<{name}>"
    assert repr(getattr(event, "participant", None)) in ("<Participant>", "None")


def test_an_event_of_a_later_version_is_not_decoded() -> None:
    """A type that this version lacks is an error for the reader to handle, not a guess."""
    with pytest.raises(msgspec.ValidationError):
        decode(b'{"type":"MeetingTeleported"}')


def test_members_of_a_later_version_are_skipped() -> None:
    """What a later version adds to an event does not stop this one."""
    value = bytes(samples()["MeetingStarted"].value)

    assert encode(decode(value[:1] + b'"later":[{"x":1}],' + value[1:])) == encode(decode(value))
