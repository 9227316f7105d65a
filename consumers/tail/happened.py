"""Say in a word what happened, and in which colour. Pure."""

from typing import Final

from schemas.events import (
    ActiveSpeakersChanged,
    AlertAcknowledged,
    AlertChanged,
    AlertNotified,
    AlertSilenced,
    AnyEvent,
    CaptionSpoken,
    InterpretersChanged,
    InvitationAnswered,
    LayoutChanged,
    MeetingCancelled,
    MeetingClosed,
    MeetingDescribed,
    MeetingEnded,
    MeetingRescheduled,
    MeetingScheduled,
    MeetingStarted,
    MeetingStateChanged,
    ParticipantChanged,
    ParticipantGone,
    ParticipantJoined,
    ParticipantLeft,
    PushSetAside,
    QualitySampled,
    QualityThresholdsRead,
    ReceiverAlive,
    RecordDeadLettered,
    RecordingFinished,
    RosterReplaced,
    SubscriptionChanged,
)

from .look import BLUE, CYAN, DIM, GREEN, RED, YELLOW

WORDS: Final[dict[type[AnyEvent], tuple[str, str]]] = {
    MeetingScheduled: ("scheduled", BLUE),
    MeetingRescheduled: ("rescheduled", BLUE),
    MeetingCancelled: ("cancelled", BLUE),
    MeetingStarted: ("started", GREEN),
    MeetingEnded: ("ended", YELLOW),
    MeetingClosed: ("closed", YELLOW),
    RecordingFinished: ("recorded", BLUE),
    ParticipantJoined: ("joined", CYAN),
    ParticipantLeft: ("left", DIM),
    MeetingDescribed: ("described", BLUE),
    MeetingStateChanged: ("state", BLUE),
    LayoutChanged: ("layout", DIM),
    InvitationAnswered: ("invitation", DIM),
    InterpretersChanged: ("interpreter", BLUE),
    SubscriptionChanged: ("listening", YELLOW),
    ReceiverAlive: ("alive", DIM),
    QualityThresholdsRead: ("thresholds", DIM),
    RosterReplaced: ("roster", CYAN),
    ParticipantChanged: ("changed", CYAN),
    ParticipantGone: ("gone", DIM),
    ActiveSpeakersChanged: ("speaking", GREEN),
    QualitySampled: ("quality", DIM),
    CaptionSpoken: ("caption", GREEN),
    AlertChanged: ("alert", YELLOW),
    AlertSilenced: ("silence", BLUE),
    AlertAcknowledged: ("seen to", BLUE),
    AlertNotified: ("notified", DIM),
    PushSetAside: ("set aside", RED),
    RecordDeadLettered: ("dead letter", RED),
}
_CHANGES: Final = {"opened": GREEN, "lost": RED, "gap": RED}
_ALERTS: Final = {"fired": RED, "released": RED, "resolved": GREEN, "held_back": DIM}


def happened(event: AnyEvent) -> tuple[str, str]:
    """Return word and colour; the colour says more where one kind of event is good news and bad news."""
    word, colour = WORDS[type(event)]
    match event:
        case SubscriptionChanged(change=change):
            return word, _CHANGES.get(change, colour)
        case QualitySampled(alarms=alarms, flows=flows) if alarms or any(flow.alarms for flow in flows):
            return word, RED
        case CaptionSpoken(final=False):
            return word, DIM
        case AlertChanged(change=change):
            return word, _ALERTS.get(change, colour)
        case _:
            return word, colour
