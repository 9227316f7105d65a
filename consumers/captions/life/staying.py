"""Find what stays readable under data keys of which a part is erased: other lines of the same meeting and hour.

They are the occurrence's own that nobody wants erased, and those of other holdings of the same meeting ID around that
day. Lines of the last days may be in no manifest yet; those are looked for in the evidence itself, by its indexes.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Final

from schemas.archive import segment_key
from schemas.archive.tombstones import Tombstone
from schemas.topics import CAPTIONS, LIFECYCLE, PARTICIPANTS, SPEAKERS, STATE

from ..archive import Archive
from ..evidence import reading
from ..stores import Store
from .covers import HOUR_MS
from .erasing_lines import Sealed, sealed_places
from .holding import KeptVersion
from .past import standing
from .versions import read_version

_TOPICS: Final = (CAPTIONS, LIFECYCLE, PARTICIPANTS, SPEAKERS, STATE)
_DAY: Final = timedelta(days=1)
# A holding that began so long before may still have gone on then.
_BEFORE: Final = 7 * _DAY
# So long after a meeting, a line of it may come from a receiver that was cut off.
_AFTER: Final = 2 * _DAY
# The clocks of receivers differ.
_MARGIN_MS: Final = 2 * HOUR_MS


async def stay_under(archive: Archive, tombstone: Tombstone, gone: Sealed, now: datetime) -> Sealed:
    """Return the places under the data keys of `gone` that are not in it; all of `gone` is of the tombstone's meeting.

    Raises Missing, Altered.
    """
    found: Sealed = {seal: set() for seal in gone}
    async for lines in _lines_near(archive, tombstone, now):
        for seal, places in (await asyncio.to_thread(sealed_places, lines)).items():
            if seal in found:
                found[seal] |= places - gone[seal]
    return found


async def _lines_near(archive: Archive, tombstone: Tombstone, now: datetime) -> AsyncIterator[list[bytes]]:
    since, until = await _span(archive.store, tombstone)
    said = (await standing(archive)).kept.values()
    for one in _kept_near(said, tombstone.enterprise, _day(since), _day(until)):
        manifest = (await read_version(archive.store, one.manifest)).manifest
        if manifest.meeting_id == tombstone.meeting_id:
            for stretch in manifest.evidence:
                lines = await reading.lines(archive.store, stretch.segment)
                yield [line for first, count in stretch.lines for line in lines[first : first + count]]
    if now < _instant(until) + _AFTER + timedelta(hours=archive.settings.silent_after_h):
        async for lines in _lines_since(archive.store, tombstone, since - _MARGIN_MS):
            yield lines


def _kept_near(said: Iterable[KeptVersion], enterprise: str, first: date, last: date) -> list[KeptVersion]:
    """Return what is kept of an enterprise around these days. Pure."""
    return [
        one
        for one in said
        if one.manifest.split("/")[1] == enterprise
        and first - _BEFORE <= date.fromisoformat(one.manifest.split("/")[2]) <= last + _AFTER
    ]


async def _span(store: Store, tombstone: Tombstone) -> tuple[int, int]:
    """Return the first and the last time of the segments that it names."""
    found = [await reading.index(store, stretch.segment) for stretch in tombstone.erased]
    return min(one.first_ms for one in found), max(one.last_ms for one in found)


async def _lines_since(store: Store, tombstone: Tombstone, since: int) -> AsyncIterator[list[bytes]]:
    """Yield the meeting's lines in each segment from that time on, whether they are in a manifest or not."""
    for cluster, partition in sorted({_partition(stretch.segment) for stretch in tombstone.erased}):
        for topic in _TOPICS:
            for segment in await _segments(store, cluster, topic, partition, since):
                if lines := await _of_meeting(store, segment, tombstone):
                    yield lines


async def _of_meeting(store: Store, segment: str, tombstone: Tombstone) -> list[bytes]:
    index = await reading.index(store, segment)
    runs = [
        run
        for whose in index.meetings
        if (whose.enterprise, whose.meeting_id) == (tombstone.enterprise, tombstone.meeting_id)
        for run in whose.lines
    ]
    lines = await reading.lines(store, segment) if runs else []
    return [line for first, count in runs for line in lines[first : first + count]]


async def _segments(store: Store, cluster: str, topic: str, partition: int, since: int) -> list[str]:
    """Return the segments of a partition that go beyond a time. Their times ascend, but for what came late."""
    folder = segment_key(cluster, topic, partition, 0).rpartition("/")[0] + "/"
    found = [key async for key in store.keys(folder) if key.endswith(".jsonl")]
    low, high = 0, len(found)
    while low < high:
        middle = (low + high) // 2
        before = (await reading.index(store, found[middle])).last_ms < since
        low, high = (middle + 1, high) if before else (low, middle)
    return found[low:]


def _partition(segment: str) -> tuple[str, int]:
    cluster, _, partition, _ = segment.split("/")[1:]
    return cluster, int(partition)


def _instant(time_ms: int) -> datetime:
    return datetime.fromtimestamp(time_ms / 1000, UTC)


def _day(time_ms: int) -> date:
    return _instant(time_ms).date()
