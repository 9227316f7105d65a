"""Know when an occurrence was over: what counts for how long it is kept, and locked."""

from datetime import UTC, date, datetime, timedelta

from schemas.archive.manifest import Manifest

from ..archive import Archive
from .indexes import own_index


async def over_at(archive: Archive, key: str, manifest: Manifest) -> datetime:
    """Return when the occurrence was over whose manifest lies at `key`.

    As its manifest says. Where nobody saw its end, and where it is a part of a meeting that went on: when the last of
    its evidence was received, to the length of a segment; and not before the end of the day after its first.
    Raises Altered where its evidence has no index that is the archive's own.
    """
    if manifest.ended_at is not None:
        return manifest.ended_at
    day = date.fromisoformat(key.split("/")[2])
    times = [datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=2)]
    # One a partition of a topic: its segments are in order.
    for segment in {one.segment.rpartition("/")[0]: one.segment for one in manifest.evidence}.values():
        if archive.ledger.is_lost(segment):
            continue
        times.append(datetime.fromtimestamp((await own_index(archive, segment)).last_ms / 1_000, UTC))
    return max(times)
