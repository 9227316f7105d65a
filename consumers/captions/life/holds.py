"""Put a legal hold on meetings, and take it off: who, why, when, in the ledger, and in the store where it can.

The ledger's statement comes first and is what counts: from then on nothing of these meetings is erased by us. Then the
store itself is asked to refuse deletion, object by object, which only Object Lock can. Interrupted in between, the same
command again does the rest. A segment holds lines of many meetings; it is let go of when no hold needs it any more.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

from schemas.archive import index_key
from schemas.archive.statements import HoldAdded, HoldRemoved, Statement

from ..archive import Archive
from ..errors import Missing
from .holding import Standing, covers
from .past import standing
from .versions import Version, read_kept

_AT_ONCE: Final = 64


def _now() -> datetime:
    return datetime.now(UTC)


async def add(
    archive: Archive,
    hold: str,
    *,
    who: str,
    why: str,
    occurrences: Sequence[str] = (),
    meeting_id: str | None = None,
    now: Callable[[], datetime] = _now,
) -> list[str]:
    """Hold these occurrences, or all of a meeting's, those to come included; return which of them there are by now.

    Raises Conflict where another hold has this ID, Missing where an occurrence is not in the archive, and ValueError
    where neither or both are given.
    """
    if bool(occurrences) == (meeting_id is not None):
        raise ValueError("a hold is on occurrences, or on a meeting ID: one of the two")
    stands = await standing(archive)
    for occurrence in set(occurrences) - set(stands.kept):
        raise Missing(f"occurrence {occurrence}")
    added = HoldAdded(
        at=now(), hold=hold, occurrences=sorted(set(occurrences)), meeting_id=meeting_id, who=who, why=why
    )

    def guard(before: Sequence[Statement]) -> None:
        stands.take(before)
        stands.refuse_added(added)

    await archive.ledger.append([added], guard=guard)
    # Read again: what was kept in between is covered too.
    held = await _covered_by(archive, await standing(archive), [added])
    await _ask(archive, _objects(held), on=True)
    touched = _occurrences(held)
    await archive.access.note(who=who, what="hold", occurrences=touched)
    return touched


async def remove(archive: Archive, hold: str, *, who: str, why: str, now: Callable[[], datetime] = _now) -> None:
    """Take a hold off; what another hold covers stays held. Raises Missing where there never was such a hold."""
    stands = await standing(archive)
    stands.refuse_removed(hold)
    if hold in stands.holds:
        await archive.ledger.append([HoldRemoved(at=now(), hold=hold, who=who, why=why)])
    stands = await standing(archive)
    free = await _covered_by(archive, stands, [stands.once[hold]])
    stay = await _covered_by(archive, stands, stands.holds.values())
    await _ask(archive, _objects(free) - _objects(stay), on=False)
    await archive.access.note(who=who, what="release", occurrences=_occurrences(free))


async def listed(archive: Archive) -> list[HoldAdded]:
    """Return the holds that stand, the oldest first."""
    return list((await standing(archive)).holds.values())


async def hold_new(archive: Archive, version: Version) -> None:
    """Have the store hold a version that was just written, where a hold covers its meeting."""
    holds = (await standing(archive)).holds.values()
    if _covered(holds, version):
        await _ask(archive, _objects([version]), on=True)


async def _covered_by(archive: Archive, stands: Standing, holds: Iterable[HoldAdded]) -> list[Version]:
    """Return the newest version of each occurrence that one of `holds` covers."""
    holds = list(holds)
    # Only a manifest tells the meeting ID.
    named = None if any(not hold.occurrences for hold in holds) else {one for hold in holds for one in hold.occurrences}
    kept = [one for one in stands.kept.values() if named is None or one.occurrence in named]
    found: list[Version] = []
    for start in range(0, len(kept), _AT_ONCE):
        batch = kept[start : start + _AT_ONCE]
        found += await asyncio.gather(*(read_kept(archive.store, one) for one in batch))
    return [one for one in found if _covered(holds, one)]


def _covered(holds: Iterable[HoldAdded], version: Version) -> bool:
    return any(covers(hold, version.manifest.occurrence, version.manifest.meeting_id) for hold in holds)


def _objects(versions: Iterable[Version]) -> set[str]:
    """Return the keys of what has to stay: manifests, files, and the segments with their evidence."""
    keys = set[str]()
    for one in versions:
        keys.add(one.key)
        keys.update(one.key.rpartition("/")[0] + "/" + file.name for file in one.manifest.files)
        for stretch in one.manifest.evidence:
            keys.update((stretch.segment, index_key(stretch.segment)))
    return keys


def _occurrences(versions: Iterable[Version]) -> list[str]:
    return sorted({one.manifest.occurrence for one in versions})


async def _ask(archive: Archive, keys: Iterable[str], *, on: bool) -> None:
    for key in sorted(keys):
        # An index is derived, and may be made anew; what else is missing is for `verify` to tell.
        with contextlib.suppress(Missing):
            await archive.store.hold(key, on)
