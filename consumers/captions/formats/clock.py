"""Times as the formats write them. Pure."""

from datetime import datetime


def shown(ms: int, point: str) -> str:
    """Return a time from the origin, hours:minutes:seconds, with milliseconds after `point`."""
    seconds, ms = divmod(ms, 1_000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}{point}{ms:03d}"


def utc(at: datetime) -> str:
    """Return 2026-05-01T09:00:00.000Z."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1_000:03d}Z"
