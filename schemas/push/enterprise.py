"""The enterprise push (企业级会议事件推送) in the service's words: envelope, event and payload.

Member names are the wire's own. The reference's tables have no "mandatory" column; what every example shows is
required here, all else is optional ("Meeting Event Push", tables 1 to 5).
"""

from typing import Annotated, Final, Literal, get_args

import msgspec

from ..base import Wire

# Up to the year 2286; above it `datetime` still works but the 13-digit form of the service has ended.
Milliseconds = Annotated[int, msgspec.Meta(ge=0, lt=10**13)]

VERIFY: Final = "meeting.verify"

# The spelling traps are the service's: `meeting.end` but `meeting.started`, `meeting.left`, and a `record.` among them.
EventName = Literal[
    "meeting.started",
    "meeting.end",
    "meeting.conclude",
    "record.finish",
    "meeting.create",
    "meeting.modify",
    "meeting.cancel",
    "meeting.join",
    "meeting.left",
]
EVENT_NAMES: Final[frozenset[str]] = frozenset(get_args(EventName))


class Envelope(Wire, frozen=True, kw_only=True):
    """The body of a delivery, before anything in it is believed.

    `timestamp` and `eventInfo` stay as bytes: the signature covers their spelling, not their value.
    """

    appID: str
    timestamp: msgspec.Raw
    nonce: str
    signature: str
    eventInfo: msgspec.Raw


class MeetingInfo(Wire, frozen=True, kw_only=True):
    """Which meeting. `meetingUUID` is new each time it is held; on create, modify and cancel it may be missing."""

    meetingID: Annotated[str, msgspec.Meta(min_length=1)]
    """Never empty: it is the key of what we publish."""
    meetingUUID: str | None = None
    meetingCycleSubID: str | None = None


class AttendeeInfo(Wire, frozen=True, kw_only=True):
    """Who joined or left. Which members are missing for telephones and rooms is not documented: all are optional."""

    userUUID: str | None = None
    userAgent: str | None = None
    account: str | None = None
    participantID: str | None = None
    displayName: str | None = None
    joinTime: Milliseconds | None = None
    leftTime: Milliseconds | None = None
    """0 on join (the reference's own example)."""
    role: str | None = None
    callNumber: str | None = None


class Payload(Wire, frozen=True, kw_only=True):
    """What every event but the handshake carries; `attendeeInfo` on join and left alone."""

    meetingInfo: MeetingInfo
    attendeeInfo: AttendeeInfo | None = None


class EventInfo(Wire, frozen=True, kw_only=True):
    """The signed part. `event` is a string and no enum: the service adds names, and an unknown one must be kept."""

    event: str
    timestamp: Milliseconds
    payload: Payload | None = None


class EventHead(Wire, frozen=True, kw_only=True):
    """The two members that even an event that we do not know has."""

    event: str
    timestamp: Milliseconds


class HandshakeAnswer(Wire, frozen=True, kw_only=True):
    """What enabling the push on the service's page expects back: two members, the nonce as it came."""

    event: Literal["meeting.verify"] = "meeting.verify"
    nonce: str
