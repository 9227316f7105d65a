"""Write a dead letter: the record that says which record a consumer could not take, and why. Pure."""

import base64
from datetime import datetime
from typing import Final

import msgspec

from schemas.events import RecordDeadLettered, encode
from schemas.events.unrecognised import DeadLetterReason
from schemas.record import Record, Stored, content_id, traceparent
from schemas.topics import MAX_VALUE_BYTES, UNRECOGNISED

from .sources import Foreign

# Base64 makes four characters of three bytes; the rest of the event stays well below this.
_MOST_BYTES: Final = (MAX_VALUE_BYTES - 2_048) * 3 // 4


class Dead(msgspec.Struct, frozen=True):
    """What a consumer could not take."""

    what: Stored | Foreign
    reason: DeadLetterReason
    place: str
    """Where in the value, or which header: never what stands there."""


def letter(consumer: str, dead: Dead, at: datetime) -> Record:
    """Return the record. It has the same id however often the same one fails."""
    event = _event(consumer, dead, at)
    event_id = content_id("dead letter", consumer, event.topic, event.partition, event.log, event.position)
    key, enterprise, trace = _origin(dead.what)
    return Record(
        topic=UNRECOGNISED,
        # The same as where it came from: all topics have the same number of them.
        partition=event.partition,
        key=key,
        id=event_id,
        type=type(event).__name__,
        enterprise=enterprise,
        occurred_at=at,
        received_ms=int(at.timestamp() * 1_000),
        trace=trace or traceparent(event_id, None),
        value=encode(event),
    )


def _event(consumer: str, dead: Dead, at: datetime) -> RecordDeadLettered:
    what = dead.what
    ours, origin = (what, what.record) if isinstance(what, Stored) else (None, what)
    return RecordDeadLettered(
        consumer=consumer,
        reason=dead.reason,
        topic=origin.topic,
        partition=origin.partition,
        log=ours.log if ours else None,
        position=what.position if isinstance(what, Stored) else what.offset,
        event_id=ours.record.id if ours else None,
        failed_at=at,
        value_base64=_packed(origin.value),
    )


def _origin(what: Stored | Foreign) -> tuple[str, str, str | None]:
    """Return key, enterprise and trace."""
    if isinstance(what, Stored):
        return what.record.key, what.record.enterprise, what.record.trace
    return what.key.decode(errors="replace"), "unknown", None


def _packed(value: bytes) -> str | None:
    return base64.b64encode(value).decode() if len(value) <= _MOST_BYTES else None
