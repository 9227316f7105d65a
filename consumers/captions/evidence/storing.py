"""Put closed segments into the store, and agree with whoever was faster.

What another writer of the archive put already is how it is cut, for all: a segment there that is ours in other bounds
is taken over, what of ours it does not have goes on behind it. Where it has something else at the same place, that is
said loudly, ours is kept aside, and nothing is written over. What nobody of ours vouches for decides nothing.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from schemas.archive import index_key, segment_key
from schemas.archive.lines import OpenLine, SealedLine
from schemas.lines import Logger
from schemas.metrics import Meters

from ..errors import Altered, Misconfigured, Missing
from ..life.sealing import Sealing
from ..stores import Keep, Store
from ..stores.threads import Threads
from . import drafting, reading
from .agreeing import by_offset, checked_lines, differ, goes_with
from .index import Index, encode_index
from .indexing import index_of, seals_of
from .line import opened, read
from .memory import Memory
from .piece import Piece
from .reading import split
from .spool import Spool
from .trust import Trust

_LATEST: Final = datetime(9999, 1, 1, tzinfo=UTC)


class Before(NamedTuple):
    """The segment after which another is put; both empty for the first, or where that is not known."""

    segment: str
    root: str
    """The tree over its lines."""


class Storing(msgspec.Struct, frozen=True, kw_only=True):
    """The way from a spool into a store."""

    spool: Spool
    threads: Threads
    """The one thread that the spool is used in."""
    store: Store
    seals: Sealing | None
    trust: Trust
    memory: Memory
    drafts: Path
    """A folder on the spool's disk."""
    retention: timedelta | None
    """How long the store itself is to refuse deletion; None: it is not asked to."""
    meters: Meters
    logger: Logger

    async def put(self, piece: Piece, before: Before) -> Index:
        """Return the index of what lies in the store under the segment's name, once it does, and let go of our lines.

        The index is put first, vouched for: whose is there first has decided. What lies there that nothing vouches for
        is none of ours: it is kept aside, and ours is put over it. `before`: the segment behind which it is put.
        Raises StoreUnavailable, Locked, OSError; then all is as before.
        """
        path = await self.threads.run(self._drafted, piece)
        try:
            ours = linked(await self._index_of_file(piece.key(self.spool.cluster), path), before)
            while (index := await self._agreed(piece, path, ours)) is None:
                continue
        finally:
            await asyncio.to_thread(path.unlink, missing_ok=True)
        await self.memory.note(*piece.place, index)
        await self.threads.run(self.spool.done, *piece.place, index.last_offset)
        self.meters.counter("meetwire_captions_segments_total").inc()
        return index

    async def vouch(self, index: Index, before: Before) -> Index:
        """Put an index in the place of what lies there, vouched for, and return it."""
        index = linked(index, before)
        await self._put_over(index)
        return index

    async def _agreed(self, piece: Piece, path: Path, ours: Index) -> Index | None:
        """Return the index that decides, once its segment lies there; None where it has to be looked at again."""
        decides = await self._decided(ours, self._keep(piece.first_ms))
        if decides.leaves == ours.leaves:
            return await self._lie(piece, path, decides)
        if ours.leaf_list()[: decides.records] == decides.leaf_list():
            part = await self.threads.run(drafting.cut, path, decides.records)
            try:
                return await self._lie(piece, part, decides)
            finally:
                await asyncio.to_thread(part.unlink, missing_ok=True)
        if (theirs := await self._intact(decides)) is None:
            # What that index promises was never put, or is there no more; and ours comes from the source.
            await self._put_over(ours)
            return None
        lines = split(await asyncio.to_thread(path.read_bytes), ours.segment)
        await self.threads.run(self._adopt, piece, lines, theirs)
        return decides

    async def _decided(self, ours: Index, keep: Keep | None) -> Index:
        """Return the index that stands: ours, or that of another of the archive's writers who was faster."""
        key = index_key(ours.segment)
        if self.trust.is_old(ours.segment) and (theirs := await self._older(ours)) is not None:
            await self._put_over(theirs)
        if await self.store.put(key, self.trust.vouched(key, encode_index(ours)), keep=keep):
            return ours
        if (found := await self.trust.vouched_index(ours.segment)) is not None:
            return found
        if not self.trust.is_old(ours.segment):
            self._refuse(key, None)
        await self._put_over(ours)
        return ours

    async def _older(self, ours: Index) -> Index | None:
        """Return the index of a segment that a version before put, if it is ours in other bounds; else None."""
        if await self.trust.vouched_index(ours.segment) is not None:
            return None
        try:
            lines = await reading.lines(self.store, ours.segment)
            index = await self.index(ours.segment, lines)
            if not goes_with(ours, lines, lambda line: opened(line, self.seals), self.trust.knows_salt):
                return None
        except (Missing, Altered):
            return None
        return linked(index, Before(ours.previous, ours.previous_root))

    async def _lie(self, piece: Piece, path: Path, decides: Index) -> Index | None:
        """Have the lines of an index in the store, which are those in a file of ours."""
        key = decides.segment
        if (
            await self.store.put_file(key, path, keep=self._keep(piece.first_ms))
            or await self._intact(decides) is not None
        ):
            return decides
        theirs = await reading.content(self.store, key)
        aside = await self.threads.run(drafting.aside, self.drafts.parent, piece, [theirs or b""])
        self._refuse(key, aside)
        # Locked as it would have been, and over what somebody locked: neither is for others to decide.
        await self.store.replace(key, await asyncio.to_thread(path.read_bytes), keep=self._keep(piece.first_ms))
        return None

    async def _intact(self, index: Index) -> list[bytes] | None:
        """Return the lines that lie there, where they are those of the index."""
        try:
            content = await self.store.get(index.segment)
            lines = await asyncio.to_thread(checked_lines, content, index)
        except (Missing, Altered):
            return None
        if self.seals is not None:
            await self.seals.fetch(await asyncio.to_thread(seals_of, lines))
        return lines

    async def _put_over(self, index: Index) -> None:
        key = index_key(index.segment)
        content = self.trust.vouched(key, encode_index(index))
        await self.store.replace(key, content, keep=self._keep(index.first_ms))

    def _refuse(self, key: str, aside: Path | None) -> None:
        self.meters.counter("meetwire_captions_altered_total").inc()
        hint = "none of this archive's writers put it; what was read from the source lies there now"
        self.logger.error("segment.refused", segment=key, theirs=None if aside is None else str(aside), hint=hint)

    async def _index_of_file(self, key: str, path: Path) -> Index:
        """Return the index of a segment that is on disk: a line at a time, for a segment can be large."""
        if self.seals is not None:
            await self.seals.fetch(await asyncio.to_thread(lambda: seals_of(drafting.lines_of(path))))
        return await asyncio.to_thread(lambda: index_of(key, drafting.lines_of(path), self.seals))

    def _drafted(self, piece: Piece) -> Path:
        return drafting.draft(self.drafts, piece, self.spool.parts(piece))

    async def index(self, segment: str, lines: Sequence[bytes]) -> Index:
        """Return the index of a segment with these lines. Raises Altered where not all can be ours."""
        if self.seals is not None:
            await self.seals.fetch(await asyncio.to_thread(seals_of, lines))
        try:
            return await asyncio.to_thread(index_of, segment, lines, self.seals)
        except Misconfigured:
            # An archive that was ever sealed is not gone on with without its keys.
            raise Altered(f"{segment}: it has sealed lines, and this archive has none") from None

    async def wrote(self, segment: str) -> bool:
        """Whether a segment is what a writer of ours wrote, altered since or not: nobody else has a line's salt."""
        try:
            lines = split(await self.store.get(segment), segment)
            if self.seals is not None:
                await self.seals.fetch(await asyncio.to_thread(seals_of, lines))
            return await asyncio.to_thread(self._has_salt, segment, lines)
        except (Missing, Altered, Misconfigured):
            return False

    def _has_salt(self, segment: str, lines: Sequence[bytes]) -> bool:
        """Whether the first line that can be read, of those that were kept, has the salt of its place."""
        line = next((one for one in (opened(line, self.seals) for line in lines) if isinstance(one, OpenLine)), None)
        # A copy of ours under another topic's name is none of ours.
        if line is None or segment != segment_key(
            segment.split("/")[1], line.topic, line.partition, read(lines[0]).offset
        ):
            return False
        return self.trust.knows_salt(line.topic, line.partition, line.offset, line.salt)

    def _adopt(self, piece: Piece, ours: Sequence[bytes], theirs: Sequence[bytes]) -> None:
        """Go on behind what the store has."""
        had, has = by_offset(ours), by_offset(theirs)
        last = max(has)
        erased = self._erased(theirs)
        if differ(had, has, erased):
            self.meters.counter("meetwire_captions_conflicts_total").inc()
            stays = [line for line in ours if read(line).offset not in erased]
            kept = drafting.aside(self.drafts.parent, piece, [line + b"\n" for line in stays])
            self.logger.error(
                "segment.conflicted", segment=piece.key(self.spool.cluster), ours=str(kept), hint="the store's stays"
            )
        if last > max(had):
            self.spool.know(piece, {offset: one for offset, one in has.items() if offset > max(had)})

    def _erased(self, lines: Sequence[bytes]) -> set[int]:
        """Return the offsets of lines whose key was erased: read again, they were sealed under another.

        The keys of the others are at hand since the index was made.
        """
        if self.seals is None:
            return set()
        found = (read(line) for line in lines)
        return {one.offset for one in found if isinstance(one, SealedLine) and self.seals.opened(one) is None}

    def _keep(self, first_ms: int) -> Keep | None:
        if self.retention is None:
            return None
        try:
            return Keep(until=datetime.fromtimestamp(first_ms / 1_000, UTC) + self.retention)
        except (ValueError, OverflowError, OSError):
            return Keep(until=_LATEST)


def linked(index: Index, before: Before) -> Index:
    """Return an index that names the segment before its own. Pure."""
    return msgspec.structs.replace(index, previous=before.segment, previous_root=before.root)
