"""What has been kept long enough is erased, by the records' own times; what is held is not."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from consumers.captions.archive import Archive
from consumers.captions.life import holds
from consumers.captions.life.access import read
from consumers.captions.life.retention import Expired, due, ended_at, expire
from consumers.captions.life.versions import Version, newest, put_version
from schemas.archive.access import Access
from schemas.archive.manifest import Manifest
from schemas.archive.statements import AccessSealed, Erased

from .building import MORNING, alive, build, meeting
from .looking import verified, words
from .watching import watched

DAYS = 2555
OLD, YOUNG = "words-of-old", "words-of-young"
ENDED = MORNING + timedelta(minutes=30)
DUE = ENDED + timedelta(days=DAYS)


@pytest.fixture
async def versions(archive: Archive) -> list[Version]:
    """Return two occurrences, a day apart."""
    old = await build(archive, [*meeting("m-1", [("p-1", OLD)]), *alive()])
    young = await build(archive, meeting("m-2", [("p-1", YOUNG)], at=MORNING + timedelta(days=1)), first=500)
    return old + young


def ids(*versions: Version) -> list[str]:
    """Return the occurrences."""
    return [one.manifest.occurrence for one in versions]


async def test_occurrence_is_due_when_it_has_been_kept_long_enough(archive: Archive, versions: list[Version]) -> None:
    """Not a second earlier than `retention_days` after it ended; the oldest comes first."""
    assert await due(archive, DUE - timedelta(seconds=1)) == []
    assert await due(archive, DUE) == ids(versions[0])
    assert await due(archive, DUE + timedelta(days=1)) == ids(*versions)


async def test_what_is_due_is_erased_once(archive: Archive, versions: list[Version], tmp_path: Path) -> None:
    """A run erases what is due, says so, and finds nothing more to do the next time."""
    done = await expire(archive, who="meetwire", now=lambda: DUE)

    assert done == Expired(erased=ids(versions[0]), held=[], strays=0, unfinished={})
    assert await words(archive, tmp_path, OLD, YOUNG) == {YOUNG}
    (said,) = [one for one in await archive.ledger.statements() if isinstance(one, Erased)]
    assert (said.who, said.why, said.at) == ("meetwire", "due", DUE)
    assert await expire(archive, who="meetwire", now=lambda: DUE) == Expired(
        erased=[], held=[], strays=0, unfinished={}
    )
    assert (await verified(archive)).good


async def test_hold_beats_retention(archive: Archive, versions: list[Version], tmp_path: Path) -> None:
    """What is held is due every day, and stays until the hold is removed."""
    await holds.add(archive, "case-7", who="eve", why="x", occurrences=ids(versions[0]))
    done = await expire(archive, who="meetwire", now=lambda: DUE + timedelta(days=1))

    assert done == Expired(erased=ids(versions[1]), held=ids(versions[0]), strays=0, unfinished={})
    assert await words(archive, tmp_path, OLD, YOUNG) == {OLD}

    await holds.remove(archive, "case-7", who="eve", why="settled")
    assert (await expire(archive, who="meetwire", now=lambda: DUE)).erased == ids(versions[0])
    assert await words(archive, tmp_path, OLD, YOUNG) == set()


async def test_run_goes_on_with_what_was_interrupted(archive: Archive, versions: list[Version], tmp_path: Path) -> None:
    """An erasure that was decided and not carried out is finished by the next run."""
    through, store = watched(archive)
    store.locked = "meetings/" if archive.seals is None else "keys/"
    first = await expire(through, who="meetwire", now=lambda: DUE)
    (reason,) = first.unfinished.values()
    assert reason.endswith(": locked")
    assert first.erased == ids(versions[0])

    store.locked = ""
    assert await expire(through, who="meetwire", now=lambda: DUE) == Expired(
        erased=[], held=[], strays=0, unfinished={}
    )
    assert await words(archive, tmp_path, OLD) == set()


async def test_altered_occurrence_stops_no_other(archive: Archive, versions: list[Version], tmp_path: Path) -> None:
    """What cannot be erased because it was altered is named; all the rest is erased."""
    await archive.store.replace(versions[0].manifest.evidence[0].segment.replace(".jsonl", ".index"), b"{}")
    done = await expire(archive, who="meetwire", now=lambda: DUE + timedelta(days=1))

    assert done.erased == ids(versions[1])
    assert done.unfinished == {versions[0].manifest.occurrence: "an index cannot be read"}
    assert await words(archive, tmp_path, OLD, YOUNG) == {OLD}


async def test_what_comes_late_is_due_again(archive: Archive, versions: list[Version]) -> None:
    """A version that a late record brought after the erasure is erased by the next run."""
    await expire(archive, who="meetwire", now=lambda: DUE)
    gone = await newest(archive, versions[0].manifest.occurrence)
    late = msgspec.structs.replace(versions[0].manifest, version=3, because="late")
    await put_version(archive, gone.above, late, [], DUE)

    assert await due(archive, DUE) == ids(versions[0])


async def test_access_log_is_in_the_ledger_after_a_run(archive: Archive, versions: list[Version]) -> None:
    """What was erased is in the access log, and the ledger says how long that is."""
    await expire(archive, who="meetwire", now=lambda: DUE)

    (entry,) = [msgspec.json.decode(content, type=Access) for _, content in await read(archive.store)]
    assert (entry.who, entry.what, entry.occurrences) == ("meetwire", "erase", ids(versions[0]))
    last = (await archive.ledger.statements())[-1]
    assert isinstance(last, AccessSealed)
    assert last.entries == 1


def test_occurrence_of_which_nobody_saw_the_end_ends_with_the_next_day() -> None:
    """Where the service never said that a meeting ended, it is kept from the end of the day after its first."""
    kept = _manifest(None)

    assert ended_at(kept, date(2026, 5, 1)) == datetime(2026, 5, 3, tzinfo=UTC)
    assert ended_at(_manifest(ENDED), date(2026, 5, 1)) == ENDED


def _manifest(ended: datetime | None) -> Manifest:
    told = {name: None for name in Manifest.__struct_fields__}
    return Manifest(**{**told, "ended_at": ended})  # type: ignore[arg-type]  # only that is looked at
