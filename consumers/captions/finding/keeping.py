"""Bring the catalogue to where the ledger is, from what lies in the archive.

What is held of a meeting is what the ledger said of it last: a version that was kept is read; where it was erased or
left out after that, it is forgotten. So whoever deletes the catalogue, or has it on another machine than the consumer,
has it again at the next search.
"""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from schemas.archive.statements import Erased, MeetingKept, MeetingLeft, Statement

from ..archive import Archive
from ..errors import Altered, Missing
from ..life.versions import read_kept
from . import files
from .rows import Version

# So many meetings are put in at once: enough for speed, few enough for memory.
_AT_ONCE: Final = 64


class CaughtUp(msgspec.Struct, frozen=True, kw_only=True):
    """What was done."""

    meetings: int
    """Of which something changed in the catalogue."""
    damaged: list[str]
    """What could not be read and is not in it, each with what is wrong; `verify` says more."""


async def catch_up(archive: Archive) -> CaughtUp:
    """Bring the catalogue to where the ledger is. Raises StoreUnavailable; Altered where the ledger is not read."""
    position = await archive.catalogue.position()
    fresh = await archive.ledger.statements(position)
    last = last_of(fresh)
    kept = [one for one in last.values() if isinstance(one, MeetingKept)]
    damaged: list[str] = []
    for start in range(0, len(kept), _AT_ONCE):
        damaged += await _add(archive, kept[start : start + _AT_ONCE])
    for occurrence in await _known(archive, [name for name, one in last.items() if not isinstance(one, MeetingKept)]):
        await archive.catalogue.forget(occurrence)
    await archive.catalogue.stand(position + len(fresh))
    return CaughtUp(meetings=len(last), damaged=damaged)


def last_of(said: Sequence[Statement]) -> dict[str, Statement]:
    """Return what was said last of each occurrence about its being there. Pure."""
    last: dict[str, Statement] = {}
    for one in said:
        if isinstance(one, MeetingKept | Erased | MeetingLeft):
            last[one.occurrence] = one
    return last


async def _add(archive: Archive, kept: Iterable[MeetingKept]) -> list[str]:
    """Return what is damaged: whoever searches finds all the rest."""
    found = await asyncio.gather(*(_version(archive, one) for one in kept))
    await archive.catalogue.add_all([version for version in found if isinstance(version, Version)])
    return [damage for damage in found if isinstance(damage, str)]


async def _version(archive: Archive, kept: MeetingKept) -> Version | str:
    try:
        manifest = (await read_kept(archive.store, kept)).manifest
        cues = await files.cues(archive.store, archive.seals, kept.manifest, manifest)
    except Missing:
        return f"{kept.manifest}: missing"
    except Altered as error:
        return str(error)
    return Version(kept.manifest, manifest, cues or [])


async def _known(archive: Archive, occurrences: Iterable[str]) -> list[str]:
    """Return those that the catalogue has: to forget one takes long."""
    return [one for one in occurrences if await archive.catalogue.has(one)]
