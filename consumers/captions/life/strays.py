"""Find what has been kept long enough and is in no occurrence: a meeting that was only scheduled, above all.

When every occurrence of a time is erased, what can still be read in the segments of that time is of none, or of one
that is held. It is taken two months later than an occurrence would be: by then every meeting of the time is closed.
Each segment is looked at once; up to where is remembered in a file of this machine's own, and without that file all are
looked at again. A segment that is not as the archive put it is left alone.
"""

import asyncio
import os
import threading
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from schemas.archive import EVIDENCE
from schemas.archive.lines import OpenLine
from schemas.archive.tombstones import ErasedStretch, Tombstone
from schemas.record import content_id

from ..archive import Archive, trust_in
from ..errors import Altered, Held, Missing
from ..evidence.agreeing import checked_lines
from ..evidence.index import Index
from ..evidence.line import opened
from ..stores import Store
from .erasure import Request, decide
from .indexes import is_segment
from .reading import seals_of
from .sealing import Sealing
from .selecting import listed

SETTLED: Final = timedelta(days=62)
"""Longer than a meeting is taken to go on without an end, and than its records' times can be wrong."""
_MARKS: Final = msgspec.json.Decoder(dict[str, str])

Lines = dict[str, set[int]]
"""By segment."""
Spared = Callable[[], Awaitable[Lines]]
Owner = tuple[str, str]
"""Enterprise and meeting ID."""


class Marks:
    """Up to which segment each partition of a topic was looked at, in a file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def read(self) -> dict[str, str]:
        """Return them; none where there is no file, or it is not readable."""
        try:
            return _MARKS.decode(await asyncio.to_thread(self._path.read_bytes))
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            return {}

    async def write(self, marks: dict[str, str]) -> None:
        """Remember them."""
        await asyncio.to_thread(self._write, msgspec.json.encode(marks))

    def _write(self, content: bytes) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        # The service and a command on the same machine may write at the same time.
        draft = self._path.with_name(f"{self._path.name}.{os.getpid()}.{threading.get_ident()}.draft")
        draft.write_bytes(content)
        draft.replace(self._path)


async def state_strays(archive: Archive, spared: Spared, marks: dict[str, str], who: str, now: datetime) -> int:
    """Decide to erase the strays of all that is old enough, for `finish` to carry out; return how many records.

    `spared`: gives the lines of occurrences that are not erased. `marks` is moved on, but not past what a hold keeps.
    """
    until = now - timedelta(days=archive.settings.retention_days) - SETTLED
    found: dict[Owner, list[ErasedStretch]] = defaultdict(list)
    seen: dict[str, str] = {}
    spare: Lines | None = None
    altered = set[str]()
    async for folder, segment, index in _old(archive, marks, until.timestamp() * 1000):
        try:
            readable = {} if index is None else await _readable(archive, segment, index)
        except (Altered, Missing):
            readable, index = {}, None
        if index is None:
            # For `verify` to tell; it keeps nothing else from being erased, and is looked at again.
            altered.add(folder)
            continue
        if folder not in altered:
            seen[folder] = segment
        for owner, lines in readable.items():
            # As a rule there is nothing to read: then no manifest is.
            spare = await spared() if spare is None else spare
            if strays := [line for line in lines if line not in spare.get(segment, ())]:
                found[owner].append(listed(segment, strays, index.leaf_list()))
    records, held = 0, set[str]()
    for owner, erased in sorted(found.items()):
        try:
            records += await _decide(archive, owner, erased, who, now)
        except Held:
            held |= {stretch.segment.rpartition("/")[0] + "/" for stretch in erased}
    marks.update({folder: segment for folder, segment in seen.items() if folder not in held})
    return records


async def _decide(archive: Archive, owner: Owner, erased: list[ErasedStretch], who: str, now: datetime) -> int:
    enterprise, meeting_id = owner
    erased.sort(key=lambda stretch: stretch.segment)
    occurrence = content_id("meetwire strays", enterprise, meeting_id, erased[0].segment, erased[0].lines[0])
    tombstone = Tombstone(
        occurrence=occurrence, enterprise=enterprise, meeting_id=meeting_id, version=0, whole=True, erased=erased
    )
    return (await decide(archive, tombstone, Request(occurrence=occurrence, who=who, why="due"), now))[1]


async def _old(
    archive: Archive, marks: dict[str, str], until_ms: float
) -> AsyncIterator[tuple[str, str, Index | None]]:
    """Yield folder, key and index of each segment that ended before that time and was not looked at.

    The index is None where none is the archive's own, whenever that was. What is lost is passed over.
    """
    trust = trust_in(archive)
    async for folder in _folders(archive.store):
        if archive.ledger.vouched and not trust.knows(folder.split("/")[1]):
            # The ledger knows every cluster from which the archive has anything.
            continue
        async for segment in archive.store.keys(folder, after=marks.get(folder, "")):
            if not is_segment(segment) or trust.is_lost(segment):
                continue
            index = await trust.find(segment)
            if index is not None and index.last_ms >= until_ms:
                break
            yield folder, segment, index


async def _readable(archive: Archive, segment: str, index: Index) -> dict[Owner, list[int]]:
    """Return which lines of a segment can be read, by whose they are; signs of life are nobody's."""
    content = await archive.store.get(segment)
    lines = await asyncio.to_thread(checked_lines, content, index)
    if archive.seals is not None:
        await archive.seals.fetch(await asyncio.to_thread(seals_of, lines))
    return await asyncio.to_thread(_by_owner, archive.seals, lines, index)


def _by_owner(seals: Sealing | None, lines: Sequence[bytes], index: Index) -> dict[Owner, list[int]]:
    found = {}
    for whose in index.meetings:
        own = [line for first, count in whose.lines for line in range(first, first + count)]
        if readable := [line for line in own if isinstance(opened(lines[line], seals), OpenLine)]:
            found[whose.enterprise, whose.meeting_id] = readable
    return found


async def _folders(store: Store) -> AsyncIterator[str]:
    """Yield what the keys of each partition's segments begin with."""
    async for cluster in _children(store, EVIDENCE):
        async for topic in _children(store, cluster):
            async for partition in _children(store, topic):
                yield partition


async def _children(store: Store, prefix: str) -> AsyncIterator[str]:
    """Yield the folders right below a prefix, with the slash at their end: one request each, not one a key."""
    after = ""
    while (key := await _first(store, prefix, after)) is not None:
        name, slash, _ = key.removeprefix(prefix).partition("/")
        if slash:
            yield f"{prefix}{name}/"
        # A slash sorts right before a nought: what begins with the folder's name and a slash is passed over.
        after = f"{prefix}{name}0" if slash else key


async def _first(store: Store, prefix: str, after: str) -> str | None:
    async for key in store.keys(prefix, after=after):
        return key
    return None
