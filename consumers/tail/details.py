"""Say what an event tells beyond its kind: the columns at the end of its line. Pure."""

from datetime import datetime
from typing import Final

from schemas.events import (
    ActiveSpeakersChanged,
    AlertAcknowledged,
    AlertChanged,
    AlertEvent,
    AlertNotified,
    AlertSilenced,
    AnyEvent,
    CaptionSpoken,
    InterpretersChanged,
    InvitationAnswered,
    LayoutChanged,
    MeetingDescribed,
    MeetingStateChanged,
    Participant,
    ParticipantChanged,
    ParticipantGone,
    ParticipantJoined,
    ParticipantLeft,
    PushSetAside,
    QualitySampled,
    QualityThresholdsRead,
    ReceiverAlive,
    RecordDeadLettered,
    RosterReplaced,
    SubscriptionChanged,
)
from schemas.events.lifecycle import MeetingEvent

from .look import NAME_COLUMNS, Look, shown
from .names import Names
from .people import called, changes
from .quality import figures, thresholds

Details = list[str | None]
# Deliveries take up to some seconds; beyond that it was a retry, or a clock is wrong.
_LATE_S: Final = 5
# SubscriptionChanged's word for a meeting that was on, nobody knows since when.
_START_UNKNOWN: Final = "start_unknown"


def details(event: AnyEvent, look: Look, names: Names) -> Details:
    """Return the columns; None for one that there is nothing to say in."""
    match event:
        case PushSetAside():
            part = f"part {event.part} of {event.parts}" if event.parts > 1 else None
            return [event.reason, event.event_name, event.where, part]
        case RecordDeadLettered():
            return [event.consumer, event.reason, f"{event.topic}/{event.partition} at {event.position}"]
        case SubscriptionChanged():
            return _subscription(event)
        case AlertChanged() | AlertSilenced() | AlertAcknowledged() | AlertNotified():
            return _alert(event, look)
        case ReceiverAlive():
            here = f"{event.partition_subscriptions} of partition {event.partition}"
            return [f"listens to {event.subscriptions}", here, f"at {event.position}"]
        case QualityThresholdsRead():
            return [*thresholds(event)]
        case _:
            late = _late((event.received_at - event.occurred_at).total_seconds())
            return [*_of_a_meeting(event, look, names), late]


def _alert(event: AlertEvent, look: Look) -> Details:
    match event:
        case AlertChanged():
            return _changed(event)
        case AlertSilenced(matchers=matchers):
            fits = [f"{matcher.label}={shown(matcher.pattern)}" for matcher in matchers]
            until = f"until {event.ends_at:%Y-%m-%d %H:%M} UTC"
            return ["ended" if event.ended else until, *fits, *_by(event.who, event.why, look)]
        case AlertAcknowledged():
            return [event.alert_id, *_by(event.who, event.note, look)]
        case AlertNotified():
            return [event.channel, event.outcome, event.alert_id]


def _by(who: str, why: str, look: Look) -> Details:
    return [f"by {shown(who, NAME_COLUMNS)}", shown(why)] if look.names else []


def _changed(event: AlertChanged) -> Details:
    place = event.place.removeprefix(f"{event.enterprise}/")
    checks = ", ".join(trouble.check for trouble in event.troubles)
    return [
        *(event.change, event.severity, f"{event.level} {shown(place)}", _concerned(event)),
        *(event.direction, checks, event.because),
    ]


def _concerned(event: AlertChanged) -> str | None:
    if not event.people:
        return None
    several = f" in {event.meetings} meetings" if event.meetings > 1 else ""
    return f"{event.people} of {event.measured}{several}"


_OfAMeeting = (
    MeetingEvent
    | ParticipantJoined
    | ParticipantLeft
    | MeetingDescribed
    | MeetingStateChanged
    | LayoutChanged
    | InvitationAnswered
    | InterpretersChanged
    | RosterReplaced
    | ParticipantChanged
    | ParticipantGone
    | ActiveSpeakersChanged
    | QualitySampled
    | CaptionSpoken
)


def _of_a_meeting(event: _OfAMeeting, look: Look, names: Names) -> Details:
    match event:
        case ParticipantJoined() | ParticipantLeft():
            return [*_who(event.participant, look), _series(event.meeting_cycle_sub_id)]
        case RosterReplaced():
            part = f"part {event.part} of {event.parts}" if event.parts > 1 else None
            return [event.roster, _counted(len(event.people), "person", "people"), part]
        case ParticipantChanged():
            return [called(event.person, event.meeting_id, look, names), event.roster, *changes(event.person)]
        case ParticipantGone():
            return [called(event.person, event.meeting_id, look, names), event.roster]
        case ActiveSpeakersChanged():
            return [_speakers(event, look)]
        case QualitySampled():
            return [_behind(event.participant_id, event.meeting_id, look, names), *figures(event)]
        case CaptionSpoken():
            return [_behind(event.participant_id, event.meeting_id, look, names), *_words(event, look)]
        case MeetingDescribed() | MeetingStateChanged() | LayoutChanged():
            return _meeting(event, look)
        case InvitationAnswered():
            number = event.call_number if look.names else None
            return [number, event.result or f"code {event.result_code}"]
        case InterpretersChanged():
            return _interpreters(event, look)
        case _:
            return [_series(event.meeting_cycle_sub_id)]


def _series(sub_id: str | None) -> str | None:
    return f"series {sub_id}" if sub_id else None


def _who(participant: Participant, look: Look) -> Details:
    names = (participant.display_name, participant.account, participant.call_number)
    found = next((name for name in names if name), None) if look.names else None
    return [shown(found or participant.participant_id or "?", NAME_COLUMNS), participant.role, participant.client_type]


def _behind(participant_id: str | None, meeting_id: str, look: Look, names: Names) -> str:
    name = names.of(meeting_id, participant_id) if look.names else None
    return shown(name or participant_id or "?", NAME_COLUMNS)


def _speakers(event: ActiveSpeakersChanged, look: Look) -> str:
    if not event.speakers:
        return "silence"
    told = []
    for speaker in event.speakers:
        name = (speaker.name if look.names else None) or speaker.participant_id or "?"
        told.append(shown(name, NAME_COLUMNS) + (f" {speaker.volume}" if speaker.volume is not None else ""))
    return ", ".join(told)


def _words(event: CaptionSpoken, look: Look) -> Details:
    how = {True: "final", False: "interim", None: None}[event.final]
    if not look.names:
        return [how, *(line.language for line in event.lines)]
    return [how, *(f"{shown(line.language or '?')}: {shown(line.text)}" for line in event.lines)]


def _meeting(event: MeetingDescribed | MeetingStateChanged | LayoutChanged, look: Look) -> Details:
    match event:
        case MeetingDescribed():
            personal = [event.subject, f"owner {event.owner_name}" if event.owner_name else None]
            return [*(personal if look.names else []), event.media, "webinar" if event.is_webinar else None]
        case LayoutChanged():
            return [event.layout, _pictures(event.picture_count)]
        case _:
            until = f"until {_clock(event.ends_at, look)}" if event.ends_at else None
            return [event.state, until, event.layout, _pictures(event.picture_count), *_standing(event)]


def _standing(event: MeetingStateChanged) -> Details:
    said = {
        "locked": event.locked,
        "paused": event.paused,
        "recording": event.recording_now,
        "captions on": event.captions_on,
        "waiting room": event.waiting_room_on,
        "interpretation": event.interpretation_on,
    }
    audience = f"audience {event.audience_count}" if event.audience_count else None
    return [*(word for word, is_so in said.items() if is_so), audience]


def _pictures(count: int | None) -> str | None:
    return None if count is None else _counted(count, "picture", "pictures")


def _interpreters(event: InterpretersChanged, look: Look) -> Details:
    if not event.groups:
        return ["none"]
    told = []
    for group in event.groups:
        languages = f"{group.first_language or '?'}-{group.second_language or '?'}"
        found = [one.name for one in group.interpreters if one.name] if look.names else []
        who = ", ".join(shown(name, NAME_COLUMNS) for name in found) or str(len(group.interpreters))
        told.append(f"{shown(languages)}: {who}")
    return [*told]


def _subscription(event: SubscriptionChanged) -> Details:
    known = event.unseen_since if event.reason != _START_UNKNOWN else None
    unseen = (event.occurred_at - known).total_seconds() if known else 0.0
    return [
        event.change,
        event.reason,
        f"{event.push_type} {_range(event)}" if event.push_type else None,
        f"{event.missed} missed" if event.missed is not None else None,
        # A start takes its moment.
        f"unseen for {_length(unseen)}" if unseen >= 1 else None,
    ]


def _range(event: SubscriptionChanged) -> str:
    if event.first_missed is None or event.last_missed is None:
        return ""
    if event.first_missed == event.last_missed:
        return str(event.first_missed)
    return f"{event.first_missed}-{event.last_missed}"


def _counted(count: int, one: str, several: str) -> str:
    return f"{count} {one if count == 1 else several}"


def _clock(at: datetime, look: Look) -> str:
    return f"{at.astimezone(look.zone):%H:%M}"


def _late(seconds: float) -> str | None:
    return f"+{_length(seconds)}" if seconds >= _LATE_S else None


def _length(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7_200 else f"{seconds / 3_600:.0f} h"
