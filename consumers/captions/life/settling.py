"""Say from when on sealed lines can be erased: when nothing new is sealed under their keys any more. Pure.

Until an hour is over, a segment that is open somewhere can hold lines under its key that nobody else can see, and a
writer remembers a key for some minutes. Were it taken away then, lines that have to stay would be lost.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from ..archive import Archive
from ..errors import NotYet
from .covers import HOUR_MS

_SLACK_S: Final = 900.0


def refuse_unsettled(archive: Archive, time_ms: int, now: datetime) -> None:
    """Raise NotYet where something sealed at `time_ms` cannot be erased yet."""
    if archive.seals is not None and now < (then := settled_at(time_ms, archive.settings.segment_s)):
        raise NotYet(
            f"what was sealed in the last hour can be erased from {then:%Y-%m-%dT%H:%M:%SZ} on: try again then"
        )


def settled_at(time_ms: int, segment_s: float) -> datetime:
    """Return from when on what was sealed at `time_ms` can be erased."""
    ends = datetime.fromtimestamp((time_ms // HOUR_MS + 1) * HOUR_MS / 1000, UTC)
    return ends + timedelta(seconds=segment_s + _SLACK_S)
