"""Records of meeting.state.v1 and meeting.lifecycle.v1 for the tests of ownership."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from receiver.entry import Entry
from schemas.events import AnyEvent, MeetingStarted, ReceiverAlive, SubscriptionChanged, encode
from schemas.record import Record, content_id, partition_of, traceparent
from schemas.topics import LIFECYCLE, STATE

from ..log.entries import PARTITIONS

AT: Final = datetime.now(UTC).replace(microsecond=0)
OTHER: Final = "f" * 32


def changed(
    change: str,
    meeting: str = "m-1",
    *,
    epoch: int = 1,
    at_s: float = 0,
    reason: str | None = None,
    unseen_s: float | None = None,
    receiver: str = OTHER,
) -> Record:
    """Return what a receiver says of its subscription."""
    event = SubscriptionChanged(
        enterprise="acme",
        meeting_id=meeting,
        meeting_uuid=None,
        occurred_at=AT + timedelta(seconds=at_s),
        change=change,
        reason=reason,
        epoch=epoch,
        receiver=receiver,
        unseen_since=None if unseen_s is None else AT + timedelta(seconds=unseen_s),
        push_type=None,
        first_missed=None,
        last_missed=None,
        missed=None,
    )
    return record_of(event, STATE, meeting)


def alive(at_s: float, *, receiver: str = OTHER, partition: int = 0) -> Record:
    """Return a sign of life."""
    event = ReceiverAlive(
        receiver=receiver,
        occurred_at=AT + timedelta(seconds=at_s),
        subscriptions=1,
        partition=partition,
        partition_subscriptions=1,
        position=7,
    )
    return record_of(event, STATE, receiver)


def started(meeting: str) -> Record:
    """Return that a meeting is on."""
    event = MeetingStarted(
        enterprise="acme",
        meeting_id=meeting,
        meeting_uuid=None,
        meeting_cycle_sub_id=None,
        occurred_at=AT,
        sent_at=AT,
        received_at=AT,
        original=None,
        original_sha256="",
    )
    return record_of(event, LIFECYCLE, meeting)


def record_of(event: AnyEvent, topic: str, key: str) -> Record:
    """Return the record of an event."""
    identity = content_id("test", encode(event).decode())
    return Record(
        topic=topic,
        partition=partition_of(key, PARTITIONS),
        key=key,
        id=f"{identity}-0",
        type=type(event).__name__,
        enterprise="acme",
        occurred_at=AT,
        received_ms=int(AT.timestamp() * 1_000),
        trace=traceparent(identity, None),
        value=encode(event),
    )


def appended(*records: Record) -> Entry:
    """Return them as one entry."""
    return Entry(records, None)
