"""The small world of the engine's tests, stored as records: on a log, or on topics."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, get_args

from consumers.qos.engine.alert import Change
from consumers.qos.engine.state import Input
from consumers.qos.event import record_of as alert_record
from schemas.events import AnyEvent, LifecycleEvent, ParticipantsEvent, QualitySampled, ReceiverAlive, encode
from schemas.record import Record, partition_of, traceparent
from schemas.rules import QosRules
from schemas.topics import LIFECYCLE, PARTICIPANTS, QUALITY, STATE

from ..engine.told import START_MS, alive

PARTITIONS = 3


def record(one: Input) -> Record:
    """Return what the receiver wrote of it."""
    event: Any = one.event
    is_sign = isinstance(event, ReceiverAlive)
    key = event.receiver if is_sign else (event.meeting_id if hasattr(event, "meeting_id") else event.enterprise)
    return Record(
        topic=topic(event),
        partition=event.partition if is_sign else partition_of(key, PARTITIONS),
        key=key,
        id=f"{one.id}-0",
        type=type(event).__name__,
        enterprise=getattr(event, "enterprise", ""),
        occurred_at=event.occurred_at,
        received_ms=one.received_ms,
        trace=traceparent(one.id, None),
        value=encode(event),
    )


def topic(event: AnyEvent) -> str:
    """Return where it goes."""
    if isinstance(event, QualitySampled):
        return QUALITY
    if isinstance(event, get_args(LifecycleEvent)):
        return LIFECYCLE
    return PARTICIPANTS if isinstance(event, get_args(ParticipantsEvent)) else STATE


def signs(until: float) -> list[Input]:
    """Return a receiver's signs of life to every partition."""
    times = range(0, int(until) + 60, 10)
    return [alive(seconds, partition=partition) for seconds in times for partition in range(PARTITIONS)]


def stored(inputs: Iterable[Input], until: float) -> list[Record]:
    """Return a log's records, in the order in which they were received."""
    return [record(one) for one in sorted([*inputs, *signs(until)], key=lambda one: one.received_ms)]


def published(changes: Iterable[Change], rules: QosRules) -> list[Record]:
    """Return what was decided, as it was published."""
    return [alert_record(change, rules, PARTITIONS) for change in changes]


def at(seconds: float) -> datetime:
    """Return an instant by seconds from the start."""
    return datetime.fromtimestamp(START_MS / 1_000 + seconds, UTC)
