"""Times as the formats write them. Pure."""

from datetime import UTC, datetime


def shown(ms: int) -> str:
    """Return a time from the origin as 00:00:01.000; hours have two digits or more."""
    seconds, ms = divmod(ms, 1_000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}.{ms:03d}"


def utc(at: datetime) -> str:
    """Return 2026-05-01T09:00:00.000Z."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
