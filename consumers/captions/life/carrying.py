"""Carry out what tombstones say: all that are stated and not done, together, and as often as it takes.

    checkpoint  over what the ledger says, before anything goes
    lines       open ones replaced, the data keys of sealed ones shrunk: the words of the evidence are gone
    catalogue   forgets the occurrence
    version     the occurrence written anew, from what is left
    catalogue   has that one; it finds it by itself too, but may have before an earlier run was stopped here
    files       those of the versions before deleted, and their keys
    done        written beside the tombstone

Each step can be done twice. Interrupted anywhere, the next run does all that is not done. What the store refuses to
delete keeps only its own tombstone from being done, and so does what was sealed in the last hour, or altered.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from schemas.archive.cues import Cue
from schemas.archive.statements import Erased
from schemas.archive.tombstones import ErasedStretch, Tombstone

from ..archive import Archive
from ..errors import Altered, ArchiveError, Locked, Missing, NotYet
from ..finding import files
from .erasing_lines import Sealed, erase_open, erase_sealed, sealed_places, time_of
from .past import standing
from .rewriting import delete_before, rewritten
from .settling import refuse_unsettled
from .staying import stay_under
from .tombs import put_done, read_tombstone, unfinished
from .versions import Version, newest

# For another process that writes the same version to say the next one: a second.
_LOOKS: Final = 6
_LOOK_EVERY_S: Final = 0.2
Todo = Sequence[tuple[str, Tombstone]]
"""Tombstones that are to be carried out, with their keys."""


async def finish(archive: Archive, now: Callable[[], datetime]) -> dict[str, ArchiveError]:
    """Carry out what is not done; return what is not done still: the keys of tombstones, and why."""
    refused: dict[str, ArchiveError] = {}
    before = set((await standing(archive)).erased)
    covered = set[str]()
    while True:
        undone = {one.tombstone: one for one in await unfinished(archive)}
        # What is stated meanwhile is carried out here too, though another does all of it: a segment or a version that
        # was read before it, and written after it, would have brought its words back.
        meanwhile = {key: one for key, one in (await standing(archive)).erased.items() if key not in before}
        said = {key: one for key, one in (undone | meanwhile).items() if key not in covered and key not in refused}
        if not said:
            return refused
        todo = await _read(archive, list(said.values()), refused)
        await archive.ledger.checkpoint()
        sealed = await _erase_evidence(archive, todo, refused)
        for key, tombstone in todo:
            if key not in refused:
                await _try(archive, key, tombstone, sealed[key], now(), refused)
        covered |= set(said)


async def _try(
    archive: Archive, key: str, tombstone: Tombstone, sealed: Sealed, at: datetime, refused: dict[str, ArchiveError]
) -> None:
    try:
        await _carry_out(archive, tombstone, sealed, at)
    except (Locked, NotYet, Altered, Missing) as error:
        refused[key] = error
    else:
        await put_done(archive, key)


async def _read(archive: Archive, said: Sequence[Erased], refused: dict[str, ArchiveError]) -> Todo:
    todo = []
    for one in said:
        try:
            todo.append((one.tombstone, await read_tombstone(archive, one)))
        except (Altered, Missing) as error:
            refused[one.tombstone] = error
    return todo


async def _erase_evidence(archive: Archive, todo: Todo, refused: dict[str, ArchiveError]) -> dict[str, Sealed]:
    """Erase the open lines, each segment once; return the sealed ones of each tombstone. What fails is in `refused`."""
    sealed: dict[str, Sealed] = {key: defaultdict(set) for key, _ in todo}
    for segment, stretches in sorted(_by_segment(todo).items()):
        gone = {line: leaf for _, one in stretches for line, leaf in zip(one.lines, one.leaves, strict=True)}
        try:
            lines = await erase_open(archive, segment, gone)
        except (Locked, Altered, Missing) as error:
            refused.update((key, error) for key, _ in stretches)
        else:
            for key, one in stretches:
                own = await asyncio.to_thread(sealed_places, [lines[line] for line in one.lines])
                for seal, places in own.items():
                    sealed[key][seal] |= places
    return sealed


async def _carry_out(archive: Archive, tombstone: Tombstone, sealed: Sealed, now: datetime) -> None:
    if sealed:
        latest = max(time_of(place) for places in sealed.values() for place in places)
        refuse_unsettled(archive, latest, now)
        await erase_sealed(archive, sealed, await stay_under(archive, tombstone, sealed, now))
    await archive.catalogue.forget(tombstone.occurrence)
    if tombstone.version:
        version, cues = await _version(archive, tombstone, now)
        await archive.catalogue.add(version.key, version.manifest, cues)
        await delete_before(archive, version)


async def _version(archive: Archive, tombstone: Tombstone, now: datetime) -> tuple[Version, Sequence[Cue]]:
    """Return what is left, and its cues.

    Another process may write the same one and the next, over the files of this one, and delete them.
    """
    version, looks = await rewritten(archive, tombstone, now), 0
    while True:
        try:
            return version, await files.listed_cues(archive.store, archive.seals, version.key, version.manifest) or []
        except (Missing, Altered):
            looks += 1
            if looks == _LOOKS:
                raise
        if (await newest(archive, tombstone.occurrence)).key == version.key:
            await asyncio.sleep(_LOOK_EVERY_S)
        else:
            version = await rewritten(archive, tombstone, now)


def _by_segment(todo: Todo) -> dict[str, list[tuple[str, ErasedStretch]]]:
    found: dict[str, list[tuple[str, ErasedStretch]]] = defaultdict(list)
    for key, tombstone in todo:
        for stretch in tombstone.erased:
            found[stretch.segment].append((key, stretch))
    return found
