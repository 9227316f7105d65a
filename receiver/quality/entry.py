"""Samples into the records of one entry for meeting.quality.v1. Pure."""

from collections.abc import Iterable
from typing import Final

import msgspec

from schemas.events import encode
from schemas.events.quality import QualitySampled
from schemas.record import Record, content_id, partition_of, traceparent
from schemas.topics import MAX_VALUE_BYTES, QUALITY

from ..entry import Entry
from ..normalise.enterprise import milliseconds
from .port import Kind

_TYPE: Final = QualitySampled.__name__


def sample_id(event: QualitySampled, kind: Kind) -> str:
    """Return the id of a sample, 32 hexadecimal digits: the same after a restart and from another replica. Frozen."""
    return content_id("quality", event.meeting_uuid, event.participant_id, kind, milliseconds(event.occurred_at))


def enter_samples(events: Iterable[QualitySampled], kind: Kind, *, partitions: int) -> Entry:
    """Return the entry of what one look found."""
    return Entry(tuple(_record(event, kind, partitions) for event in events), None)


def _record(event: QualitySampled, kind: Kind, partitions: int) -> Record:
    identity = sample_id(event, kind)
    return Record(
        topic=QUALITY,
        partition=partition_of(event.meeting_id, partitions),
        key=event.meeting_id,
        id=f"{identity}-0",
        type=_TYPE,
        enterprise=event.enterprise,
        occurred_at=event.occurred_at,
        received_ms=milliseconds(event.received_at),
        trace=traceparent(identity, None),
        value=_value(event),
    )


def _value(event: QualitySampled) -> bytes:
    value = encode(event)
    if len(value) <= MAX_VALUE_BYTES:
        return value
    # A name of hundreds of KiB: the figures are what matters.
    return encode(msgspec.structs.replace(event, surroundings=None))
