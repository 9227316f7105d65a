"""Bring the catalogue to where the ledger is, from what lies in the archive.

What is held of a meeting is what the ledger said of it last: a version that was kept is read; where it was erased or
left out after that, it is forgotten. So whoever deletes the catalogue, or has it on another machine than the consumer,
has it again at the next search. What is damaged or missing is tried again, and told, each time until it can be read.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeVar

import msgspec

from schemas.archive.statements import Erased, MeetingKept, MeetingLeft, Statement

from ..archive import Archive
from ..errors import Altered, Missing
from ..life.versions import read_kept
from . import files
from .rows import Version
from .unread import Unread

_T = TypeVar("_T")

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
    waiting = {one.said.occurrence: one for one in await archive.catalogue.unread()}
    fresh = await archive.ledger.statements(position)
    last = last_of(fresh)
    tried: dict[str, Unread | None] = dict.fromkeys(last)
    for some in _batches([one for one in last.values() if isinstance(one, MeetingKept)]):
        tried |= await _add(archive, some)
    tried |= await _again(archive, [one.said for name, one in waiting.items() if name not in last])
    for occurrence in await _known(archive, _over(fresh, last, tried)):
        await archive.catalogue.forget(occurrence)
    end = position + len(fresh)
    unread = {name: one for name, one in {**waiting, **tried}.items() if one is not None}
    # What was erased while it was read is not damaged: the next catching up reads what is said of it.
    since = last_of(await archive.ledger.statements(end)) if unread else {}
    if fresh or tried:
        await archive.catalogue.stand(position, end, {name: one for name, one in tried.items() if name not in since})
    return CaughtUp(
        meetings=len({*last, *(name for name, one in tried.items() if one is None)}),
        damaged=[one.why for name, one in unread.items() if name not in since],
    )


def last_of(said: Sequence[Statement]) -> dict[str, Statement]:
    """Return what was said last of each occurrence about its being there. Pure."""
    last: dict[str, Statement] = {}
    for one in said:
        if isinstance(one, MeetingKept | Erased | MeetingLeft):
            last[one.occurrence] = one
    return last


async def _again(archive: Archive, waiting: Sequence[MeetingKept]) -> dict[str, Unread | None]:
    """Try again what could not be read: a few, and as long as of these some are there again, more.

    Where all of an archive's files are away, a search does not ask for each of them.
    """
    tried: dict[str, Unread | None] = {}
    for some in _batches(waiting):
        unread = await _add(archive, some)
        tried |= {**dict.fromkeys(one.occurrence for one in some), **unread}
        if len(unread) == len(some):
            break
    return tried


async def _add(archive: Archive, kept: Sequence[MeetingKept]) -> dict[str, Unread]:
    """Return what cannot be read: whoever searches finds all the rest."""
    found = await asyncio.gather(*(_version(archive, one) for one in kept))
    await archive.catalogue.add_all([version for version in found if isinstance(version, Version)])
    return {one.said.occurrence: one for one in found if isinstance(one, Unread)}


async def _version(archive: Archive, kept: MeetingKept) -> Version | Unread:
    try:
        manifest = (await read_kept(archive.store, kept)).manifest
        cues = await files.listed_cues(archive.store, archive.seals, kept.manifest, manifest)
    except Missing as error:
        return Unread(kept, f"{error}: missing")
    except Altered as error:
        # Of a seal it names the data key or the file alone.
        is_named = str(error).startswith(files.beside(kept.manifest, ""))
        return Unread(kept, str(error) if is_named else f"{kept.manifest}: {error}")
    return Version(kept.manifest, manifest, cues or [])


def _over(
    fresh: Sequence[Statement], last: Mapping[str, Statement], tried: Mapping[str, Unread | None]
) -> Iterator[str]:
    """Yield what must not be found any more: also what was erased in part, where what is left cannot be read."""
    erased = {one.occurrence for one in fresh if isinstance(one, Erased)}
    for occurrence, one in last.items():
        if not isinstance(one, MeetingKept) or (occurrence in erased and tried[occurrence] is not None):
            yield occurrence


async def _known(archive: Archive, occurrences: Iterable[str]) -> list[str]:
    """Return those that the catalogue has: to forget one takes long."""
    return [one for one in occurrences if await archive.catalogue.has(one)]


def _batches(all_of_them: Sequence[_T]) -> Iterator[Sequence[_T]]:
    for start in range(0, len(all_of_them), _AT_ONCE):
        yield all_of_them[start : start + _AT_ONCE]
