"""Whether it is a time at which nobody is told. Pure."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from schemas.rules import QuietHours

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def is_quiet(hours: QuietHours | None, now_ms: int) -> bool:
    """Whether `now_ms` lies in them, by the clock of their zone; hours over midnight belong to their first day."""
    if hours is None:
        return False
    there = datetime.fromtimestamp(now_ms / 1_000, UTC).astimezone(_zone(hours.time_zone))
    clock = there.strftime("%H:%M")
    if hours.since <= hours.until:
        return hours.since <= clock < hours.until and _on(hours, there)
    return (clock >= hours.since and _on(hours, there)) or (
        clock < hours.until and _on(hours, there - timedelta(days=1))
    )


def _on(hours: QuietHours, day: datetime) -> bool:
    return not hours.days or _DAYS[day.weekday()] in hours.days


@lru_cache(16)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
