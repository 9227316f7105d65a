"""Find what has been kept long enough, and erase it; a legal hold beats that.

An occurrence is due when `retention_days` have gone by since it ended. Not by a store's clock, nor by when it was
written: by the records' own times.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta

import msgspec

from schemas.archive.manifest import Manifest
from schemas.archive.statements import Erased, MeetingKept, Statement

from ..archive import Archive
from ..errors import ArchiveError, Held
from .carrying import finish
from .erasure import Request, state
from .holding import kept
from .rewriting import is_gone
from .versions import read_version


class Expired(msgspec.Struct, frozen=True, kw_only=True):
    """What a run did."""

    erased: list[str]
    """Occurrences that were due."""
    held: list[str]
    """Due, but held."""
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
    if erased:
        unfinished |= await finish(archive, now)
        await archive.access.note(who=who, what="erase", occurrences=erased)
    await archive.access.seal(archive.ledger)
    await archive.ledger.checkpoint()
    return Expired(erased=erased, held=held, unfinished={key: str(error) for key, error in unfinished.items()})


async def due(archive: Archive, now: datetime) -> list[str]:
    """Return the occurrences that are to be erased by now, those that are held among them; the oldest first."""
    since = now - timedelta(days=archive.settings.retention_days)
    said = await archive.ledger.statements()
    found: list[tuple[datetime, str]] = []
    for one in _old_enough(said, since.date()):
        manifest = (await read_version(archive.store, one.manifest)).manifest
        ended = ended_at(manifest, day_of(one))
        if ended <= since and not is_gone(manifest):
            found.append((ended, one.occurrence))
    return [occurrence for _, occurrence in sorted(found)]


def ended_at(manifest: Manifest, day: date) -> datetime:
    """Return when an occurrence ended; where nobody saw that, the end of the day after its first. Pure."""
    return manifest.ended_at or datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=2)


def day_of(kept: MeetingKept) -> date:
    """Return the day on which an occurrence began, as its manifest's key says. Pure."""
    return date.fromisoformat(kept.manifest.split("/")[2])


def _old_enough(said: Sequence[Statement], day: date) -> list[MeetingKept]:
    """Return what is kept of occurrences that can be due, by their first day alone: no manifest is read for that."""
    versions = _since_due(said)
    return [one for one in kept(said).values() if day_of(one) <= day and versions.get(one.occurrence, 2) > 1]


def _since_due(said: Iterable[Statement]) -> dict[str, int]:
    """Return how many versions came after an occurrence was erased because it was due.

    None: that is not carried out yet. One: the version without words. More: something came late.
    """
    versions: dict[str, int] = {}
    for one in said:
        if isinstance(one, Erased) and one.why == "due":
            versions[one.occurrence] = 0
        elif isinstance(one, MeetingKept) and one.occurrence in versions:
            versions[one.occurrence] += 1
    return versions
