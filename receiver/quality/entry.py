"""Samples into the records of one entry for meeting.quality.v1. Pure."""

from collections.abc import Iterable

import msgspec

from schemas.events.quality import QualitySampled
from schemas.record import Record, content_id, partition_of
from schemas.topics import MAX_VALUE_BYTES, QUALITY

from ..entry import Entry, Origin
from ..normalise.enterprise import milliseconds
from .port import Kind


def sample_id(event: QualitySampled, kind: Kind) -> str:
    """Return the id of a sample, 32 hexadecimal digits: the same after a restart and from another replica. Frozen."""
    return content_id("quality", event.meeting_uuid, event.participant_id, kind, milliseconds(event.occurred_at))


def enter_samples(events: Iterable[QualitySampled], kind: Kind, *, partitions: int) -> Entry:
    """Return the entry of what one look found."""
    return Entry(tuple(_record(event, kind, partitions) for event in events), None)


def _record(event: QualitySampled, kind: Kind, partitions: int) -> Record:
    origin = Origin(
        sample_id(event, kind),
        event.meeting_id,
        partition_of(event.meeting_id, partitions),
        event.occurred_at,
        milliseconds(event.received_at),
    )
    record = origin.record(QUALITY, event)
    if len(record.value) <= MAX_VALUE_BYTES:
        return record
    # A name of hundreds of KiB: the figures are what matters.
    return origin.record(QUALITY, msgspec.structs.replace(event, surroundings=None))
