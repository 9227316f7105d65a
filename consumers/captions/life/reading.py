"""Read an occurrence's evidence back: what its lines tell, as far as they can still be opened."""

import asyncio
from collections.abc import Iterable, Sequence

from schemas.archive.lines import OpenLine, SealedLine
from schemas.archive.manifest import Stretch

from ..archive import Archive
from ..evidence import reading
from ..evidence.line import opened, read, told
from ..evidence.told import Told
from .sealing import Sealing


async def told_of(archive: Archive, evidence: Iterable[Stretch]) -> list[Told]:
    """Return what the lines of `evidence` tell, in their order; those that were erased tell nothing.

    Raises Misconfigured where lines are sealed and there is no master key, Altered, Missing.
    """
    found: list[Told] = []
    for stretch in evidence:
        lines = await reading.lines(archive.store, stretch.segment)
        numbers = [line for first, count in stretch.lines for line in range(first, first + count)]
        found += await tell(archive, stretch.segment, lines, numbers)
    return found


async def tell(archive: Archive, segment: str, lines: Sequence[bytes], numbers: Iterable[int]) -> list[Told]:
    """Return what these lines of a segment tell."""
    wanted = list(numbers)
    if archive.seals is not None:
        await archive.seals.fetch(seals_of(lines[number] for number in wanted))
    return await asyncio.to_thread(_tell, archive.seals, segment, lines, wanted)


def _tell(seals: Sealing | None, segment: str, lines: Sequence[bytes], wanted: Iterable[int]) -> list[Told]:
    open_lines = ((number, opened(lines[number], seals)) for number in wanted)
    return [told(line, segment, number) for number, line in open_lines if isinstance(line, OpenLine)]


def seals_of(lines: Iterable[bytes]) -> set[str]:
    """Return the IDs of the data keys that these lines are under. Pure."""
    return {line.seal for line in map(read, lines) if isinstance(line, SealedLine)}
