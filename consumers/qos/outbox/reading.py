"""Read records of meeting.alerts.v1."""

import msgspec

from schemas.events import AnyEvent, decode
from schemas.record import Record


def decision_id(record: Record) -> str:
    """Return the ID of a record's decision: that of the record, without the number of the event."""
    return record.id.removesuffix("-0")


def read(record: Record) -> AnyEvent | None:
    """Return the event of a record; None for one of a later version: its own readers tell of it."""
    try:
        return decode(record.value)
    except msgspec.DecodeError:
        return None
