"""Put closed segments into the store, and agree with whoever was faster.

What lies in the store already is how it is cut, for all: a segment there that is ours in other bounds is taken over,
what of ours it does not have goes on behind it. Where it has something else at the same place, that is said loudly,
ours is kept aside, and nothing is written over.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from schemas.archive import index_key
from schemas.archive.lines import SealedLine
from schemas.lines import Logger
from schemas.metrics import Meters

from ..life.sealing import Sealing
from ..stores import Keep, Store
from ..stores.threads import Threads
from .index import Index, encode_index
from .indexing import index_of, seals_of
from .line import leaf, read
from .piece import Piece
from .reading import split
from .spool import Spool

_LATEST: Final = datetime(9999, 1, 1, tzinfo=UTC)


class Storing(msgspec.Struct, frozen=True, kw_only=True):
    """The way from a spool into a store."""

    spool: Spool
    threads: Threads
    """The one thread that the spool is used in."""
    store: Store
    seals: Sealing | None
    drafts: Path
    """A folder on the spool's disk."""
    retention: timedelta | None
    """How long the store itself is to refuse deletion; None: it is not asked to."""
    meters: Meters
    logger: Logger

    async def put(self, piece: Piece) -> Index:
        """Return the index of what lies in the store under the segment's name, once it does, and let go of our lines.

        Raises StoreUnavailable, OSError; then all is as before.
        """
        key = piece.key(self.spool.cluster)
        path = await self.threads.run(self._drafted, piece)
        try:
            stored = await self.store.put_file(key, path, keep=self._keep(piece))
            index = await (self._index_of_file(key, path) if stored else self._agreed(key, piece, path))
        finally:
            await asyncio.to_thread(path.unlink, missing_ok=True)
        await self.store.put(index_key(key), encode_index(index), keep=self._keep(piece))
        await self.threads.run(self.spool.done, *piece.place, index.last_offset)
        self.meters.counter("meetwire_captions_segments_total").inc()
        return index

    async def _agreed(self, key: str, piece: Piece, path: Path) -> Index:
        """Take over what another writer has put there, and return its index."""
        lines = split(await asyncio.to_thread(path.read_bytes), key)
        theirs = split(await self.store.get(key), key)
        index = await self.index(key, theirs)
        if theirs != lines:
            await self.threads.run(self._adopt, piece, lines, theirs)
        return index

    async def _index_of_file(self, key: str, path: Path) -> Index:
        """Return the index of a segment that is on disk: a line at a time, for a segment can be large."""
        if self.seals is not None:
            await self.seals.fetch(await asyncio.to_thread(lambda: seals_of(_lines(path))))
        return await asyncio.to_thread(lambda: index_of(key, _lines(path), self.seals))

    def _drafted(self, piece: Piece) -> Path:
        return _draft(self.drafts, piece, self.spool.parts(piece))

    async def index(self, segment: str, lines: Sequence[bytes]) -> Index:
        """Return the index of a segment with these lines."""
        if self.seals is not None:
            await self.seals.fetch(await asyncio.to_thread(seals_of, lines))
        return await asyncio.to_thread(index_of, segment, lines, self.seals)

    def _adopt(self, piece: Piece, ours: Sequence[bytes], theirs: Sequence[bytes]) -> None:
        """Go on behind what the store has."""
        had, has = _leaves(ours), _leaves(theirs)
        last = max(has)
        erased = self._erased(theirs)
        if _differ(had, has, erased):
            self.meters.counter("meetwire_captions_conflicts_total").inc()
            stays = [line for line in ours if read(line).offset not in erased]
            kept = _keep_aside(self.drafts.parent / "conflicts", piece, stays)
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

    def _keep(self, piece: Piece) -> Keep | None:
        if self.retention is None:
            return None
        try:
            return Keep(until=datetime.fromtimestamp(piece.first_ms / 1_000, UTC) + self.retention)
        except (ValueError, OverflowError, OSError):
            return Keep(until=_LATEST)


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        for line in file:
            yield line[:-1]


def _draft(folder: Path, piece: Piece, parts: Iterable[bytes]) -> Path:
    folder.mkdir(mode=0o750, parents=True, exist_ok=True)
    path = folder / f"{piece.topic}.{piece.partition}.{piece.first}"
    # Never written to again: the store may keep this very file under another name.
    path.unlink(missing_ok=True)
    with path.open("wb") as file:
        file.writelines(parts)
    return path


def _keep_aside(folder: Path, piece: Piece, lines: Sequence[bytes]) -> Path:
    return _draft(folder, piece, (line + b"\n" for line in lines))


def _leaves(lines: Sequence[bytes]) -> dict[int, bytes]:
    return {read(line).offset: leaf(line) for line in lines}


def _differ(ours: Mapping[int, bytes], theirs: Mapping[int, bytes], erased: AbstractSet[int]) -> bool:
    """Whether we have a line that they have not, where they had read; what was `erased` since is not asked.

    That they have more than we is no wonder: others went on here while we had not this partition.
    """
    last = max(theirs)
    return any(theirs.get(at) != leaf for at, leaf in ours.items() if at <= last and at not in erased)
