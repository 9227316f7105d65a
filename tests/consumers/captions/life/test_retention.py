"""What has been kept long enough is erased, by the records' own times; what is held is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from consumers.captions.archive import Archive
from consumers.captions.life import holds
from consumers.captions.life.access import read
from consumers.captions.life.over import over_at
from consumers.captions.life.retention import Expired, due, expire
from consumers.captions.life.versions import Version, newest, put_version
from schemas.archive import index_key
from schemas.archive.access import Access
from schemas.archive.statements import AccessSealed, Erased, LossAccepted
from schemas.topics import CAPTIONS

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

    (why,) = done.unfinished.values()
    assert done.erased == ids(versions[1])
    assert list(done.unfinished) == ids(versions[0])
    assert "no index vouches for it" in why
    assert await words(archive, tmp_path, OLD, YOUNG) == {OLD}


@pytest.mark.parametrize("content", [b"{}", None], ids=["altered", "gone"])
async def test_manifest_that_is_not_the_ledgers_stops_no_other(
    archive: Archive, versions: list[Version], tmp_path: Path, content: bytes | None
) -> None:
    """Nobody can say whether it is due: it is named, and all the rest is erased."""
    if content is None:
        await archive.store.delete(versions[0].key)
    else:
        await archive.store.replace(versions[0].key, content)
    done = await expire(archive, who="meetwire", now=lambda: DUE + timedelta(days=1))

    assert done.erased == ids(versions[1])
    assert versions[0].manifest.occurrence in done.unfinished
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


@pytest.mark.parametrize(
    ("days", "over"),
    [
        pytest.param(0, datetime(2026, 5, 3, tzinfo=UTC), id="with the day after its first"),
        pytest.param(40, MORNING + timedelta(days=40, seconds=10), id="with its last record"),
    ],
)
async def test_when_an_occurrence_was_over_of_which_nobody_saw_the_end(
    archive: Archive, days: int, over: datetime
) -> None:
    """Where the service never said that a meeting ended, it is kept from then on, and not from when it began."""
    begun, *_ = meeting("m-1", [])
    said = [one for one in meeting("m-1", [("p-1", OLD)], at=MORNING + timedelta(days=days)) if one.topic == CAPTIONS]
    (version,) = await build(archive, [begun, *said])

    assert version.manifest.ended_at is None
    assert await over_at(archive, version.key, version.manifest) == over
    assert await due(archive, over + timedelta(days=DAYS, seconds=-1)) == []
    assert await due(archive, over + timedelta(days=DAYS)) == ids(version)


async def test_nobody_says_when_it_was_over_where_its_index_was_altered(
    archive: Archive, versions: list[Version]
) -> None:
    """It is named, not erased by a guess."""
    begun, *rest = meeting("m-3", [("p-1", "endless")])
    (version,) = await build(archive, [begun, *(one for one in rest if one.topic == CAPTIONS)], first=900)
    for stretch in version.manifest.evidence:
        await archive.store.delete(index_key(stretch.segment))
    done = await expire(archive, who="meetwire", now=lambda: DUE + timedelta(days=900))

    assert done.erased == ids(*versions)
    assert version.manifest.occurrence in done.unfinished

    lost = [LossAccepted(at=MORNING, segment=one.segment, who="ann", why="a disk") for one in version.manifest.evidence]
    await archive.ledger.append(lost)
    assert await over_at(archive, version.key, version.manifest) == datetime(2026, 5, 3, tzinfo=UTC)
