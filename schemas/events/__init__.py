"""Our events, one module a topic, and the one encoder and decoder for all of them."""

from typing import Any, Final

import msgspec

from ..base import Event
from .lifecycle import (
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
    RecordingFinished,
)
from .unrecognised import PushSetAside, RecordDeadLettered, UnrecognisedEvent

AnyEvent = LifecycleEvent | UnrecognisedEvent

encode: Final = msgspec.json.Encoder().encode
_decoder: Final[msgspec.json.Decoder[Any]] = msgspec.json.Decoder(AnyEvent)


def decode(value: bytes) -> AnyEvent:
    """Return the event in a record's value. Raises msgspec.ValidationError for a type that this version lacks."""
    event: AnyEvent = _decoder.decode(value)
    return event


__all__ = [
    "AnyEvent",
    "Event",
    "LifecycleEvent",
    "MeetingCancelled",
    "MeetingClosed",
    "MeetingEnded",
    "MeetingRescheduled",
    "MeetingScheduled",
    "MeetingStarted",
    "Participant",
    "ParticipantJoined",
    "ParticipantLeft",
    "PushSetAside",
    "RecordDeadLettered",
    "RecordingFinished",
    "UnrecognisedEvent",
    "decode",
    "encode",
]
