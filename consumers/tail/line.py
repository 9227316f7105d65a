"""Write one event as one line for a person to read. Pure.

    2026-07-01 14:03:07  joined       acme      987654321    张三  CHAIR  WeLink-desktop  +12 s

Time, what happened, enterprise, meeting, who; and how late it came, where that is worth a look.
"""

from datetime import tzinfo
from typing import Final

import msgspec

from schemas.events import (
    AnyEvent,
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
    RecordDeadLettered,
    RecordingFinished,
    decode,
)
from schemas.record import Record

from .text import cut, pad, safe

GREEN, YELLOW, RED, BLUE, CYAN, DIM = "32", "33", "1;31", "34", "36", "2"

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
    PushSetAside: ("set aside", RED),
    RecordDeadLettered: ("dead letter", RED),
}
# Deliveries take up to some seconds; beyond that it was a retry, or a clock is wrong.
_LATE_S: Final = 5
# A name is as long as its owner likes; an id, a path or a number is never cut.
_NAME_COLUMNS: Final = 40
_MOST_COLUMNS: Final = 80


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """How lines look. `zone` None is the machine's own."""

    zone: tzinfo | None = None
    colour: bool = False
    names: bool = True


def line(record: Record, look: Look) -> str:
    """Return the line, without its end. What this version cannot read has one too."""
    word, colour, details = _said(record, look)
    columns = (
        _painted(f"{record.occurred_at.astimezone(look.zone):%Y-%m-%d %H:%M:%S}", DIM, look),
        _painted(pad(word, 11), colour, look),
        pad(_shown(record.enterprise), 8),
        pad(_shown(record.key), 11),
        *(_shown(detail) for detail in details if detail),
    )
    return "  ".join(columns).rstrip()


def _said(record: Record, look: Look) -> tuple[str, str, list[str | None]]:
    try:
        event = decode(record.value)
    except msgspec.MsgspecError:
        return "unreadable", RED, [record.type]
    return *WORDS[type(event)], _details(event, look)


def _details(event: AnyEvent, look: Look) -> list[str | None]:
    match event:
        case PushSetAside():
            part = f"part {event.part} of {event.parts}" if event.parts > 1 else None
            return [event.reason, event.event_name, event.where, part]
        case RecordDeadLettered():
            return [event.consumer, event.reason, f"{event.topic}/{event.partition} at {event.position}"]
        case ParticipantJoined() | ParticipantLeft():
            return [*_who(event.participant, look), *_rest(event)]
        case _:
            return _rest(event)


def _who(participant: Participant, look: Look) -> list[str | None]:
    names = (participant.display_name, participant.account, participant.call_number)
    shown = next((name for name in names if name), None) if look.names else None
    who = _shown(shown or participant.participant_id or "?", _NAME_COLUMNS)
    return [who, participant.role, participant.client_type]


def _rest(event: LifecycleEvent) -> list[str | None]:
    series = f"series {event.meeting_cycle_sub_id}" if event.meeting_cycle_sub_id else None
    return [series, _late((event.received_at - event.occurred_at).total_seconds())]


def _late(seconds: float) -> str | None:
    if seconds < _LATE_S:
        return None
    if seconds < 120:
        return f"+{seconds:.0f} s"
    return f"+{seconds / 60:.0f} min" if seconds < 7_200 else f"+{seconds / 3_600:.0f} h"


def _shown(text: str, columns: int = _MOST_COLUMNS) -> str:
    # A text may be as large as a record; no more of it is looked at than a line could need.
    return cut(safe(text[: 4 * columns]), columns)


def _painted(text: str, colour: str, look: Look) -> str:
    return f"\x1b[{colour}m{text}\x1b[0m" if look.colour else text
