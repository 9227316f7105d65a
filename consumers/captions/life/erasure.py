"""Erase an occurrence, some of its cues, or what is of one person, and leave the proof.

The order of what is written, so that an interruption anywhere loses nothing and leaves nothing undone for good:

    1  tombstone    the list of what goes: segment, line, leaf
    2  Erased       the ledger names the tombstone, unless a hold stands before it: from here on it is decided
    3  carrying     a checkpoint over that, lines, next version, files: see there
    4  done         beside the tombstone

Before 2 nothing has happened. After it `finish`, which the service calls at start and every day, and every command
that erases, goes on where it was left. Until 4 an erased line may still be readable, and verification calls it
unfinished; an erased line that no Erased names is an alteration, so 2 comes before 3.
It refuses what is held, what the store would not let go, and what may still be sealed elsewhere.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Literal

import msgspec

from schemas.archive.manifest import Manifest
from schemas.archive.statements import Erased, Statement
from schemas.archive.tombstones import ErasedStretch, Tombstone

from ..archive import Archive
from ..errors import Altered, Held, Locked, Missing, NotYet
from ..evidence import reading
from ..evidence.index import Index
from ..evidence.told import Told
from ..finding import files
from ..proof import merkle
from ..tracking import is_bulk
from .carrying import finish
from .indexes import own_index
from .past import standing
from .reading import tell
from .rewriting import is_gone
from .selecting import Wanted, lines_of, listed, of_cues, of_participant
from .settling import refuse_unsettled
from .sharing import refuse_held_parts
from .tombs import put_tombstone
from .versions import Version, newest


def _now() -> datetime:
    return datetime.now(UTC)


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be erased, and on whose word."""

    occurrence: str
    who: str
    why: Literal["due", "request", "left"]
    reference: str | None = None
    """A case number or the like; never a name."""
    cues: tuple[int, ...] | None = None
    """Only these. None, and no participant: all of the occurrence."""
    participant: str | None = None
    """Only what is of this person; the ID that the service gave them in this meeting."""


async def erase(archive: Archive, request: Request, *, now: Callable[[], datetime] = _now) -> int:
    """Erase, and return how many records went; it is in the access log, refused or done.

    Raises Missing where there is no such occurrence or nothing that would go, and Held, NotYet or Locked.
    """
    try:
        # Somebody may have been interrupted: then the newest version is one that should not be there any more.
        await finish(archive, now)
        key, records = await state(archive, request, now=now)
        if (error := (await finish(archive, now)).get(key)) is not None:
            raise error
    except (Held, NotYet, Locked, Missing):
        await archive.access.note(who=request.who, what="erase", occurrences=[request.occurrence], result="refused")
        raise
    await archive.access.note(who=request.who, what="erase", occurrences=[request.occurrence])
    return records


async def state(archive: Archive, request: Request, *, now: Callable[[], datetime]) -> tuple[str, int]:
    """Decide an erasure, for `finish` to carry out; return its tombstone's key and how many records it lists.

    Raises as `erase` does.
    """
    version = await newest(archive, request.occurrence)
    manifest = version.manifest
    if is_gone(manifest):
        raise Missing(f"occurrence {request.occurrence}: it was erased")
    stands = await standing(archive)
    stands.refuse_held(request.occurrence, manifest.meeting_id)
    wanted = await _wanted(archive, version, request)
    erased = await _selected(archive, manifest, wanted, now())
    if request.why == "due" and manifest.closed_by == "part":
        # What the parts of a long meeting have in common is evidence of those that come later, and goes with the last.
        erased = [stretch for stretch in erased if is_bulk(stretch.segment)]
    if not erased:
        raise Missing(f"occurrence {request.occurrence} has nothing of that")
    await refuse_held_parts(archive, stands, request.occurrence, erased)
    tombstone = Tombstone(
        occurrence=request.occurrence,
        enterprise=manifest.enterprise,
        meeting_id=manifest.meeting_id,
        version=manifest.version,
        whole=wanted is None,
        erased=erased,
    )
    return await decide(archive, tombstone, request, now())


async def state_left(archive: Archive, occurrence: str, told: Iterable[Told], *, now: Callable[[], datetime]) -> int:
    """Decide to erase what came of a meeting before the policy said that it is not kept; return how many records.

    `told`: all that came of it. For `finish` to carry out: what was sealed in the last hour goes a little later.
    """
    own = [one for one in told if one.enterprise]
    lines: dict[str, list[int]] = {}
    for one in own:
        lines.setdefault(one.segment, []).append(one.line)
    if not lines:
        return 0
    tombstone = Tombstone(
        occurrence=occurrence,
        enterprise=own[0].enterprise,
        meeting_id=own[0].key,
        version=0,
        whole=True,
        erased=[await _stretch(archive, segment, sorted(lines[segment])) for segment in sorted(lines)],
    )
    request = Request(occurrence=occurrence, who="meetwire", why="left")
    return (await decide(archive, tombstone, request, now()))[1]


async def decide(archive: Archive, tombstone: Tombstone, request: Request, at: datetime) -> tuple[str, int]:
    """Have the ledger say that what the tombstone lists is erased, for `finish` to carry out; return as `state` does.

    Raises Held.
    """
    key, digest = await put_tombstone(archive, tombstone)
    records = sum(len(stretch.lines) for stretch in tombstone.erased)
    now_stands = await standing(archive)
    if key not in now_stands.erased:

        def guard(before: Sequence[Statement]) -> None:
            now_stands.take(before)
            now_stands.refuse_held(tombstone.occurrence, tombstone.meeting_id)

        said = Erased(
            at=at,
            occurrence=tombstone.occurrence,
            tombstone=key,
            sha256=digest,
            records=records,
            who=request.who,
            why=request.why,
            reference=request.reference,
        )
        await archive.ledger.append([said], guard=guard)
    return key, records


async def _wanted(archive: Archive, version: Version, request: Request) -> Wanted | None:
    """Return what says which records go; None: all of them."""
    if request.cues is not None:
        there = await files.cues(archive.store, archive.seals, version.key, version.manifest)
        return of_cues(request.cues, there or [])
    return None if request.participant is None else of_participant(request.participant)


async def _selected(archive: Archive, manifest: Manifest, wanted: Wanted | None, now: datetime) -> list[ErasedStretch]:
    """Return what goes, by segment. Raises NotYet, Altered."""
    found: list[ErasedStretch] = []
    for stretch in manifest.evidence:
        if archive.ledger.is_lost(stretch.segment) and await _is_gone(archive, stretch.segment):
            continue
        index = await _index(archive, stretch.segment, stretch.root)
        numbers = lines_of(stretch, index)
        if wanted is not None:
            lines = await reading.lines(archive.store, stretch.segment)
            told = await tell(archive, stretch.segment, lines, numbers)
            numbers = [one.line for one in told if wanted(one)]
        if numbers:
            refuse_unsettled(archive, index.last_ms, now)
            found.append(listed(stretch.segment, numbers, index.leaf_list()))
    return found


async def _is_gone(archive: Archive, segment: str) -> bool:
    return await archive.store.get_many([segment]) == [None]


async def _index(archive: Archive, segment: str, root: str) -> Index:
    """Return a segment's index, with the leaves that the manifest binds. Raises Altered."""
    index = await own_index(archive, segment)
    if merkle.root(index.leaf_list()).hex() != root:
        raise Altered(f"{segment}: its index has not the leaves that its root is over; see `meetwire archive verify`")
    return index


async def _stretch(archive: Archive, segment: str, numbers: list[int]) -> ErasedStretch:
    return listed(segment, numbers, (await own_index(archive, segment)).leaf_list())
