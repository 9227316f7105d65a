"""Our events, one module a topic, and the one encoder and decoder for all of them."""

from typing import Any, Final

import msgspec

from ..base import Event
from .alerts import (
    AlertAcknowledged,
    AlertChanged,
    AlertEvent,
    AlertNotified,
    AlertSample,
    AlertSilenced,
    AlertTrouble,
    SilenceMatcher,
)
from .captions import CaptionLine, CaptionsEvent, CaptionSpoken
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
from .participants import ParticipantChanged, ParticipantGone, ParticipantsEvent, Person, RosterReplaced
from .quality import Flow, QualityEvent, QualitySampled, Surroundings
from .speakers import ActiveSpeakersChanged, Speaker, SpeakersEvent
from .state import (
    Interpreter,
    InterpreterGroup,
    InterpretersChanged,
    InvitationAnswered,
    LayoutChanged,
    MeetingDescribed,
    MeetingStateChanged,
    Picture,
    QualityThresholdsRead,
    ReceiverAlive,
    ServiceThreshold,
    StateEvent,
    SubscriptionChanged,
)
from .unrecognised import PushSetAside, RecordDeadLettered, UnrecognisedEvent

AnyEvent = (
    LifecycleEvent
    | StateEvent
    | ParticipantsEvent
    | SpeakersEvent
    | QualityEvent
    | CaptionsEvent
    | AlertEvent
    | UnrecognisedEvent
)

encode: Final = msgspec.json.Encoder().encode
_decoder: Final[msgspec.json.Decoder[Any]] = msgspec.json.Decoder(AnyEvent)


def decode(value: bytes) -> AnyEvent:
    """Return the event in a record's value. Raises msgspec.ValidationError for a type that this version lacks."""
    event: AnyEvent = _decoder.decode(value)
    return event


__all__ = [
    "ActiveSpeakersChanged",
    "AlertAcknowledged",
    "AlertChanged",
    "AlertEvent",
    "AlertNotified",
    "AlertSample",
    "AlertSilenced",
    "AlertTrouble",
    "AnyEvent",
    "CaptionLine",
    "CaptionSpoken",
    "CaptionsEvent",
    "Event",
    "Flow",
    "Interpreter",
    "InterpreterGroup",
    "InterpretersChanged",
    "InvitationAnswered",
    "LayoutChanged",
    "LifecycleEvent",
    "MeetingCancelled",
    "MeetingClosed",
    "MeetingDescribed",
    "MeetingEnded",
    "MeetingRescheduled",
    "MeetingScheduled",
    "MeetingStarted",
    "MeetingStateChanged",
    "Participant",
    "ParticipantChanged",
    "ParticipantGone",
    "ParticipantJoined",
    "ParticipantLeft",
    "ParticipantsEvent",
    "Person",
    "Picture",
    "PushSetAside",
    "QualityEvent",
    "QualitySampled",
    "QualityThresholdsRead",
    "ReceiverAlive",
    "RecordDeadLettered",
    "RecordingFinished",
    "RosterReplaced",
    "ServiceThreshold",
    "SilenceMatcher",
    "Speaker",
    "SpeakersEvent",
    "StateEvent",
    "SubscriptionChanged",
    "Surroundings",
    "UnrecognisedEvent",
    "decode",
    "encode",
]
