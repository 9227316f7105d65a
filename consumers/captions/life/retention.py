"""Find what has been kept long enough, and erase it; a legal hold beats that.

An occurrence is due when `retention_days` have gone by since it was over (`over`). Not by a store's clock, nor by when
it was written: by the records' own times. Nothing is concluded from a manifest that is not the ledger's.
"""

import contextlib
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec

from schemas.archive import EVIDENCE

from ..archive import Archive
from ..errors import Altered, ArchiveError, Held, Missing
from .carrying import finish
from .erasure import Request, state
from .holding import KeptVersion, Standing
from .over import over_at
from .past import standing
from .rewriting import is_gone
from .strays import SETTLED, Marks, state_strays
from .tombs import read_tombstone, unfinished
from .versions import Version, read_kept


class Expired(msgspec.Struct, frozen=True, kw_only=True):
    """What a run did."""

    erased: list[str]
    """Occurrences that were due."""
    held: list[str]
    """Due, but held."""
    strays: int
    """Records that were due and in no occurrence."""
    unfinished: dict[str, str]
    """What cannot be carried out yet: tombstone's key and why."""


def _now() -> datetime:
    return datetime.now(UTC)


async def expire(archive: Archive, *, who: str, now: Callable[[], datetime] = _now) -> Expired:
    """Erase all that is due, finish what was begun before, and have the ledger say how long the access log is."""
    unfinished = await finish(archive, now)
    erased, held = list[str](), list[str]()
    ready, damaged = await _ready(archive, now())
    unfinished |= damaged
    for occurrence in ready:
        try:
            await state(archive, Request(occurrence=occurrence, who=who, why="due"), now=now)
        except Held:
            held.append(occurrence)
        except ArchiveError as error:
            unfinished[occurrence] = error
        else:
            erased.append(occurrence)
    unfinished |= await finish(archive, now)
    try:
        strays = await _strays(archive, who, now)
    except (Altered, Missing) as error:
        # Whose lines they are, an altered manifest may hide.
        strays, unfinished[EVIDENCE] = 0, error
    if erased or strays:
        await archive.access.note(who=who, what="erase", occurrences=erased)
    await archive.access.seal(archive.ledger)
    await archive.ledger.checkpoint()
    return Expired(
        erased=erased,
        held=held,
        strays=strays,
        unfinished={key: str(error) for key, error in unfinished.items()},
    )


async def _strays(archive: Archive, who: str, now: Callable[[], datetime]) -> int:
    """Erase what is due and in no occurrence; return how many records."""
    file = Marks(Path(archive.settings.spool_folder) / "strays")
    marks = await file.read()

    records = await state_strays(archive, lambda: _spared(archive, now()), marks, who, now())
    # What was decided and cannot be carried out now is for the next `finish`: it is in the ledger.
    await finish(archive, now)
    await file.write(marks)
    return records


async def due(archive: Archive, now: datetime) -> list[str]:
    """Return the occurrences that are to be erased by now, those that are held among them; the oldest first."""
    return (await _ready(archive, now))[0]


async def _ready(archive: Archive, now: datetime) -> tuple[list[str], dict[str, ArchiveError]]:
    """Return the same, and of which nobody can say whether they are, and why."""
    since = now - timedelta(days=archive.settings.retention_days)
    versions, damaged = await _standing(archive, now)
    found: list[tuple[datetime, str, str]] = []
    for one in versions:
        try:
            ended = await over_at(archive, one.key, one.manifest)
        except Altered as error:
            damaged[one.manifest.occurrence] = error
        else:
            found.append((ended, one.key, one.manifest.occurrence))
    return [occurrence for ended, _, occurrence in sorted(found) if ended <= since], damaged


async def _standing(archive: Archive, now: datetime) -> tuple[list[Version], dict[str, ArchiveError]]:
    """Return what is not erased of all that began long enough ago to be due, and what is damaged of it."""
    since = now - timedelta(days=archive.settings.retention_days)
    found: list[Version] = []
    damaged: dict[str, ArchiveError] = {}
    for one in _old_enough(await standing(archive), since.date()):
        try:
            version = await read_kept(archive.store, one)
        except (Altered, Missing) as error:
            damaged[one.occurrence] = error
        else:
            if not is_gone(version.manifest):
                found.append(version)
    return found, damaged


async def _spared(archive: Archive, now: datetime) -> dict[str, set[int]]:
    """Return the lines of occurrences that are not erased, or not yet all of them. Raises Altered, Missing."""
    found: dict[str, set[int]] = defaultdict(set)
    versions, damaged = await _standing(archive, now + SETTLED)
    for error in damaged.values():
        raise error
    for version in versions:
        for stretch in version.manifest.evidence:
            found[stretch.segment].update(
                line for first, count in stretch.lines for line in range(first, first + count)
            )
    for said in await unfinished(archive):
        with contextlib.suppress(Altered, Missing):
            for erased in (await read_tombstone(archive, said)).erased:
                found[erased.segment].update(erased.lines)
    return found


def day_of(kept: KeptVersion) -> date:
    """Return the day on which an occurrence began, as its manifest's key says. Pure."""
    return date.fromisoformat(kept.manifest.split("/")[2])


def _old_enough(stands: Standing, day: date) -> list[KeptVersion]:
    """Return what is kept of occurrences that can be due, by their first day alone: no manifest is read for that."""
    return [one for one in stands.kept.values() if day_of(one) <= day and stands.since_due.get(one.occurrence, 2) > 1]
