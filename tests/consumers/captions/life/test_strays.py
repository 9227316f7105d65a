"""What is in no occurrence is not kept for ever either."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from consumers.captions.archive import Archive
from consumers.captions.life import holds
from consumers.captions.life.carrying import finish
from consumers.captions.life.reading import told_of
from consumers.captions.life.retention import expire
from consumers.captions.life.strays import SETTLED, Marks
from schemas.archive import EVIDENCE
from schemas.archive.statements import Erased
from schemas.events import MeetingClosed, MeetingScheduled
from schemas.topics import LIFECYCLE

from ..running import contents, running, settings, stored
from .building import EVENING, LOG, MORNING, Happened, alive, build, meeting
from .looking import verified, words
from .watching import watched

PLANNED, SPOKEN = "marker-of-a-plan", "marker-of-a-meeting"
DUE = MORNING + timedelta(days=2555) + SETTLED + timedelta(hours=1)


def scheduled(meeting_id: str = "m-7") -> Happened:
    """Return a meeting that was scheduled and never held."""
    event = MeetingScheduled(
        enterprise="acme",
        meeting_id=meeting_id,
        meeting_uuid=None,
        meeting_cycle_sub_id=None,
        occurred_at=MORNING,
        sent_at=MORNING,
        received_at=MORNING,
        original=f'{{"subject":"{PLANNED}"}}',
        original_sha256="0" * 64,
    )
    return Happened(LIFECYCLE, meeting_id, event, MORNING + timedelta(minutes=1))


@pytest.fixture
async def occurrence(archive: Archive) -> str:
    """Return the one occurrence of an archive that has a plan in the same segments, which came to nothing."""
    (version,) = await build(archive, [*meeting("m-1", [("p-1", SPOKEN)]), scheduled(), *alive()])
    return version.manifest.occurrence


def marks(archive: Archive) -> Marks:
    """Return how far was looked."""
    return Marks(Path(archive.settings.spool_folder) / "strays")


async def test_what_is_in_no_occurrence_goes_after_all_the_rest(
    archive: Archive, occurrence: str, tmp_path: Path
) -> None:
    """It stays two months longer than an occurrence would, and then it is erased like one, once."""
    early = await expire(archive, who="meetwire", now=lambda: DUE - timedelta(hours=2))
    assert (early.erased, early.strays) == ([occurrence], 0)
    assert await words(archive, tmp_path, PLANNED, SPOKEN) == {PLANNED}

    done = await expire(archive, who="meetwire", now=lambda: DUE)
    assert (done.erased, done.strays, done.unfinished) == ([], 1, {})
    assert await words(archive, tmp_path, PLANNED, SPOKEN) == set()
    assert (await expire(archive, who="meetwire", now=lambda: DUE)).strays == 0
    assert [finding for finding in (await verified(archive)).findings if finding.level == "wrong"] == []


async def test_each_segment_is_looked_at_once(archive: Archive, occurrence: str) -> None:
    """Up to where is remembered; without that file everything is looked at again, and nothing is found twice."""
    await expire(archive, who="meetwire", now=lambda: DUE)
    seen = await marks(archive).read()
    segments = [key async for key in archive.store.keys(EVIDENCE) if key.endswith(".jsonl")]
    assert sorted(seen.values()) == sorted(
        max(key for key in segments if key.startswith(folder))
        for folder in {key.rpartition("/")[0] for key in segments}
    )

    await marks(archive).write({"evidence/nowhere/": "x"})
    assert (await expire(archive, who="meetwire", now=lambda: DUE)).strays == 0
    assert (await marks(archive).read()).items() >= seen.items()


@pytest.mark.parametrize("content", [b"[]", b"\xff"])
async def test_marks_that_cannot_be_read_are_none(plain: Archive, content: bytes) -> None:
    """A damaged file costs a longer look, no more."""
    path = Path(plain.settings.spool_folder) / "strays"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)

    assert await marks(plain).read() == {}


async def test_what_is_held_is_no_stray(archive: Archive, occurrence: str, tmp_path: Path) -> None:
    """A held meeting's lines stay, and so does what has its ID and is in no occurrence, until the hold is removed."""
    await holds.add(archive, "a", who="eve", why="x", occurrences=[occurrence])
    await holds.add(archive, "b", who="eve", why="x", meeting_id="m-7")
    done = await expire(archive, who="meetwire", now=lambda: DUE)

    assert (done.held, done.strays) == ([occurrence], 0)
    assert await words(archive, tmp_path, PLANNED, SPOKEN) == {PLANNED, SPOKEN}

    await holds.remove(archive, "a", who="eve", why="x")
    await holds.remove(archive, "b", who="eve", why="x")
    assert (await expire(archive, who="meetwire", now=lambda: DUE)).strays == 1
    assert await words(archive, tmp_path, PLANNED, SPOKEN) == set()


async def test_what_was_altered_is_left_and_looked_at_again(archive: Archive, occurrence: str) -> None:
    """A segment that is not as its index has it stops nothing, and is not passed over for good."""
    (segment, *_) = [key async for key in archive.store.keys(EVIDENCE) if LIFECYCLE in key and key.endswith(".jsonl")]
    content = await archive.store.get(segment)
    await archive.store.replace(segment, b"")
    done = await expire(archive, who="meetwire", now=lambda: DUE)
    assert done.strays == 0
    assert segment not in (await marks(archive).read()).values()

    await archive.store.replace(segment, content)
    assert (await expire(archive, who="meetwire", now=lambda: DUE)).strays == 1

    await archive.store.replace(segment.replace(".jsonl", ".index"), b"{}")
    await marks(archive).write({})
    assert (await expire(archive, who="meetwire", now=lambda: DUE)).strays == 0


async def test_interrupted_run_is_finished_by_the_next(archive: Archive, occurrence: str, tmp_path: Path) -> None:
    """What was decided is in the ledger: though the store let nothing go then, it goes later."""
    await expire(archive, who="meetwire", now=lambda: DUE - timedelta(hours=2))
    through, store = watched(archive)
    store.locked = EVIDENCE if archive.seals is None else "keys/"
    assert (await expire(through, who="meetwire", now=lambda: DUE)).strays == 1
    assert await words(archive, tmp_path, PLANNED) == {PLANNED}

    store.locked = ""
    assert await finish(archive, lambda: DUE) == {}
    assert await words(archive, tmp_path, PLANNED) == set()
    assert len([one for one in await archive.ledger.statements() if isinstance(one, Erased)]) == 2


async def test_two_processes_remember_in_one_file(plain: Archive) -> None:
    """The service and a command on the same machine may both write how far they looked."""
    wanted = [{"evidence/": f"{number}" * 10_000} for number in range(8)]
    await asyncio.gather(*(marks(plain).write(one) for one in wanted))

    assert await marks(plain).read() in wanted


async def test_what_was_said_in_the_same_hour_stays_readable(archive: Archive, tmp_path: Path) -> None:
    """Of a meeting that is held, and had been on for weeks by then: its lines are under the same key."""
    begun, *_ = meeting("m-7", [], at=MORNING - timedelta(days=20))
    later = MORNING + timedelta(minutes=45)
    plan = scheduled()
    plan = plan._replace(event=msgspec.structs.replace(plan.event, occurred_at=later), at=later)
    other = meeting("m-9", [("p-1", "of-the-evening")], at=EVENING)
    versions = await build(archive, [begun, *meeting("m-7", [("p-1", SPOKEN)])[1:], plan, *other], a_segment=1)
    long = next(one.manifest for one in versions if one.manifest.meeting_id == "m-7")
    await holds.add(archive, "a", who="eve", why="x", occurrences=[long.occurrence])
    done = await expire(archive, who="meetwire", now=lambda: DUE + timedelta(days=1))

    assert (done.held, done.strays, done.unfinished) == ([long.occurrence], 1, {})
    assert await words(archive, tmp_path, PLANNED, SPOKEN) == {SPOKEN}
    assert len(await told_of(archive, long.evidence)) == long.records


async def test_whose_lines_they_are_an_altered_manifest_does_not_say(
    archive: Archive, occurrence: str, tmp_path: Path
) -> None:
    """Who can only write to the store does not get the archive to erase what is held, by hiding that it is of that."""
    await holds.add(archive, "a", who="eve", why="x", occurrences=[occurrence])
    (key,) = [key async for key in archive.store.keys("meetings/") if key.endswith("manifest.json")]
    right = await archive.store.get(key)
    await archive.store.replace(key, re.sub(rb'"evidence":\[.*?\],"captions"', b'"evidence":[],"captions"', right))
    done = await expire(archive, who="meetwire", now=lambda: DUE)

    assert (done.strays, done.erased) == (0, [])
    assert "it is not the manifest that the ledger names" in done.unfinished[EVIDENCE]
    assert await words(archive, tmp_path, PLANNED, SPOKEN) == {PLANNED, SPOKEN}

    await archive.store.replace(key, right)
    assert (await expire(archive, who="meetwire", now=lambda: DUE)).strays == 1
    assert await words(archive, tmp_path, PLANNED, SPOKEN) == {SPOKEN}


async def test_nothing_is_taken_for_lost_property_by_an_index_that_nobody_vouches_for(memory: Path) -> None:
    """A meeting is on, and somebody who can only write to the store has its evidence look years old."""
    on = [one for one in meeting("m-1", [("p-1", SPOKEN)]) if not isinstance(one.event, MeetingClosed)]
    async with running(settings(memory, segment_s=60.0, retention_days=1)) as one:
        await one.take(stored([*on, *alive()]))
        before = await contents(one.archive.store)
        for path in (memory / "archive").glob("evidence/**/*.index"):
            path.chmod(0o600)
            path.write_bytes(re.sub(rb'"(first|last)_ms":[0-9]+', rb'"\1_ms":1', path.read_bytes()))
        done = await expire(one.archive, who="meetwire", now=lambda: MORNING + timedelta(hours=2))
        after = await contents(one.archive.store)

    assert (done.strays, done.erased) == (0, [])
    assert len([key for key in before if key.endswith(".jsonl")]) > 5
    assert {key: after[key] for key in before if key.endswith(".jsonl")} == {
        key: content for key, content in before.items() if key.endswith(".jsonl")
    }


async def test_what_a_stranger_put_under_a_cluster_of_his_own_is_left_alone(memory: Path) -> None:
    """The ledger says of every cluster that it has anything of; nothing is signed about others."""
    async with running(settings(memory, segment_s=60.0, retention_days=1)) as one:
        await one.take(stored([scheduled(), *alive()]))
        for key, content in (await contents(one.archive.store)).items():
            if key.startswith(EVIDENCE):
                await one.archive.store.put(key.replace(LOG, "0"), content.replace(LOG.encode(), b"0"))
        done = await expire(one.archive, who="meetwire", now=lambda: MORNING + SETTLED + timedelta(days=2))

    assert done.strays == 1
