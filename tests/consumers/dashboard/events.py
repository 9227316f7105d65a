"""Events about one meeting, as short as a test wants them: what is not said is null."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar

import msgspec

from schemas.events import (
    ActiveSpeakersChanged,
    AnyEvent,
    CaptionLine,
    CaptionSpoken,
    Event,
    Flow,
    MeetingClosed,
    MeetingDescribed,
    MeetingEnded,
    MeetingStarted,
    MeetingStateChanged,
    Participant,
    ParticipantChanged,
    ParticipantGone,
    ParticipantJoined,
    ParticipantLeft,
    Person,
    QualitySampled,
    RecordingFinished,
    RosterReplaced,
    Speaker,
    SubscriptionChanged,
    encode,
)
from schemas.events.alerts import AlertChanged, AlertSample, AlertTrouble
from schemas.record import Record, content_id, traceparent
from schemas.topics import ALERTS, CAPTIONS, LIFECYCLE, PARTICIPANTS, QUALITY, SPEAKERS, STATE, TopicName
from tests.consumers.records import NOON

Kind = TypeVar("Kind", bound=Event)
KEY = ("acme", "m-1")


class Told(NamedTuple):
    """One event on its way: its topic, and the epoch in its record."""

    topic: TopicName
    event: AnyEvent
    epoch: int | None = None

    @property
    def id(self) -> str:
        """Return the record's ID."""
        return content_id(self.topic, self.epoch, encode(self.event))


def after(seconds: float) -> datetime:
    """Return a time so long after noon."""
    return NOON + timedelta(seconds=seconds)


def blank(kind: type[Kind], at_s: float, **said: Any) -> Kind:
    """Return an event of which only what is said is not null."""
    at = after(at_s)
    known = {"enterprise": "acme", "meeting_id": "m-1", "occurred_at": at, "received_at": at, "sent_at": at}
    fields = msgspec.structs.fields(kind)
    names = {field.name for field in fields}
    empty: dict[str, Any] = {field.name: None for field in fields if field.required}
    empty |= {name: value for name, value in known.items() if name in names}
    return kind(**{**empty, **said})


def lifecycle(
    kind: type[MeetingStarted | MeetingEnded | MeetingClosed | RecordingFinished], at_s: float, uuid: str | None = "u-1"
) -> Told:
    """Return what the enterprise push says of a meeting."""
    return Told(LIFECYCLE, blank(kind, at_s, meeting_uuid=uuid, original_sha256="0" * 64))


def came(at_s: float, who: str, *, is_in: bool = True, uuid: str | None = "u-1", name: str | None = None) -> Told:
    """Return that somebody joined or left."""
    none = dict.fromkeys(Participant.__struct_fields__)
    person = Participant(**{**none, "participant_id": who, "display_name": name or who.upper()})  # type: ignore[arg-type]  # all may be None
    said = {"meeting_uuid": uuid, "original_sha256": "0" * 64, "participant": person}
    return Told(LIFECYCLE, blank(ParticipantJoined, at_s, **said) if is_in else blank(ParticipantLeft, at_s, **said))


def described(at_s: float, subject: str, *, uuid: str | None = "u-1", epoch: int = 1) -> Told:
    """Return what a meeting is."""
    event = blank(MeetingDescribed, at_s, meeting_uuid=uuid, subject=subject, owner_name="Ann", started_at=after(0))
    return Told(STATE, event, epoch)


def state(at_s: float, *, uuid: str | None = "u-1", epoch: int = 1, **said: Any) -> Told:
    """Return how a meeting stands."""
    return Told(STATE, blank(MeetingStateChanged, at_s, meeting_uuid=uuid, **said), epoch)


def subscription(at_s: float, change: str, *, uuid: str | None = "u-1", epoch: int = 1, **said: Any) -> Told:
    """Return what became of the subscription."""
    event = blank(SubscriptionChanged, at_s, meeting_uuid=uuid, change=change, epoch=epoch, receiver="1" * 32, **said)
    return Told(STATE, event)


def roster(
    at_s: float,
    *people: Person,
    uuid: str | None = "u-1",
    epoch: int = 1,
    snapshot: str = "s",
    part: int = 1,
    parts: int = 1,
    which: str = "participants",
) -> Told:
    """Return a part of a roster."""
    event = blank(
        RosterReplaced,
        at_s,
        meeting_uuid=uuid,
        roster=which,
        snapshot_id=snapshot,
        part=part,
        parts=parts,
        people=list(people),
    )
    return Told(PARTICIPANTS, event, epoch)


def changed(
    at_s: float, person: Person, *, uuid: str | None = "u-1", epoch: int = 1, which: str = "participants"
) -> Told:
    """Return that somebody changed, or is new."""
    event = blank(ParticipantChanged, at_s, meeting_uuid=uuid, roster=which, person=person)
    return Told(PARTICIPANTS, event, epoch)


def gone(at_s: float, person: Person, *, uuid: str | None = "u-1", epoch: int = 1, which: str = "participants") -> Told:
    """Return that somebody is gone."""
    event = blank(ParticipantGone, at_s, meeting_uuid=uuid, roster=which, person=person)
    return Told(PARTICIPANTS, event, epoch)


def speaking(at_s: float, *who: str, uuid: str | None = "u-1", epoch: int = 1) -> Told:
    """Return who speaks."""
    speakers = [Speaker(participant_id=one, name=None, volume=9) for one in who]
    return Told(SPEAKERS, blank(ActiveSpeakersChanged, at_s, meeting_uuid=uuid, speakers=speakers), epoch)


def flow(modality: str = "audio", direction: str = "sent", **figures: Any) -> Flow:
    """Return one flow."""
    return Flow(modality=modality, direction=direction, **figures)


def sampled(
    at_s: float,
    who: str,
    *flows: Flow,
    uuid: str | None = "u-1",
    epoch: int | None = 1,
    source: str = "push",
    **said: Any,
) -> Told:
    """Return one sample."""
    event = blank(
        QualitySampled,
        at_s,
        **{
            "meeting_uuid": uuid,
            "source": source,
            "participant_id": who,
            "over": False,
            "alarms": [],
            "flows": list(flows),
            **said,
        },
    )
    return Told(QUALITY, event, epoch)


def caption(
    at_s: float,
    text: str,
    *,
    who: str | None = "a",
    final: bool | None = True,
    line: str | None = None,
    language: str = "English",
    uuid: str | None = "u-1",
    epoch: int = 1,
) -> Told:
    """Return what somebody said."""
    event = blank(
        CaptionSpoken,
        at_s,
        meeting_uuid=uuid,
        participant_id=who,
        lines=[CaptionLine(language=language, text=text, line_id=line)],
        final=final,
        original_sha256="0" * 64,
    )
    return Told(CAPTIONS, event, epoch)


def alert(at_s: float, alert_id: str = "a" * 32, change: str = "fired", **said: Any) -> Told:
    """Return what became of an alert about the meeting."""
    event = blank(
        AlertChanged,
        at_s,
        **{
            "alert_id": alert_id,
            "change": change,
            "level": "meeting",
            "place": "acme/m-1",
            "severity": "warning",
            "since": after(0),
            "troubles": [trouble()],
            "people": 3,
            "measured": 4,
            "meetings": 1,
            "muted": False,
            **said,
        },
    )
    return Told(ALERTS, event)


def trouble(rule: str = "audio-loss") -> AlertTrouble:
    """Return one check that fires."""
    # What has a default keeps it; the rest is not said.
    empty = {field.name: None for field in msgspec.structs.fields(AlertTrouble) if field.required}
    known: dict[str, Any] = {
        "check": f"{rule}/audio/sent",
        "rule": rule,
        "severity": "warning",
        "since": after(0),
        "people": 3,
        "metric": "packet_loss_ratio",
        "above": 0.1,
        "bad": 3,
        "of": 5,
        "for_s": 0.0,
        "keep_firing_for_s": 0.0,
        "samples": [AlertSample(measured_at=after(0), value=0.3, bad=True)],
    }
    return AlertTrouble(**{**empty, **known})


def person(participant_id: str | None, **said: Any) -> Person:
    """Return somebody on a roster."""
    return Person(participant_id=participant_id, **said)


def recorded(told: Told, *, key: str = "m-1", partition: int = 0, received_at: datetime | None = None) -> Record:
    """Return the record of it."""
    at = received_at or told.event.occurred_at  # type: ignore[union-attr]  # those that are told here have it
    return Record(
        topic=told.topic,
        partition=partition,
        key=key,
        id=told.id,
        type=type(told.event).__name__,
        enterprise=getattr(told.event, "enterprise", "acme"),
        occurred_at=at,
        received_ms=int(at.timestamp() * 1_000),
        trace=traceparent(told.id, None),
        value=encode(told.event),
        epoch=told.epoch,
    )


def as_plain(struct: msgspec.Struct) -> Any:
    """Return what a struct holds, for a comparison that shows what differs."""
    return msgspec.to_builtins(struct)
