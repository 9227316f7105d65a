"""What is in no occurrence is not kept for ever either."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from consumers.captions.archive import Archive
from consumers.captions.life import holds
from consumers.captions.life.carrying import finish
from consumers.captions.life.retention import expire
from consumers.captions.life.strays import SETTLED, Marks
from schemas.archive import EVIDENCE
from schemas.archive.statements import Erased
from schemas.events import MeetingScheduled
from schemas.topics import LIFECYCLE

from .building import MORNING, Happened, alive, build, meeting
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
