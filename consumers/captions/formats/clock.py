"""Times as the formats write them. Pure."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

import msgspec

_json: Final = msgspec.json.Encoder().encode


def shown(ms: int) -> str:
    """Return a time from the origin as 00:00:01.000; hours have two digits or more."""
    minutes, ms = divmod(ms, 60_000)
    return f"{_minute(minutes)}:{ms // 1_000:02d}.{ms % 1_000:03d}"


@lru_cache(1_024)
def _minute(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def utc(at: datetime) -> str:
    """Return 2026-05-01T09:00:00.000Z."""
    # RFC 3339 in quotes, to the microsecond where there is any: isoformat takes five times as long.
    text = _json(at if at.tzinfo is UTC else at.astimezone(UTC))[1:-2].decode()
    return f"{text[:23]}Z" if len(text) > 19 else f"{text}.000Z"
