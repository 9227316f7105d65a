"""Make lines unreadable: an open one is replaced by its leaf, a sealed one loses its key. Roots stay as they were.

A segment with open lines is written anew as a whole, for all erasures that are under way at once: were each to write it
for itself, the later one could bring back what the earlier one took.
A data key that covers more than what goes is replaced by the keys of the lines that stay.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set

import msgspec

from schemas.archive.lines import ErasedLine, OpenLine, SealedLine

from ..archive import Archive
from ..errors import Altered, Misconfigured
from ..evidence import reading
from ..evidence.line import leaf, read
from .covers import Place

Sealed = dict[str, set[str]]
"""Places, by the ID of the data key that they are under."""


async def erase_open(archive: Archive, segment: str, gone: Mapping[int, str]) -> list[bytes]:
    """Erase the open lines among `gone` (line and leaf); return all lines as they are then. Raises Altered, Locked.

    When this returns, none of them can be read in the store, though another erasure wrote the segment meanwhile.
    """
    replaced = False
    while True:
        lines = await reading.lines(archive.store, segment)
        after = await asyncio.to_thread(_erased, segment, lines, gone)
        # Though it is as it should be: who wrote it may have ended before an older version of the object was gone.
        if after == lines and (replaced or not _has_erased(lines, gone)):
            return lines
        await archive.store.replace(segment, b"".join(line + b"\n" for line in after))
        replaced = True


async def erase_sealed(archive: Archive, gone: Sealed, stay: Mapping[str, Set[str]]) -> None:
    """Have every data key of `gone` open nothing but what `stay` says. Raises Misconfigured without a master key."""
    if archive.seals is None:
        raise Misconfigured("the archive is sealed: captions.encryption_key_file is needed to erase from it")
    for seal, places in gone.items():
        await archive.seals.keep_only(seal, stay.get(seal, set()) - places)


def sealed_places(lines: Iterable[bytes]) -> Sealed:
    """Return where the sealed ones among lines stand, by data key. Pure."""
    found: Sealed = defaultdict(set)
    for line in map(read, lines):
        if isinstance(line, SealedLine):
            found[line.seal].add(place_of(line))
    return found


def place_of(line: SealedLine) -> str:
    """Return what the seal of a line is bound to. Pure."""
    return str(Place(line.topic, line.partition, line.offset, line.time_ms))


def time_of(place: str) -> int:
    """Return the time in what `place_of` returns. Pure."""
    return int(place.rpartition("/")[2])


def _erased(segment: str, lines: Sequence[bytes], gone: Mapping[int, str]) -> list[bytes]:
    """Return the lines without the open ones of `gone`. Pure."""
    after = list(lines)
    for number, expected in gone.items():
        if number >= len(lines) or leaf(lines[number]).hex() != expected:
            raise Altered(f"{segment}: line {number} has not the leaf {expected} that is to be erased")
        found = read(lines[number])
        if isinstance(found, OpenLine):
            after[number] = _tombstone(found, expected)
    return after


def _has_erased(lines: Sequence[bytes], gone: Iterable[int]) -> bool:
    return any(isinstance(read(lines[number]), ErasedLine) for number in gone)


def _tombstone(line: OpenLine, its_leaf: str) -> bytes:
    return msgspec.json.encode(
        ErasedLine(topic=line.topic, partition=line.partition, offset=line.offset, time_ms=line.time_ms, leaf=its_leaf)
    )
