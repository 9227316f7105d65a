"""Find what stays readable under data keys of which a part is erased: other lines of the same meeting and hour.

They are the occurrence's own that nobody wants erased, and those of other holdings of the same meeting ID around that
day. Lines of the last days may be in no manifest yet; those are looked for in the evidence itself, by its indexes. So
are those around what is in no occurrence: the meeting that it is of may have begun long before. What is concluded from
has to be the archive's own: a line that was overlooked could be opened by nobody.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final

from schemas.archive import segment_key
from schemas.archive.tombstones import Tombstone
from schemas.topics import CAPTIONS, LIFECYCLE, PARTICIPANTS, SPEAKERS, STATE

from ..archive import Archive
from ..errors import Altered, Missing
from ..evidence import reading
from ..evidence.index import Index
from ..stores import Store
from ..tracking import ALWAYS_MS
from .covers import HOUR_MS
from .erasing_lines import Sealed, sealed_places
from .holding import KeptVersion
from .indexes import is_segment, own_index
from .past import standing
from .versions import read_kept

_TOPICS: Final = (CAPTIONS, LIFECYCLE, PARTICIPANTS, SPEAKERS, STATE)
_DAY: Final = timedelta(days=1)
# A holding that began so long before may still have gone on then.
_BEFORE: Final = 7 * _DAY
# So long after a meeting, a line of it may come from a receiver that was cut off.
_AFTER: Final = 2 * _DAY
_MS: Final = timedelta(milliseconds=1)
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
    since, until = await _span(archive, tombstone)
    is_settled = now >= _instant(until) + _AFTER + timedelta(hours=archive.settings.silent_after_h)
    ends = until + _MARGIN_MS if not tombstone.version else since
    for one in _kept_near((await standing(archive)).kept, tombstone, _day(since), _day(until)):
        try:
            manifest = (await read_kept(archive.store, one)).manifest
        except (Altered, Missing):
            # Whose lines it has nobody can say: what it would tell the indexes do.
            ends = until + _AFTER // _MS
            continue
        if manifest.meeting_id == tombstone.meeting_id:
            for stretch in manifest.evidence:
                lines = await reading.lines(archive.store, stretch.segment)
                yield [line for first, count in stretch.lines for line in lines[first : first + count]]
    if ends > since or not is_settled:
        async for lines in _lines_in(archive, tombstone, since - _MARGIN_MS, ends if is_settled else ALWAYS_MS):
            yield lines


def _kept_near(kept: Mapping[str, KeptVersion], tombstone: Tombstone, first: date, last: date) -> list[KeptVersion]:
    """Return what is kept of an enterprise around these days, and of the day on which the meeting itself began. Pure.

    A long meeting began long before: it, and the parts that it is written down in, lie under that day.
    """
    own = kept.get(tombstone.occurrence)
    return [
        one
        for one in kept.values()
        if one.manifest.split("/")[1] == tombstone.enterprise
        and (first - _BEFORE <= _began(one) <= last + _AFTER or (own is not None and _began(one) == _began(own)))
    ]


async def _span(archive: Archive, tombstone: Tombstone) -> tuple[int, int]:
    """Return the first and the last time of the segments that it names."""
    found = [await own_index(archive, stretch.segment) for stretch in tombstone.erased]
    return min(one.first_ms for one in found), max(one.last_ms for one in found)


async def _lines_in(archive: Archive, tombstone: Tombstone, since: int, until: int) -> AsyncIterator[list[bytes]]:
    """Yield the meeting's lines in each segment of that time, whether they are in a manifest or not."""
    for cluster, partition in sorted({_partition(stretch.segment) for stretch in tombstone.erased}):
        for topic in _TOPICS:
            for segment in await _segments(archive, cluster, topic, partition, since):
                index = await own_index(archive, segment)
                if index.first_ms > until:
                    break
                if lines := await _of_meeting(archive.store, index, tombstone):
                    yield lines


async def _of_meeting(store: Store, index: Index, tombstone: Tombstone) -> list[bytes]:
    runs = [
        run
        for whose in index.meetings
        if (whose.enterprise, whose.meeting_id) == (tombstone.enterprise, tombstone.meeting_id)
        for run in whose.lines
    ]
    lines = await reading.lines(store, index.segment) if runs else []
    return [line for first, count in runs for line in lines[first : first + count]]


async def _segments(archive: Archive, cluster: str, topic: str, partition: int, since: int) -> list[str]:
    """Return the segments of a partition that go beyond a time. Their times ascend, but for what came late."""
    folder = segment_key(cluster, topic, partition, 0).rpartition("/")[0] + "/"
    listed = [key async for key in archive.store.keys(folder) if is_segment(key)]
    found = [key for key in listed if not archive.ledger.is_lost(key)]
    low, high = 0, len(found)
    while low < high:
        middle = (low + high) // 2
        before = (await own_index(archive, found[middle])).last_ms < since
        low, high = (middle + 1, high) if before else (low, middle)
    return found[low:]


def _partition(segment: str) -> tuple[str, int]:
    cluster, _, partition, _ = segment.split("/")[1:]
    return cluster, int(partition)


def _began(kept: KeptVersion) -> date:
    return date.fromisoformat(kept.manifest.split("/")[2])


def _instant(time_ms: int) -> datetime:
    return datetime.fromtimestamp(time_ms / 1000, UTC)


def _day(time_ms: int) -> date:
    return _instant(time_ms).date()
