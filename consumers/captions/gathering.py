"""Read back what a meeting's lines tell, several meetings of the same segments one after the other."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from schemas.archive.manifest import Manifest, Stretch

from .errors import Altered, Missing
from .evidence import reading
from .evidence.index import Index, runs
from .evidence.indexing import index_of, seals_of
from .evidence.line import leaf
from .evidence.telling import Telling, telling
from .evidence.told import Told
from .evidence.trust import Trust
from .life.sealing import Sealing
from .proof.merkle import root
from .stores import Store

# Meetings end together, on the hour: their segments are read once.
_MOST_BYTES: Final = 50_331_648
_MOST_INDEXES: Final = 8


class Evidence(msgspec.Struct, frozen=True):
    """Lines of an occurrence, as its manifest lists them."""

    records: int
    root: str
    stretches: list[Stretch]


class Gathering:
    """Segments that were read, the last ones first in mind."""

    def __init__(self, store: Store, seals: Sealing | None, trust: Trust) -> None:
        """What is not as `trust` knows it is refused; of what is older than that, lines without the archive's salt."""
        self._store, self._seals, self._trust = store, seals, trust
        self._read: OrderedDict[str, list[bytes]] = OrderedDict()
        self._size = 0
        self._indexes: OrderedDict[str, Index] = OrderedDict()

    def forget(self) -> None:
        """Let go of all that is in mind."""
        self._read.clear()
        self._indexes.clear()
        self._size = 0

    async def index(self, segment: str) -> Index:
        """Return a segment's index, vouched for; where it is gone, made anew of what can only be the lines that it had.

        Raises Missing, Altered, StoreUnavailable.
        """
        found = self._indexes.pop(segment, None) or await self._index(segment)
        self._indexes[segment] = found
        if len(self._indexes) > _MOST_INDEXES:
            self._indexes.popitem(last=False)
        return found

    async def _index(self, segment: str) -> Index:
        try:
            return await self._trust.index(segment)
        except Missing:
            lines = await self._lines(segment)
            if self._seals is not None:
                await self._seals.fetch(seals_of(lines))
            return self._trust.check(await asyncio.to_thread(index_of, segment, lines, self._seals))

    async def told(self, segment: str, numbers: Sequence[int]) -> list[Told]:
        """Return what these lines of a segment tell; those that were erased or left out tell nothing.

        Raises Missing, Altered, Misconfigured, StoreUnavailable.
        """
        lines, index = await self._lines(segment), await self.index(segment)
        await asyncio.to_thread(self._check, index, lines, numbers)
        if self._seals is not None:
            await self._seals.fetch(seals_of([lines[number] for number in numbers]))
        return await asyncio.to_thread(self._tell, segment, lines, numbers)

    async def evidence(self, numbers: dict[str, set[int]]) -> Evidence:
        """Return the stretches of these lines, by segment, and the tree over their leaves; without what is lost."""
        leaves: list[bytes] = []
        stretches = []
        for segment in sorted(numbers):
            mine = sorted(numbers[segment])
            try:
                index = await self.index(segment)
            except (Missing, Altered):
                # A version before this one has lines there: it goes on binding them, and nobody knows their leaves.
                if not self._trust.is_lost(segment):
                    raise
                continue
            of_segment = index.leaf_list()
            leaves += [of_segment[number] for number in mine]
            stretches.append(Stretch(segment=segment, records=index.records, root=index.root, lines=runs(mine)))
        return Evidence(len(leaves), root(leaves).hex(), stretches)

    def _check(self, index: Index, lines: Sequence[bytes], numbers: Sequence[int]) -> None:
        """Raise Altered where one of these lines is not what it was when the index was made."""
        leaves = index.leaf_list()
        for number in numbers:
            if number >= len(lines) or leaf(lines[number]) != leaves[number]:
                raise Altered(f"{index.segment}, line {number}: it is not what was put there")

    def _tell(self, segment: str, lines: Sequence[bytes], numbers: Iterable[int]) -> list[Told]:
        found = (telling(lines[number], segment, number, self._seals) for number in numbers)
        ours = self._ours if self._trust.is_old(segment) else _told
        return [ours(one) for one in found if one is not None]

    def _ours(self, one: Telling) -> Told:
        told = one.told
        if not self._trust.knows_salt(told.topic, told.partition, told.offset, one.salt):
            raise Altered(f"{told.segment}, line {told.line}: none of this archive's writers wrote it")
        return told

    async def _lines(self, segment: str) -> list[bytes]:
        lines = self._read.pop(segment, None)
        if lines is None:
            lines = await reading.lines(self._store, segment)
            self._size += sum(map(len, lines))
        self._read[segment] = lines
        while self._size > _MOST_BYTES and len(self._read) > 1:
            _, gone = self._read.popitem(last=False)
            self._size -= sum(map(len, gone))
        return lines


def _told(one: Telling) -> Told:
    return one.told


def numbers_of(manifest: Manifest) -> dict[str, set[int]]:
    """Return a manifest's lines by segment."""
    found: dict[str, set[int]] = {}
    for stretch in manifest.evidence:
        numbers = found.setdefault(stretch.segment, set())
        for first, count in stretch.lines:
            numbers.update(range(first, first + count))
    return found
