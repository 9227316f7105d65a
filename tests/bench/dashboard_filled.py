"""A local log in which five thousand meetings are on, with twenty people each; and records for a stream."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from schemas.events import (
    Event,
    Flow,
    MeetingDescribed,
    MeetingStarted,
    MeetingStateChanged,
    Person,
    QualitySampled,
    RosterReplaced,
    SubscriptionChanged,
    encode,
)
from schemas.record import Record, content_id, partition_of, traceparent
from schemas.topics import LIFECYCLE, PARTICIPANTS, QUALITY, STATE, TopicName
from tests.consumers.writing import LogWriter

MEETINGS: Final = 5_000
PEOPLE: Final = 20
_PARTITIONS: Final = 12
_COMMIT: Final = 2_000
_NAMES: Final = ("王小明", "欧阳锋", "Ann Example", "李娜 🎧", "O'Brien")


def fill(folder: Path, meetings: int = MEETINGS, people: int = PEOPLE) -> int:
    """Write the log; return how many records there are. Blocking."""
    writer, batch, count = LogWriter(folder), [], 0
    now = datetime.now(UTC)
    for record in records(now, meetings, people):
        batch.append(record)
        count += 1
        if len(batch) == _COMMIT:
            writer.append(*batch, at_ms=_ms(now))
            batch = []
    if batch:
        writer.append(*batch, at_ms=_ms(now))
    writer.close()
    return count


def records(now: datetime, meetings: int, people: int) -> Iterator[Record]:
    """Yield what tells of all of it."""
    for number in range(meetings):
        meeting = f"{number:09d}"
        for topic, event in _meeting(meeting, now - timedelta(minutes=30)):
            yield record(topic, meeting, event, now)
        yield record(PARTICIPANTS, meeting, _roster(meeting, people, now), now)
        for person in range(people):
            yield record(QUALITY, meeting, sample(meeting, f"{meeting}-{person}", person, now), now)


def record(topic: TopicName, meeting: str, event: Event, at: datetime) -> Record:
    """Return the record of one event, as a receiver writes it."""
    value = encode(event)
    event_id = content_id(topic, value)
    return Record(
        topic=topic,
        partition=partition_of(meeting, _PARTITIONS),
        key=meeting,
        id=event_id,
        type=type(event).__name__,
        enterprise="acme",
        occurred_at=at,
        received_ms=_ms(at),
        trace=traceparent(event_id, None),
        value=value,
        epoch=1,
    )


def sample(meeting: str, person: str, number: int, at: datetime) -> QualitySampled:
    """Return one sample with all six flows; one in ten is bad."""
    loss = 0.3 if number % 10 == 0 else 0.001
    flows = [
        Flow(
            modality=modality,
            direction=direction,
            bitrate_bps=1_400_000,
            packet_loss_ratio=loss,
            jitter_ms=8.0,
            latency_ms=40.0,
            frame_rate_fps=25.0,
            resolution="1280*720",
        )
        for modality in ("audio", "video", "screen")
        for direction in ("sent", "received")
    ]
    return QualitySampled(
        **_pushed(meeting, at),  # type: ignore[arg-type]  # the members that all pushes have
        source="push",
        participant_id=person,
        over=False,
        rating="good",
        round_trip_ms=80.0,
        bandwidth_as_sent=61_440,
        client_cpu_ratio=0.2,
        system_cpu_ratio=0.4,
        alarms=[],
        flows=flows,
        surroundings=None,
    )


def _meeting(meeting: str, at: datetime) -> Iterator[tuple[TopicName, Event]]:
    started = MeetingStarted(
        enterprise="acme",
        meeting_id=meeting,
        meeting_uuid=f"uuid-{meeting}",
        meeting_cycle_sub_id=None,
        occurred_at=at,
        sent_at=at,
        received_at=at,
        original="{}" * 200,
        original_sha256="0" * 64,
    )
    yield LIFECYCLE, started
    pushed = _pushed(meeting, at)
    blank = {name: None for name in MeetingDescribed.__struct_fields__}
    known = {"subject": f"周会 / Weekly sync {meeting}", "owner_name": "王小明", "started_at": at}
    yield STATE, MeetingDescribed(**blank | pushed | known)  # type: ignore[arg-type]  # the rest may be None
    blank = {name: None for name in MeetingStateChanged.__struct_fields__}
    now = {"state": "running", "captions_on": True}
    yield STATE, MeetingStateChanged(**blank | pushed | now)  # type: ignore[arg-type]  # the same
    blank = {name: None for name in SubscriptionChanged.__struct_fields__}
    pushed = {name: value for name, value in pushed.items() if name in blank}
    opened = {"change": "opened", "epoch": 1, "receiver": "1" * 32}
    yield STATE, SubscriptionChanged(**blank | pushed | opened)  # type: ignore[arg-type]  # the same


def _roster(meeting: str, people: int, at: datetime) -> RosterReplaced:
    return RosterReplaced(
        **_pushed(meeting, at),  # type: ignore[arg-type]  # the members that all pushes have
        roster="participants",
        snapshot_id=meeting,
        part=1,
        parts=1,
        people=[
            Person(
                participant_id=f"{meeting}-{number}",
                user_uuid=f"user-{meeting}-{number}",
                name=f"{_NAMES[number % len(_NAMES)]} {number}",
                call_number=f"+86 755 {meeting}{number:02d}",
                email=f"person{number}@example.com",
                department="研发部",
                kind="normal",
                role="participant",
                state="in_meeting",
                client_type="Desktop",
                joined_at=at,
                muted=True,
                camera_on=True,
            )
            for number in range(people)
        ],
    )


def _pushed(meeting: str, at: datetime) -> dict[str, object]:
    return {
        "enterprise": "acme",
        "meeting_id": meeting,
        "meeting_uuid": f"uuid-{meeting}",
        "occurred_at": at,
        "received_at": at,
        "message_id": "1",
    }


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1_000)
