"""What records tell of a meeting, as they are read from the evidence; times are seconds from NINE."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from consumers.captions.evidence.told import Told
from schemas.archive import FORMAT, segment_key
from schemas.archive.manifest import Kept, Manifest, Stretch
from schemas.events import (
    ActiveSpeakersChanged,
    AnyEvent,
    CaptionLine,
    CaptionSpoken,
    MeetingCancelled,
    MeetingClosed,
    MeetingDescribed,
    MeetingEnded,
    MeetingRescheduled,
    MeetingScheduled,
    MeetingStarted,
    MeetingStateChanged,
    Participant,
    ParticipantChanged,
    ParticipantGone,
    ParticipantJoined,
    ParticipantLeft,
    Person,
    ReceiverAlive,
    RecordingFinished,
    RosterReplaced,
    Speaker,
    SubscriptionChanged,
)
from schemas.topics import CAPTIONS, LIFECYCLE, PARTICIPANTS, SPEAKERS, STATE

NINE: Final = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)
UUID: Final = "5" * 32
RECEIVER: Final = "7" * 32

Lifecycle = (
    MeetingStarted
    | MeetingEnded
    | MeetingClosed
    | MeetingScheduled
    | MeetingRescheduled
    | MeetingCancelled
    | RecordingFinished
)


def at(s: float) -> datetime:
    """Return a time of the story."""
    return NINE + timedelta(seconds=s)


class Story:
    """Records of one meeting, in the order in which they are told; `beside` another on the same partition."""

    def __init__(
        self,
        meeting_id: str = "900000001",
        uuid: str | None = UUID,
        *,
        partition: int = 3,
        beside: Story | None = None,
    ) -> None:
        self.told: list[Told] = []
        self.uuid = uuid
        self._meeting_id = meeting_id
        self._partition = partition
        self._offsets: Counter[str] = Counter() if beside is None else beside._offsets

    def record(
        self, topic: str, event: AnyEvent | None, s: float, *, epoch: int | None = None, event_id: str | None = None
    ) -> Told:
        """Tell of `event`, received at `s`."""
        offset = self._offsets[topic]
        self._offsets[topic] += 1
        is_alive = isinstance(event, ReceiverAlive)
        told = Told(
            segment=segment_key("c", topic, self._partition, 0),
            line=offset,
            topic=topic,
            partition=self._partition,
            offset=offset,
            time_ms=round(at(s).timestamp() * 1_000),
            event_id=event_id or f"{topic.split('.')[1]}-{self._meeting_id}-{offset}",
            enterprise="" if is_alive else "acme",
            key=RECEIVER if is_alive else self._meeting_id,
            epoch=epoch,
            event=event,
        )
        self.told.append(told)
        return told

    def lifecycle(self, kind: type[Lifecycle], s: float, *, late_s: float = 0.0, **other: Any) -> Told:
        """Tell of the meeting as a whole, as the webhook does, `late_s` after it happened."""
        event = kind(**self._of_a_meeting(s), **other)
        return self.record(LIFECYCLE, event, s + late_s)

    def joined(self, s: float, pid: str, name: str, *, left: bool = False) -> Told:
        """Tell of somebody's coming, or going."""
        blank = dict.fromkeys(Participant.__struct_fields__)
        who = msgspec.convert({**blank, "participant_id": pid, "display_name": name}, Participant)
        kind = ParticipantLeft if left else ParticipantJoined
        return self.record(LIFECYCLE, kind(**self._of_a_meeting(s), participant=who), s)

    def listening(
        self,
        change: str,
        s: float,
        *,
        epoch: int = 1,
        receiver: str = RECEIVER,
        reason: str | None = None,
        since: datetime | None = None,
        **gap: Any,
    ) -> Told:
        """Tell of the subscription."""
        blank = dict.fromkeys(("push_type", "first_missed", "last_missed", "missed"))
        event = SubscriptionChanged(
            enterprise="acme",
            meeting_id=self._meeting_id,
            meeting_uuid=self.uuid,
            occurred_at=at(s),
            change=change,
            reason=reason,
            epoch=epoch,
            receiver=receiver,
            unseen_since=since,
            **{**blank, **gap},
        )
        return self.record(STATE, event, s, epoch=epoch)

    def alive(self, *seconds: float, receiver: str = RECEIVER) -> None:
        """Tell that a receiver is there."""
        for s in seconds:
            event = ReceiverAlive(
                receiver=receiver,
                occurred_at=at(s),
                subscriptions=1,
                partition=self._partition,
                partition_subscriptions=1,
                position=1,
            )
            self.record(STATE, event, s)

    def described(self, s: float, **facts: Any) -> Told:
        """Tell what the meeting is called, and the like."""
        blank = dict.fromkeys(set(MeetingDescribed.__struct_fields__) - self._pushed(s).keys())
        return self.record(STATE, MeetingDescribed(**{**blank, **self._pushed(s), **facts}), s, epoch=1)

    def state(self, s: float, *, epoch: int | None = 1, **facts: Any) -> Told:
        """Tell how the meeting is."""
        blank = dict.fromkeys(set(MeetingStateChanged.__struct_fields__) - self._pushed(s).keys())
        return self.record(STATE, MeetingStateChanged(**{**blank, **self._pushed(s), **facts}), s, epoch=epoch)

    def speakers(self, s: float, *speaking: tuple[str | None, str | None], volume: int = 40) -> Told:
        """Tell who is loud: IDs and names."""
        people = [Speaker(participant_id=pid, name=name, volume=volume) for pid, name in speaking]
        return self.record(SPEAKERS, ActiveSpeakersChanged(**self._pushed(s), speakers=people), s, epoch=1)

    def roster(self, s: float, people: Mapping[str, str]) -> Told:
        """Tell who is there."""
        persons = [Person(participant_id=pid, name=name) for pid, name in people.items()]
        event = RosterReplaced(
            **self._pushed(s), roster="participants", snapshot_id="1", part=1, parts=1, people=persons
        )
        return self.record(PARTICIPANTS, event, s, epoch=1)

    def renamed(self, s: float, pid: str, name: str | None, *, gone: bool = False) -> Told:
        """Tell what is new of somebody."""
        kind = ParticipantGone if gone else ParticipantChanged
        event = kind(**self._pushed(s), roster="participants", person=Person(participant_id=pid, name=name))
        return self.record(PARTICIPANTS, event, s, epoch=1)

    def caption(
        self,
        s: float,
        text: str | Mapping[str, str] | Sequence[CaptionLine],
        *,
        pid: str | None = "zhang",
        final: bool | None = True,
        line_id: str | None = None,
        times: tuple[int | None, int | None] = (None, None),
        spoken_at: datetime | None = None,
        epoch: int | None = 1,
        received_s: float | None = None,
        event_id: str | None = None,
    ) -> Told:
        """Tell what was said."""
        event = CaptionSpoken(
            **self._pushed(s),
            participant_id=pid,
            lines=_lines(text, line_id),
            final=final,
            spoken_at=spoken_at or at(s),
            begin_ms=times[0],
            end_ms=times[1],
            original=None,
            original_sha256="0" * 64,
        )
        return self.record(CAPTIONS, event, s if received_s is None else received_s, epoch=epoch, event_id=event_id)

    def _pushed(self, s: float) -> dict[str, Any]:
        return {
            "enterprise": "acme",
            "meeting_id": self._meeting_id,
            "meeting_uuid": self.uuid,
            "occurred_at": at(s),
            "received_at": at(s),
            "message_id": None,
        }

    def _of_a_meeting(self, s: float) -> dict[str, Any]:
        pushed = {key: value for key, value in self._pushed(s).items() if key != "message_id"}
        return {
            **pushed,
            "meeting_cycle_sub_id": None,
            "sent_at": at(s),
            "original": None,
            "original_sha256": "0" * 64,
        }


def _lines(text: str | Mapping[str, str] | Sequence[CaptionLine], line_id: str | None) -> list[CaptionLine]:
    if isinstance(text, str):
        text = {"Mandarin": text}
    if isinstance(text, Mapping):
        return [CaptionLine(language=language, text=said, line_id=line_id) for language, said in text.items()]
    return list(text)


def kept(occurrence_id: str, told: Sequence[Told], *, uuid: str | None = None) -> Manifest:
    """Return the manifest of an occurrence that was kept with these records."""
    segments = sorted({one.segment for one in told})
    return Manifest(
        format=FORMAT,
        archive="archive.example.com",
        occurrence=occurrence_id,
        version=1,
        because="closed",
        enterprise="acme",
        meeting_id="900000001",
        meeting_uuid=uuid,
        started_at=None,
        ended_at=None,
        closed_by="silent",
        decision=Kept(keep=True, rule="all"),
        records=len(told),
        root="0" * 64,
        evidence=[
            Stretch(
                segment=segment,
                records=len(told),
                root="0" * 64,
                lines=[(one.line, 1) for one in told if one.segment == segment],
            )
            for segment in segments
        ],
        captions=0,
        cues=0,
        unfinished=0,
        languages=[],
        unseen=[],
        files=[],
        program="meetwire",
        rules={},
    )
