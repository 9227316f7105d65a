"""Find what has been kept long enough, and erase it; a legal hold beats that.

An occurrence is due when `retention_days` have gone by since it ended. Not by a store's clock, nor by when it was
written: by the records' own times.
"""

import contextlib
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec

from schemas.archive.manifest import Manifest

from ..archive import Archive
from ..errors import Altered, ArchiveError, Held, Missing
from .carrying import finish
from .erasure import Request, state
from .holding import KeptVersion, Standing
from .past import standing
from .rewriting import is_gone
from .strays import SETTLED, Marks, state_strays
from .tombs import read_tombstone, unfinished
from .versions import Version, read_version


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
    for occurrence in await due(archive, now()):
        try:
            await state(archive, Request(occurrence=occurrence, who=who, why="due"), now=now)
        except Held:
            held.append(occurrence)
        except ArchiveError as error:
            unfinished[occurrence] = error
        else:
            erased.append(occurrence)
    unfinished |= await finish(archive, now)
    strays = await _strays(archive, who, now)
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
    since = now - timedelta(days=archive.settings.retention_days)
    return [one.manifest.occurrence for ended, one in await _standing(archive, now) if ended <= since]


async def _standing(archive: Archive, now: datetime) -> list[tuple[datetime, Version]]:
    """Return what is not erased, with its end, of all that began long enough ago to be due; the oldest first."""
    since = now - timedelta(days=archive.settings.retention_days)
    found: list[tuple[datetime, Version]] = []
    for one in _old_enough(await standing(archive), since.date()):
        version = await read_version(archive.store, one.manifest)
        if not is_gone(version.manifest):
            found.append((ended_at(version.manifest, day_of(one)), version))
    return sorted(found, key=lambda one: (one[0], one[1].key))


async def _spared(archive: Archive, now: datetime) -> dict[str, set[int]]:
    """Return the lines of occurrences that are not erased, or not yet all of them."""
    found: dict[str, set[int]] = defaultdict(set)
    for _, version in await _standing(archive, now + SETTLED):
        for stretch in version.manifest.evidence:
            found[stretch.segment].update(
                line for first, count in stretch.lines for line in range(first, first + count)
            )
    for said in await unfinished(archive):
        with contextlib.suppress(Altered, Missing):
            for erased in (await read_tombstone(archive, said)).erased:
                found[erased.segment].update(erased.lines)
    return found


def ended_at(manifest: Manifest, day: date) -> datetime:
    """Return when an occurrence ended; where nobody saw that, the end of the day after its first. Pure."""
    return manifest.ended_at or datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=2)


def day_of(kept: KeptVersion) -> date:
    """Return the day on which an occurrence began, as its manifest's key says. Pure."""
    return date.fromisoformat(kept.manifest.split("/")[2])


def _old_enough(stands: Standing, day: date) -> list[KeptVersion]:
    """Return what is kept of occurrences that can be due, by their first day alone: no manifest is read for that."""
    return [one for one in stands.kept.values() if day_of(one) <= day and stands.since_due.get(one.occurrence, 2) > 1]
