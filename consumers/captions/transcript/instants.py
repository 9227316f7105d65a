"""When something happened, in milliseconds since 1970, as far as the service's own word can be believed. Pure."""

from datetime import UTC, datetime, timedelta
from typing import Final

from schemas.topics import LIFECYCLE

from ..evidence.told import Told

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS: Final = timedelta(milliseconds=1)
SECOND: Final = 1_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE

# Clocks differ by no more; a frame is on its way for no longer.
_ASTRAY: Final = 10 * MINUTE
# What the webhook is given may be a retry: 24 h old, and so the receiver lets it in.
_RETRIED: Final = 25 * HOUR


def milliseconds(at: datetime) -> int:
    """Return `at` since 1970, to the millisecond."""
    return round(at.timestamp() * 1_000)


def instant(at_ms: int) -> datetime:
    """Return the time, aware and UTC."""
    return _EPOCH + at_ms * _MS


def happened_ms(told: Told) -> int:
    """Return when it happened: what the event says, or when it was received where the two are too far apart."""
    return believed_ms(getattr(told.event, "occurred_at", None), told)


def believed_ms(at: datetime | None, told: Told) -> int:
    """Return a time that a record gives; or when the record was received, where that is missing or too far from it."""
    if at is None:
        return told.time_ms
    at_ms = round(at.timestamp() * 1_000)
    late_ms = told.time_ms - at_ms
    if -_ASTRAY <= late_ms <= _ASTRAY or (_ASTRAY < late_ms <= _RETRIED and told.topic == LIFECYCLE):
        return at_ms
    return told.time_ms
