"""A meeting that never ends is written down in parts: no more of it is in memory at once, and nothing is lost."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from structlog.testing import capture_logs

from consumers.captions import tracking
from consumers.captions.errors import Held
from consumers.captions.finding.rebuilding import rebuild
from consumers.captions.life import holds
from consumers.captions.life.erasure import Request, erase
from consumers.captions.life.retention import expire
from consumers.captions.proof.verify import verify
from schemas.archive import PUBLIC_KEY
from schemas.archive.manifest import Manifest
from schemas.events import MeetingClosed
from schemas.topics import CAPTIONS, PARTICIPANTS

from .life.building import MORNING, Happened, alive, meeting
from .life.looking import LATER
from .running import Running, contents, running, settings, stored

WORDS = [(f"p{number % 2}", f"word-{number}") for number in range(60)]
LONG = meeting("m-1", WORDS)


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a part be of forty records."""
    monkeypatch.setattr(tracking, "MOST", 40)


async def manifests(archive: Running) -> list[Manifest]:
    """Return the manifests that lie there; the archive has to verify."""
    found = await contents(archive.archive.store)
    report = await verify(archive.archive.store, found[PUBLIC_KEY].decode())
    assert report.findings == []
    made = [msgspec.json.decode(found[key], type=Manifest) for key in found if key.endswith("manifest.json")]
    return sorted(made, key=lambda one: min(stretch.segment for stretch in one.evidence if CAPTIONS in stretch.segment))


async def finish(archive: Running) -> None:
    """Do all that is to be done: a part a step."""
    for _ in range(5):
        await archive.work.step()


def captions(made: list[Manifest]) -> list[int]:
    """Return how many captions each has."""
    return [one.captions for one in made]


@pytest.mark.parametrize("at_once", [False, True], ids=["as it goes on", "all at once"])
async def test_a_long_meeting_is_written_down_in_parts(memory: Path, at_once: bool) -> None:
    """Each caption is in one of them; each is of the same meeting, and says that it is a part."""
    whole = stored([*LONG, *alive(minutes=50)])
    async with running(settings(memory, segment_s=60.0)) as archive:
        await archive.take(whole, batch=1_000 if at_once else 10)
        await finish(archive)
        made = await manifests(archive)

    assert sum(captions(made)) == len(WORDS)
    assert len(made) >= 3
    assert [one.closed_by for one in made] == ["part"] * (len(made) - 1) + ["closed"]
    assert len({one.occurrence for one in made}) == len(made)
    assert {(one.meeting_id, one.meeting_uuid, one.version) for one in made} == {("m-1", "uuid-m-1-0905", 1)}
    assert max(captions(made)) <= 40


async def test_parts_are_the_same_however_they_are_come_to(memory: Path) -> None:
    """Batch by batch, or by another machine that finds all of it there."""
    outcomes: list[dict[str, bytes]] = []
    for name, batch in (("one", 10), ("other", 1_000)):
        (memory / name).mkdir()
        if outcomes:
            key = (memory / "one" / "archive.key").read_bytes()
            (memory / name / "archive.key").write_bytes(key)
            (memory / name / "archive.key").chmod(0o600)
        async with running(settings(memory / name, segment_s=60.0)) as archive:
            await archive.take(stored([*LONG, *alive(minutes=50)]), batch=batch)
            await finish(archive)
            found = await contents(archive.archive.store)
        outcomes.append({key: content for key, content in found.items() if key.startswith("meetings/")})

    assert outcomes[0] == outcomes[1]


async def test_parts_are_the_same_when_all_of_it_is_looked_at_anew(memory: Path) -> None:
    """Long after, by another machine, and with nothing that says what was looked at: no silence was within it."""
    options = settings(memory, segment_s=60.0)
    whole = stored([*LONG, *alive(minutes=50)])
    async with running(options) as archive:
        await archive.take(whole, batch=10)
        await finish(archive)
        before = evidence_and_meetings(await contents(archive.archive.store))
    for path in (memory / "archive").glob("evidence/*/*.standing"):
        path.unlink()
    late = stored(alive(since=MORNING + timedelta(hours=20), minutes=5), first=len(whole) + 1)
    async with running(settings(memory, segment_s=60.0, spool_folder=f"{memory}/other")) as archive:
        await archive.take([*whole[archive.done :], *late])
        await finish(archive)
        made = await manifests(archive)
        after = evidence_and_meetings(await contents(archive.archive.store))

    assert {one.version for one in made} == {1}
    assert {key: after[key] for key in before} == before
    assert [key for key in after if key.startswith("meetings/")] == [
        key for key in before if key.startswith("meetings/")
    ]


def evidence_and_meetings(found: dict[str, bytes]) -> dict[str, bytes]:
    """Return what was kept, and what was written of it."""
    return {key: content for key, content in found.items() if key.startswith(("evidence/", "meetings/"))}


async def test_what_comes_after_the_last_part_is_one_more(memory: Path) -> None:
    """Another holding of the same meeting is none of it."""
    evening = MORNING + timedelta(hours=2)
    second = meeting("m-1", WORDS[:3], at=evening)
    records = stored([*LONG, *alive(minutes=50), *second, *alive(since=evening, minutes=50)])
    async with running(settings(memory, segment_s=60.0)) as archive:
        await archive.take(records, batch=10)
        made = await manifests(archive)

    assert sum(captions(made)) == len(WORDS) + 3
    assert (made[-1].captions, made[-1].closed_by) == (3, "closed")


async def test_a_part_is_rebuilt_as_it_was(memory: Path) -> None:
    """From its own evidence alone: context and all."""
    async with running(settings(memory, segment_s=60.0)) as archive:
        await archive.take(stored([*LONG, *alive(minutes=50)]), batch=10)
        done = await rebuild(archive.archive)
        made = await manifests(archive)

    assert (done.meetings, done.versions, done.restored, done.damaged) == (len(made), [], [], [])


async def test_a_meeting_that_goes_on_for_ever_is_found_as_it_goes_on(memory: Path) -> None:
    """Nobody waits for its end."""
    endless: list[Happened] = [one for one in LONG if not isinstance(one.event, MeetingClosed)]
    async with running(settings(memory, segment_s=60.0)) as archive:
        await archive.take(stored([*endless, *alive(minutes=11)]), batch=10)
        made = await manifests(archive)

    assert {one.closed_by for one in made} == {"part"}
    assert sum(captions(made)) >= 40


async def test_captions_alone_are_written_down_too(memory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing tells of a begin or an end, and the last part took all there was."""
    alone = [one for one in LONG if one.topic == CAPTIONS]
    monkeypatch.setattr(tracking, "MOST", len(alone))
    with capture_logs() as lines:
        async with running(settings(memory, segment_s=60.0, silent_after_h=1.0)) as archive:
            await archive.take(stored([*alone, *alive(minutes=150)]), batch=1_000)
            await finish(archive)
            made = await manifests(archive)

    assert [line for line in lines if line["log_level"] == "error"] == []
    assert sum(captions(made)) == len(WORDS)


async def test_a_part_is_not_erased_while_another_is_held(memory: Path) -> None:
    """They have the lines in common that say who is who: these are evidence of what is held."""
    async with running(settings(memory, segment_s=60.0)) as archive:
        await archive.take(stored([*LONG, *alive(minutes=50)]), batch=10)
        await finish(archive)
        first, second, *_ = await manifests(archive)
        await holds.add(archive.archive, "case-1", who="ann", why="a case", occurrences=[second.occurrence])
        before = evidence_of(await contents(archive.archive.store))
        request = Request(occurrence=first.occurrence, who="ann", why="request")
        with pytest.raises(Held, match=second.occurrence):
            await erase(archive.archive, request, now=lambda: LATER)

        assert evidence_of(await contents(archive.archive.store)) == before
        await holds.remove(archive.archive, "case-1", who="ann", why="over")
        assert await erase(archive.archive, request, now=lambda: LATER) > 0


def evidence_of(found: dict[str, bytes]) -> dict[str, bytes]:
    """Return the evidence."""
    return {key: content for key, content in found.items() if key.startswith("evidence/")}


def slowly(one: Happened, times: int) -> Happened:
    """Return the same, so many times later."""
    names = ("occurred_at", "received_at", "sent_at", "spoken_at")
    said = {name: at for name in names if (at := getattr(one.event, name, None)) is not None}
    later = {name: MORNING + (at - MORNING) * times for name, at in said.items()}
    return Happened(
        one.topic, one.key, msgspec.structs.replace(one.event, **later), MORNING + (one.at - MORNING) * times
    )


async def test_each_part_is_kept_as_long_as_the_settings_say(memory: Path) -> None:
    """From its own last record on: a meeting that goes on for longer than anything is kept is not erased meanwhile.

    What the parts have in common is evidence of those that stay, and goes when none is left.
    """
    # A word each sixteen hours, for forty days.
    endless = [slowly(one, 5_760) for one in LONG if not isinstance(one.event, MeetingClosed)]
    options = settings(memory, segment_s=60.0, silent_after_h=48.0, retention_days=30)
    async with running(options) as archive:
        await archive.take(stored(endless), batch=10)
        await finish(archive)
        made = await manifests(archive)
        assert len(made) >= 2
        done = await expire(archive.archive, who="meetwire", now=lambda: MORNING + timedelta(days=45))
        rebuilt = await rebuild(archive.archive)
        left = [one.occurrence for one in await manifests(archive) if one.version == 1][1:]
        cues = await names(archive)

        assert (done.erased, done.unfinished) == ([made[0].occurrence], {})
        assert (rebuilt.damaged, rebuilt.restored) == ([], [])
        assert left == [one.occurrence for one in made[1:]]
        assert cues == {"name-of-p0", "name-of-p1"}

        done = await expire(archive.archive, who="meetwire", now=lambda: MORNING + timedelta(days=200))
        assert done.erased == left
        assert done.strays > 0
        assert await names(archive) == set()


async def names(archive: Running) -> set[str]:
    """Return whose names can still be read in what the parts have in common."""
    found = evidence_of(await contents(archive.archive.store))
    content = b"".join(content for key, content in found.items() if PARTICIPANTS in key)
    return {name for name in ("name-of-p0", "name-of-p1") if name.encode() in content}
