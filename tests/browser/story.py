"""Meetings as a receiver writes them down: what happens in them, one call each."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec

from schemas.events import (
    ActiveSpeakersChanged,
    AlertChanged,
    AlertTrouble,
    CaptionLine,
    CaptionSpoken,
    Event,
    Flow,
    MeetingClosed,
    MeetingDescribed,
    MeetingStarted,
    MeetingStateChanged,
    ParticipantGone,
    Person,
    QualitySampled,
    ReceiverAlive,
    RosterReplaced,
    Speaker,
    SubscriptionChanged,
    encode,
)
from schemas.ids import LogId
from schemas.record import Record, content_id, partition_of, traceparent
from schemas.topics import ALERTS, CAPTIONS, LIFECYCLE, PARTICIPANTS, QUALITY, SPEAKERS, STATE

from ..consumers.writing import LogWriter

PARTITIONS: Final = 12
RECEIVER: Final = LogId("1" * 32)
_UTC_START: Final = datetime(2020, 1, 1, tzinfo=UTC)


def now() -> datetime:
    """Return the time, to the microsecond and later than at any call before."""
    return datetime.now(UTC)


def blank(kind: type[Any], **known: Any) -> Any:
    """Return an event of which only `known` is known: what else it has to have is null, empty or its default."""
    given = dict(known)
    for field in msgspec.structs.fields(kind):
        if field.required and field.name not in given:
            given[field.name] = None
    return kind(**given)


class Story:
    """A log that tells of meetings."""

    def __init__(self, folder: Path) -> None:
        self.writer = LogWriter(folder, RECEIVER)
        self._told = 0
        self.decided: list[Record] = []
        """What of it is about alerts."""

    def tell(self, *records: Record) -> None:
        """Write records down in one commit."""
        self.writer.append(*records, at_ms=int(now().timestamp() * 1_000))
        self.decided += [record for record in records if record.topic == ALERTS]

    def alive(self) -> None:
        """Write down that the receiver is there, on every partition."""
        at = now()
        self.tell(
            *(
                self.record(
                    ReceiverAlive(
                        receiver=RECEIVER,
                        occurred_at=at,
                        subscriptions=1,
                        partition=partition,
                        partition_subscriptions=1,
                        position=1,
                    ),
                    STATE,
                    RECEIVER,
                    partition=partition,
                )
                for partition in range(PARTITIONS)
            )
        )

    def record(
        self,
        event: Event,
        topic: str,
        key: str,
        *,
        partition: int | None = None,
        enterprise: str = "acme",
        epoch: int | None = None,
    ) -> Record:
        """Return the record of an event that comes now; each has an ID of its own."""
        self._told += 1
        event_id = content_id(topic, key, self._told)
        return Record(
            topic=topic,
            partition=partition_of(key, PARTITIONS) if partition is None else partition,
            key=key,
            id=event_id,
            type=type(event).__name__,
            enterprise=enterprise,
            occurred_at=getattr(event, "occurred_at", _UTC_START),
            received_ms=int(now().timestamp() * 1_000),
            trace=traceparent(event_id, None),
            value=encode(event),
            epoch=epoch,
        )

    def close(self) -> None:
        """Close the log."""
        self.writer.close()


class Meeting:
    """One meeting, which is on until `ends`."""

    def __init__(self, story: Story, meeting_id: str, *, enterprise: str = "acme", began_min: float = 20.0) -> None:
        self.story, self.meeting_id, self.enterprise = story, meeting_id, enterprise
        self.uuid = hashlib.sha256(f"{enterprise} {meeting_id}".encode()).hexdigest()[:32]
        self.began = now() - timedelta(minutes=began_min)
        self.epoch = 1
        self._ids: dict[str, str] = {}

    @property
    def id(self) -> str:
        """The occurrence's ID, as the page's address has it."""
        return content_id("occurrence", self.enterprise, self.meeting_id, self.uuid)

    def begins(self, subject: str | None, people: dict[str, str], *, captions: bool = True) -> list[Record]:
        """Return its begin, with these people by ID and name."""
        started = blank(
            MeetingStarted,
            enterprise=self.enterprise,
            meeting_id=self.meeting_id,
            meeting_uuid=self.uuid,
            occurred_at=self.began,
            sent_at=self.began,
            received_at=self.began,
            original_sha256="0" * 64,
        )
        return [
            self.story.record(started, LIFECYCLE, self.meeting_id, enterprise=self.enterprise),
            self.seen("opened", at=self.began),
            self._record(MeetingDescribed, STATE, at=self.began, subject=subject, owner_name="Chen Jing"),
            self._record(MeetingStateChanged, STATE, at=self.began, state="running", captions_on=captions),
            self.roster(people, at=self.began),
        ]

    def seen(self, change: str, *, at: datetime | None = None, **known: Any) -> Record:
        """Return what became of the subscription."""
        event = blank(
            SubscriptionChanged,
            enterprise=self.enterprise,
            meeting_id=self.meeting_id,
            meeting_uuid=self.uuid,
            occurred_at=at or now(),
            change=change,
            epoch=self.epoch,
            receiver=RECEIVER,
            **known,
        )
        return self.story.record(event, STATE, self.meeting_id, enterprise=self.enterprise, epoch=self.epoch)

    def roster(self, people: dict[str, str], *, at: datetime | None = None) -> Record:
        """Return all who are there."""
        self._ids = {name: participant_id for participant_id, name in people.items()}
        there = [
            Person(
                participant_id=participant_id,
                name=name,
                role="host" if place == 0 else "participant",
                kind="normal",
                client_type=("Desktop", "Mobile", "Pad")[place % 3],
                state="in_meeting",
                muted=place % 2 == 1,
                camera_on=place % 3 == 0,
                joined_at=self.began,
            )
            for place, (participant_id, name) in enumerate(people.items())
        ]
        self.story._told += 1
        snapshot = content_id(self.meeting_id, "roster", self.story._told)
        return self._record(
            RosterReplaced,
            PARTICIPANTS,
            at=at,
            roster="participants",
            snapshot_id=snapshot,
            part=1,
            parts=1,
            people=there,
        )

    def leaves(self, participant_id: str) -> Record:
        """Return that somebody went."""
        person = Person(participant_id=participant_id)
        return self._record(ParticipantGone, PARTICIPANTS, roster="participants", person=person)

    def speak(self, *names: str) -> Record:
        """Return who speaks now."""
        speakers = [Speaker(participant_id=self._ids.get(name), name=name, volume=50) for name in names]
        return self._record(ActiveSpeakersChanged, SPEAKERS, speakers=speakers)

    def measured(self, participant_id: str, *, loss: float, jitter: float = 5.0, at: datetime | None = None) -> Record:
        """Return a look at somebody's connection: what is sent is as bad as said, what is received is good."""
        flows = [
            Flow(modality=modality, direction=direction, bitrate_bps=64_000, packet_loss_ratio=ratio, jitter_ms=delay)
            for modality in ("audio", "video")
            for direction, ratio, delay in (("sent", loss, jitter), ("received", 0.001, 4.0))
        ]
        return self._record(
            QualitySampled,
            QUALITY,
            at=at,
            source="push",
            participant_id=participant_id,
            over=False,
            alarms=[],
            flows=flows,
            round_trip_ms=40.0,
        )

    def says(self, participant_id: str, text: str, *, line: str, final: bool = True, english: str = "") -> Record:
        """Return a caption; `line` is the sentence's ID."""
        lines = [CaptionLine(language="Mandarin", text=text, line_id=line)]
        if english:
            lines.append(CaptionLine(language="English", text=english, line_id=line))
        return self._record(
            CaptionSpoken,
            CAPTIONS,
            participant_id=participant_id,
            lines=lines,
            final=final,
            spoken_at=now(),
            original_sha256="0" * 64,
        )

    def alert(self, change: str = "fired", *, rule: str = "audio-loss", severity: str = "critical") -> Record:
        """Return an alert about this meeting."""
        at = now()
        trouble = blank(
            AlertTrouble,
            check=f"{rule}/audio/sent",
            rule=rule,
            severity=severity,
            since=at - timedelta(minutes=2),
            people=2,
            metric="packet_loss_ratio",
            above=0.1,
            bad=4,
            of=5,
            for_s=60.0,
            keep_firing_for_s=60.0,
            samples=[],
        )
        event = blank(
            AlertChanged,
            alert_id=hashlib.sha256(f"{self.id} {rule}".encode()).hexdigest()[:32],
            enterprise=self.enterprise,
            change=change,
            level="meeting",
            place=self.meeting_id,
            meeting_id=self.meeting_id,
            severity=severity,
            since=at - timedelta(minutes=2),
            occurred_at=at,
            because="good" if change == "resolved" else None,
            troubles=[trouble],
            people=2,
            measured=5,
            meetings=1,
            muted=False,
        )
        return self.story.record(event, ALERTS, self.meeting_id, enterprise=self.enterprise)

    def ends(self) -> Record:
        """Return that it is over for good."""
        at = now()
        event = blank(
            MeetingClosed,
            enterprise=self.enterprise,
            meeting_id=self.meeting_id,
            meeting_uuid=self.uuid,
            occurred_at=at,
            sent_at=at,
            received_at=at,
            original_sha256="0" * 64,
        )
        return self.story.record(event, LIFECYCLE, self.meeting_id, enterprise=self.enterprise)

    def _record(self, kind: type[Any], topic: str, *, at: datetime | None = None, **known: Any) -> Record:
        when = at or now()
        event = blank(
            kind,
            enterprise=self.enterprise,
            meeting_id=self.meeting_id,
            meeting_uuid=self.uuid,
            occurred_at=when,
            received_at=when,
            **known,
        )
        return self.story.record(event, topic, self.meeting_id, enterprise=self.enterprise, epoch=self.epoch)
