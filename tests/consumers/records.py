"""Records as a receiver would have written them."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

from schemas.events import Event, MeetingStarted, Participant, ParticipantJoined, encode
from schemas.ids import LogId
from schemas.record import Record, content_id, traceparent
from schemas.topics import LIFECYCLE, UNRECOGNISED, TopicName

LOG = LogId("11111111111111111111111111111111")
OTHER_LOG = LogId("22222222222222222222222222222222")
NOON = datetime(2026, 7, 1, 12, 0, 0, tzinfo=UTC)


def started(meeting_id: str = "m-1", *, at: datetime = NOON, late_s: float = 1.0) -> MeetingStarted:
    """Return a meeting's start at `at`, received `late_s` later."""
    return MeetingStarted(
        enterprise="acme",
        meeting_id=meeting_id,
        meeting_uuid=None,
        meeting_cycle_sub_id=None,
        occurred_at=at,
        sent_at=at,
        received_at=at + timedelta(seconds=late_s),
        original=None,
        original_sha256=hashlib.sha256(meeting_id.encode()).hexdigest(),
    )


def joined(who: Participant, *, meeting_id: str = "m-1", at: datetime = NOON) -> ParticipantJoined:
    """Return somebody's coming."""
    return ParticipantJoined(
        enterprise="acme",
        meeting_id=meeting_id,
        meeting_uuid=None,
        meeting_cycle_sub_id=None,
        occurred_at=at,
        sent_at=at,
        received_at=at + timedelta(seconds=1),
        original=None,
        original_sha256="0" * 64,
        participant=who,
    )


def person(display_name: str | None = "张三", **known: str) -> Participant:
    """Return somebody of whom only `known` is known besides the name."""
    blank = dict.fromkeys(Participant.__struct_fields__)
    return Participant(**{**blank, "display_name": display_name, **known})  # type: ignore[arg-type]  # all may be None


def record(
    event: Event,
    *,
    key: str = "m-1",
    topic: TopicName = LIFECYCLE,
    partition: int = 0,
    received_at: datetime = NOON,
    value: bytes | None = None,
) -> Record:
    """Return the record of `event`, or of `value` under its name."""
    event_id = content_id(key, topic, partition, value or encode(event))
    return Record(
        topic=topic,
        partition=partition,
        key=key,
        id=event_id,
        type=type(event).__name__,
        enterprise="acme",
        occurred_at=NOON,
        received_ms=int(received_at.timestamp() * 1_000),
        trace=traceparent(event_id, None),
        value=encode(event) if value is None else value,
    )


def numbered(count: int, *, first: int = 1, partitions: int = 1, topic: TopicName = LIFECYCLE) -> list[Record]:
    """Return `count` records that can be told apart, spread over `partitions` in turn; each a second after the last."""
    return [
        record(
            started(f"m-{number}"),
            key=f"m-{number}",
            topic=topic,
            partition=number % partitions,
            received_at=NOON + timedelta(seconds=number),
        )
        for number in range(first, first + count)
    ]


def set_aside(count: int) -> list[Record]:
    """Return records of the other topic."""
    return numbered(count, topic=UNRECOGNISED)
