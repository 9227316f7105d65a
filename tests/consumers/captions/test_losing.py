"""A segment that is lost for good holds up its meetings until somebody answers for that; nothing looks whole for it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from structlog.testing import capture_logs

from consumers.captions.archive import opened
from consumers.captions.errors import Altered, Conflict, Missing
from consumers.captions.finding.rebuilding import rebuild
from consumers.captions.finding.reporting import Period, reports
from consumers.captions.life.access import read
from consumers.captions.life.erasure import Request, erase
from consumers.captions.losing import accept_loss
from consumers.captions.proof.verify import Finding, verify
from schemas.archive import PUBLIC_KEY, index_key
from schemas.archive.access import Access
from schemas.archive.manifest import Manifest, Unseen
from schemas.archive.statements import LossAccepted
from schemas.topics import CAPTIONS

from .life.building import MORNING, alive, meeting
from .life.looking import LATER
from .running import NOW, Running, contents, running, settings, stored
from .tampering import TAMPERS
from .test_before_close import HALF, RECORDS, segments

SAID = ("ann", "the disk broke")
LOST = ["both removed", "segment removed", "word", "word and no index"]


async def accept(archive: Running, segment: str) -> None:
    """Accept a loss as a command does, in another process, and give the work its next minute."""
    async with opened(archive.archive.settings) as other:
        await accept_loss(other, segment, who=SAID[0], why=SAID[1], now=lambda: NOW)
    archive.clock += 61.0
    await archive.work.step()


async def manifests(archive: Running) -> list[Manifest]:
    """Return the manifests that lie there, by version."""
    found = await contents(archive.archive.store)
    made = [msgspec.json.decode(found[key], type=Manifest) for key in found if key.endswith("manifest.json")]
    return sorted(made, key=lambda one: one.version)


async def findings(archive: Running) -> list[Finding]:
    """Return what verification says."""
    store = archive.archive.store
    return (await verify(store, (await store.get(PUBLIC_KEY)).decode())).findings


def lost(manifest: Manifest) -> list[Unseen]:
    """Return what a manifest says of evidence that is lost."""
    return [one for one in manifest.unseen if one.reason == "evidence_lost"]


@pytest.mark.parametrize("again", [False, True], ids=["running", "begun again"])
@pytest.mark.parametrize("tamper", LOST)
async def test_a_meeting_is_closed_without_what_is_lost(memory: Path, tamper: str, again: bool) -> None:
    """Not before somebody said so. Its manifest names the span, and verification who said it, when and why."""
    options = settings(memory, segment_s=60.0)
    async with running(options) as archive:
        await archive.take(RECORDS[:HALF], batch=5)
        await archive.work.finish()
        done = archive.done
        segment = segments(memory / "archive")[1]
        TAMPERS[tamper](memory / "archive", segment)(memory / "archive")
        if not again:
            await archive.take(RECORDS[HALF:], batch=5)
            assert await manifests(archive) == []
            await accept(archive, segment)
    async with running(options) as archive:
        if again:
            await archive.take([one for one in RECORDS if one.offset >= done], batch=5)
            assert await manifests(archive) == []
            await accept(archive, segment)
        (made,) = await manifests(archive)
        said = await findings(archive)

    assert len(lost(made)) == 1
    assert segment not in [stretch.segment for stretch in made.evidence]
    assert 0 < made.captions < 6
    assert [one for one in said if one.level == "wrong"] == []
    (told,) = [one for one in said if one.what == "loss_accepted"]
    assert (told.file, told.says) == (segment, f"ann accepted on {NOW:%Y-%m-%d} that it is lost: the disk broke")


async def test_what_is_there_is_not_given_up(memory: Path) -> None:
    """Nor what nothing says was ever put: nobody accepts beforehand what he takes away afterwards."""
    async with running(settings(memory, segment_s=60.0)) as archive:
        await archive.take(RECORDS[:HALF], batch=5)
        segment = segments(memory / "archive")[0]
        with pytest.raises(Conflict, match="nothing is lost"):
            await accept(archive, segment)
        for name in ("evidence/x.jsonl", segment.replace(".jsonl", "1.jsonl"), f"{segment}/x", "ledger/public.key"):
            with pytest.raises(Missing, match="nothing says that such a segment was ever put"):
                await accept(archive, name)
        # Without its index, which is made again: what lies there is what the next one's index says was put.
        (memory / "archive" / index_key(segment)).unlink()
        with pytest.raises(Conflict, match="nothing is lost"):
            await accept(archive, segment)
        (memory / "archive" / segment).unlink()
        await accept(archive, segment)
        await accept(archive, segment)
        said = [one for one in await archive.archive.ledger.statements() if isinstance(one, LossAccepted)]
        entries = [msgspec.json.decode(content, type=Access) for _, content in await read(archive.archive.store)]

    assert said == [LossAccepted(at=NOW, segment=segment, who=SAID[0], why=SAID[1])]
    assert [(one.who, one.what) for one in entries] == [("ann", "accept-loss")] * 2


async def test_what_is_known_of_the_last_segment_is_enough(memory: Path) -> None:
    """Nothing behind it names it, and its index is gone: what is remembered of meetings that are on does."""
    async with running(settings(memory, segment_s=60.0)) as archive:
        await archive.take(RECORDS[:HALF], batch=5)
        await archive.work.finish()
        segment = [one for one in segments(memory / "archive") if "captions" in one][-1]
        TAMPERS["both removed"](memory / "archive", segment)(memory / "archive")
        await accept(archive, segment)

        standings = [key async for key in archive.archive.store.keys("evidence/") if key.endswith(".standing")]
        for key in standings:
            await archive.archive.store.replace(key, b"{}")
        with pytest.raises(Missing):
            await accept_loss(archive.archive, segment, who="bob", why="x")
        for key in standings:
            await archive.archive.store.delete(key)
        with pytest.raises(Missing):
            await accept_loss(archive.archive, segment, who="bob", why="x")


async def test_signs_of_life_that_are_lost_hold_up_nobody_either(memory: Path) -> None:
    """No record of the meeting was among them: what they told of it, nobody does."""
    async with running(settings(memory, segment_s=60.0)) as archive:
        await archive.take(RECORDS[:HALF], batch=5)
        segment = next(one for one in segments(memory / "archive")[3:] if "state" in one)
        (memory / "archive" / segment).unlink()
        await archive.take(RECORDS[HALF:], batch=5)
        assert await manifests(archive) == []
        await accept(archive, segment)
        (made,) = await manifests(archive)

    assert (made.captions, lost(made)) == (6, [])


async def test_another_reason_is_not_said_over_the_first(memory: Path) -> None:
    """Who answered for it first does so for good."""
    async with running(settings(memory, segment_s=60.0)) as archive:
        await archive.take(RECORDS[:HALF], batch=5)
        segment = segments(memory / "archive")[0]
        (memory / "archive" / segment).unlink()
        await accept(archive, segment)
        with pytest.raises(Conflict, match="something else of lost"):
            await accept_loss(archive.archive, segment, who="bob", why="no reason")


async def test_no_alarm_is_raised_over_it_again(memory: Path) -> None:
    """Neither by a process that begins again, nor by another machine."""
    options = settings(memory, segment_s=60.0)
    async with running(options) as archive:
        await archive.take(RECORDS[:HALF], batch=5)
        done = archive.done
        segment = segments(memory / "archive")[0]
        TAMPERS["both removed"](memory / "archive", segment)(memory / "archive")
        await archive.work.finish()
        await accept(archive, segment)
    for path in (memory / "archive").glob("evidence/*/*.standing"):
        path.unlink()
    elsewhere = msgspec.structs.replace(options, spool_folder=f"{memory}/other")
    with capture_logs() as lines:
        async with running(elsewhere) as archive:
            await archive.take([one for one in RECORDS if one.offset >= done], batch=5)
            (made,) = await manifests(archive)

    assert [line["event"] for line in lines if line["log_level"] == "error"] == []
    assert len(lost(made)) == 1


@pytest.mark.parametrize("tamper", ["both removed", "segment removed"])
async def test_what_was_signed_is_missed_all_the_same(memory: Path, tamper: str) -> None:
    """Accepting a loss makes nothing whole that a manifest binds; but what comes late is written down beside it."""
    late = next(one for one in meeting("m-1", [("p1", "late")]) if one.topic == CAPTIONS)
    late = late._replace(at=MORNING + timedelta(minutes=55))
    async with running(settings(memory, segment_s=60.0)) as archive:
        records = stored([*meeting("m-1", [("p1", "one"), ("p2", "two")]), *alive(minutes=80), late])
        at = next(n for n, one in enumerate(records) if one.record.received_ms >= late.at.timestamp() * 1_000)
        await archive.take(records[:at], batch=5)
        (first,) = await manifests(archive)
        segment = next(one.segment for one in first.evidence if "captions" in one.segment)
        TAMPERS[tamper](memory / "archive", segment)(memory / "archive")
        await accept(archive, segment)
        await archive.take(records[at:], batch=5)
        archive.clock += 61.0
        await archive.work.step()
        made = await manifests(archive)
        said = await findings(archive)

    assert [(one.version, one.because) for one in made] == [(1, "closed"), (2, "late")]
    assert len(lost(made[1])) == 1
    wrong = [(one.what, one.file, set(one.occurrences)) for one in said if one.level == "wrong"]
    assert wrong == [("segment_missing", segment, {first.occurrence})]
    assert [one.file for one in said if one.what == "loss_accepted"] == [segment]


async def test_the_span_stays_named_whatever_is_derived_anew(memory: Path) -> None:
    """Rebuilt, reported, and after an erasure: no evidence tells of it but the manifest."""
    options = settings(memory, segment_s=60.0)
    async with running(options) as archive:
        await archive.take(RECORDS[:HALF], batch=5)
        segment = segments(memory / "archive")[1]
        (memory / "archive" / segment).unlink()
        await archive.take(RECORDS[HALF:], batch=5)
        await accept(archive, segment)
        (made,) = await manifests(archive)
        done = await rebuild(archive.archive)
        found = [one async for one in reports(archive.archive, Period(), lambda *_: None, loud_s=30.0)]
        request = Request(occurrence=made.occurrence, who="ann", why="request", reference="r", cues=(1,))
        await erase(archive.archive, request, now=lambda: LATER)
        after = (await manifests(archive))[-1]

    assert (done.damaged, done.versions) == ([], [])
    assert found[0].completeness is not None
    assert "evidence_lost" in [one.reason for one in found[0].completeness.findings]
    assert (after.because, lost(after)) == ("erased", lost(made))


async def test_a_meeting_can_be_erased_though_a_segment_of_it_is_lost(memory: Path) -> None:
    """What is there of it goes; of what is not, nothing can be read."""
    async with running(settings(memory, segment_s=60.0)) as archive:
        await archive.take(stored([*meeting("m-1", [("p1", "one"), ("p2", "two")]), *alive(minutes=60)]), batch=5)
        (made,) = await manifests(archive)
        segment = next(one.segment for one in made.evidence if "captions" in one.segment)
        TAMPERS["both removed"](memory / "archive", segment)(memory / "archive")
        request = Request(occurrence=made.occurrence, who="ann", why="request", reference="r")
        with pytest.raises(Altered, match="no index vouches for it"):
            await erase(archive.archive, request, now=lambda: LATER)
        await accept(archive, segment)
        await archive.archive.ledger.look()
        assert await erase(archive.archive, request, now=lambda: LATER) > 0
        after = (await manifests(archive))[-1]

    assert (after.because, after.files) == ("erased", [])
