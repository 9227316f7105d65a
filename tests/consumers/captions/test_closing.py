"""Meetings as they are closed: what is written, when, and that it verifies."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import msgspec
from structlog.testing import capture_logs

from consumers.captions.finding.asked import Asked
from consumers.captions.finding.keeping import catch_up
from consumers.captions.proof.verify import verify
from consumers.handler import Received
from schemas.archive import PUBLIC_KEY
from schemas.archive.manifest import Manifest
from schemas.archive.statements import AccessSealed, MeetingKept, MeetingLeft, SegmentsVouched, Statement
from schemas.events import MeetingClosed
from schemas.record import Stored

from .life.building import EVENING, MORNING, Happened, alive, meeting
from .running import Running, contents, running, settings, stored

SAID = [("p1", "你好"), ("p2", "hello")]


async def manifests(archive: Running) -> list[Manifest]:
    """Return the manifests that lie there, the oldest first."""
    found = await contents(archive.archive.store)
    return [
        msgspec.json.decode(content, type=Manifest) for key, content in found.items() if key.endswith("manifest.json")
    ]


async def said(archive: Running) -> list[Statement]:
    """Return the ledger behind its begin; the archive has to verify, with nothing to be said."""
    store = archive.archive.store
    report = await verify(store, (await store.get(PUBLIC_KEY)).decode())
    assert report.findings == []
    first, *rest = await archive.archive.ledger.statements()
    assert isinstance(first, SegmentsVouched)
    return rest


def told(archive: Iterable[Manifest]) -> list[tuple[str, int, str, str, int]]:
    """Return what tells manifests apart: meeting, version, why, what closed it, and how many captions there are."""
    return [(one.meeting_id, one.version, one.because, one.closed_by, one.captions) for one in archive]


async def test_a_meeting_is_written_down_when_it_is_over(memory: Path) -> None:
    """Once its last segments are in the store and `close_after_s` has gone by; then the checkpoint is copied."""
    records = stored([*meeting("m-1", SAID), *alive(minutes=40)])
    async with running(settings(memory)) as archive:
        await archive.take([one for one in records if one.record.received_ms <= _ms(30)])
        early = await manifests(archive)
        await archive.take([one for one in records if one.record.received_ms > _ms(30)])
        late = await manifests(archive)

        kept = await said(archive)

    assert (early, told(late)) == ([], [("m-1", 1, "closed", "closed", 2)])
    assert [type(one) for one in kept] == [MeetingKept]
    # The first over the ledger's begin.
    assert len(archive.copied) == 2


async def test_who_looked_is_in_the_ledger_with_the_next_meeting(memory: Path) -> None:
    """Whoever can write to the store has no day in which to rewrite the end of the access log."""
    records = stored([*meeting("m-1", SAID), *alive(minutes=40)])
    async with running(settings(memory)) as archive:
        await archive.archive.access.note(who="ann", what="search")
        await archive.take(records)
        kept = await said(archive)

    assert [(type(one), one.entries) for one in kept if isinstance(one, AccessSealed)] == [(AccessSealed, 1)]


async def test_nothing_is_committed_that_is_not_in_the_store(memory: Path) -> None:
    """The source is held at the begin of the first segment that is open."""
    records = stored([*meeting("m-1", SAID), *alive(minutes=40)])
    async with running(settings(memory)) as archive:
        await archive.take(records)
        found = offsets(await contents(archive.archive.store))

    assert set(range(1, archive.done)) <= set(found)
    assert archive.done > len(records) - 20


async def test_what_comes_late_makes_a_version_of_its_own(memory: Path) -> None:
    """The first stays; the second names why it is there, and has all that the first had."""
    whole = [*meeting("m-1", SAID), *alive(minutes=60)]
    late = next(one for one in meeting("m-1", [*SAID, ("p1", "再见")]) if _has(one, "再见"))
    whole.append(late._replace(at=MORNING + timedelta(minutes=45)))
    async with running(settings(memory)) as archive:
        await archive.take(stored(whole), batch=5)
        found = await manifests(archive)
        kept = await said(archive)

    assert told(found) == [("m-1", 1, "closed", "closed", 2), ("m-1", 2, "late", "closed", 3)]
    assert [one.version for one in kept if isinstance(one, MeetingKept)] == [1, 2]


async def test_a_meeting_id_that_is_held_twice_a_day_is_two_occurrences(memory: Path) -> None:
    """Neither has anything of the other."""
    whole = [
        *meeting("m-1", SAID),
        *alive(minutes=40),
        *meeting("m-1", [("p3", "晚上好")], at=EVENING),
        *alive(since=EVENING, minutes=40),
    ]
    async with running(settings(memory)) as archive:
        await archive.take(stored(whole))
        found = await manifests(archive)
        kept = await said(archive)

    assert sorted(one.captions for one in found) == [1, 2]
    assert {one.version for one in found} == {1}
    assert len({one.occurrence for one in kept if isinstance(one, MeetingKept)}) == 2


async def test_a_meeting_that_never_ends_is_closed_by_silence(memory: Path) -> None:
    """After `silent_after_h`; and marked as what it is."""
    endless = [one for one in meeting("m-1", SAID) if not isinstance(one.event, MeetingClosed)]
    options = settings(memory, silent_after_h=0.5, segment_s=600.0)
    async with running(options) as archive:
        await archive.take(stored([*endless, *alive(minutes=29)]))
        early = await manifests(archive)
        await archive.take(stored(alive(since=MORNING + timedelta(minutes=29), minutes=30), first=100))

        assert told(await manifests(archive)) == [("m-1", 1, "closed", "silent", 2)]
        await said(archive)
    assert early == []


async def test_a_clock_that_jumps_loses_nothing(memory: Path) -> None:
    """A receiver's clock is years ahead for a while: its records are evidence like all others."""
    records = stored([*meeting("m-1", SAID), *alive(minutes=40)])
    ahead = 10 * 365 * 86_400_000
    jumped = [
        msgspec.structs.replace(
            one, record=msgspec.structs.replace(one.record, received_ms=one.record.received_ms + ahead)
        )
        if 5 <= one.offset <= 8
        else one
        for one in records
    ]
    async with running(settings(memory)) as archive:
        await archive.take(jumped, batch=3)
        await archive.take(stored(alive(since=MORNING + timedelta(minutes=40), minutes=10), first=100))
        found = await manifests(archive)
        await said(archive)

    assert {one.captions for one in found[-1:]} == {2}


async def test_a_meeting_that_the_policy_leaves_has_no_words_in_the_archive(memory: Path) -> None:
    """Decided before it came: that it was held is there, and what was said is not."""
    options = settings(memory, leave=("meeting:m-2",))
    async with running(options) as archive:
        await archive.take(stored([*meeting("m-1", SAID), *meeting("m-2", [("p1", "机密")]), *alive(minutes=50)]))
        found = await manifests(archive)
        kept = await said(archive)
        everything = b"".join((await contents(archive.archive.store)).values())

    assert [one.meeting_id for one in found] == ["m-1"]
    assert [one.rule for one in kept if isinstance(one, MeetingLeft)] == ["leave meeting:m-2"]
    assert "机密".encode() not in everything
    assert "你好".encode() in everything


async def test_an_archive_that_keeps_nothing_keeps_nothing(memory: Path) -> None:
    """keep = "none"."""
    async with running(settings(memory, keep="none")) as archive:
        await archive.take(stored([*meeting("m-1", SAID), *alive(minutes=50)]))
        everything = b"".join((await contents(archive.archive.store)).values())

        assert await manifests(archive) == []
    assert "你好".encode() not in everything


async def test_a_meeting_that_cannot_be_closed_holds_up_no_other(memory: Path) -> None:
    """It is said, counted and tried again; its evidence is there."""
    records = stored([*meeting("m-1", SAID), *meeting("m-2", SAID), *alive(minutes=50)])
    async with running(settings(memory)) as archive:
        with capture_logs() as lines:
            await archive.take(records[: len(records) // 2])
            await _spoil(archive, "m-1")
            await archive.take(records[len(records) // 2 :])

        assert [one.meeting_id for one in await manifests(archive)] == ["m-2"]
    errors = [line for line in lines if line["event"] == "meeting.unclosed"]
    assert [(line["meeting"], line["reason"]) for line in errors] == [("m-1", "occurrence none")]


async def test_a_manifest_that_somebody_altered_claims_nothing(memory: Path) -> None:
    """What comes late is not given to a meeting by the word of who can only write to the store."""
    whole = [*meeting("m-1", SAID), *alive(minutes=60)]
    late = next(one for one in meeting("m-1", [*SAID, ("p1", "再见")]) if _has(one, "再见"))
    records = stored([*whole, late._replace(at=MORNING + timedelta(minutes=45))])
    at = next(n for n, one in enumerate(records) if one.record.received_ms >= _ms(45))
    async with running(settings(memory)) as archive:
        with capture_logs() as lines:
            await archive.take(records[:at], batch=5)
            (key,) = [key for key in await contents(archive.archive.store) if key.endswith("manifest.json")]
            right = await archive.archive.store.get(key)
            await archive.archive.store.replace(key, right.replace(b"uuid-m-1-0905", b"uuid-m-2-0905"))
            await archive.take(records[at:], batch=5)
            altered = await manifests(archive)
            await archive.archive.store.replace(key, right)
            archive.clock += 61.0
            await archive.work.step()

        assert told(await manifests(archive)) == [("m-1", 1, "closed", "closed", 2), ("m-1", 2, "late", "closed", 3)]
        await said(archive)
    reasons = [line["reason"] for line in lines if line["event"] == "meeting.unclosed"]
    assert len(altered) == 1
    assert set(reasons) == {f"{key}: it is not the manifest that the ledger names"}


async def test_a_catalogue_that_cannot_be_written_holds_up_nothing(memory: Path) -> None:
    """It is derived: meetings are closed and signed, that is said once, and the next who searches has it read."""
    records = stored([*meeting("m-1", SAID), *meeting("m-2", SAID), *alive(minutes=50)])
    file = sqlite3.connect(memory / "index.sqlite", isolation_level=None)
    with contextlib.closing(file), capture_logs() as lines:
        async with running(settings(memory)) as archive:
            file.execute("ALTER TABLE cues RENAME TO away")
            await archive.take(records)
            kept = await said(archive)
            signed = archive.copied[-1].split(b"\n")[1]
            file.execute("ALTER TABLE away RENAME TO cues")
            await catch_up(archive.archive)
            found = await archive.archive.catalogue.search(Asked(words="你好"))

    assert [type(one) for one in kept] == [MeetingKept, MeetingKept]
    assert signed == b"3"
    assert sorted(hit.meeting_id for hit in found) == ["m-1", "m-2"]
    failed = [line for line in lines if line["log_level"] == "warning"]
    assert [(line["event"], "index_file" in line["reason"]) for line in failed] == [("catalogue.failed", True)]


async def _spoil(archive: Running, meeting_id: str) -> None:
    """Name a manifest that is not there as one of the meeting's."""
    tracker = await archive.work.trackers.of(0)
    for tracked in tracker.standing.meetings:
        if tracked.meeting_id == meeting_id:
            tracked.manifests.append("meetings/acme/2026-05-01/none/001/manifest.json")


async def test_whoever_goes_on_finds_the_meetings_that_are_on(memory: Path) -> None:
    """Another process, with nothing but the store: of what lies beside the segments, or of their indexes alone."""
    for name, forget in (("standing", False), ("indexes", True)):
        folder = memory / name
        folder.mkdir()
        records = stored([*meeting("m-1", SAID), *alive(minutes=50)])
        async with running(settings(folder)) as archive:
            await archive.take(records[:30], batch=5)
            done = archive.done
            if forget:
                async for key in archive.archive.store.keys("evidence/"):
                    if key.endswith(".standing"):
                        await archive.archive.store.delete(key)
            else:
                await archive.work.trackers.save()
        async with running(settings(folder, spool_folder=f"{folder}/other")) as archive:
            await archive.take([one for one in records if one.offset >= done])

            assert told(await manifests(archive)) == [("m-1", 1, "closed", "closed", 2)]
            await said(archive)


async def test_two_replicas_write_the_same(memory: Path) -> None:
    """Both have read the same; the second finds all there."""
    records = stored([*meeting("m-1", SAID), *alive(minutes=40)])
    async with running(settings(memory)) as archive:
        await archive.take(records)
        first = await contents(archive.archive.store)
    async with running(settings(memory, spool_folder=f"{memory}/other")) as archive:
        await archive.take(records, batch=7)
        second = await contents(archive.archive.store)

        await said(archive)
    assert second == first


async def test_a_replica_that_cut_earlier_decides(memory: Path) -> None:
    """Its segment ended by its clock; ours goes on behind it, and no record is there twice, or not at all."""
    records = stored([*meeting("m-1", SAID), *alive(minutes=60)])
    early = [one for one in records if one.record.received_ms <= _ms(2)]
    async with running(settings(memory, segment_s=900.0)) as archive:
        await archive.handler.handle(_received(early))
        await archive.keeping.threads.run(archive.keeping.spool.end, {0: 2**45}, 0)
        await archive.work.store()
    async with running(settings(memory, segment_s=900.0, spool_folder=f"{memory}/other")) as archive:
        await archive.take(records)
        found = await contents(archive.archive.store)
        placed = offsets(found)
        await said(archive)

        assert told(await manifests(archive)) == [("m-1", 1, "closed", "closed", 2)]
    assert len(placed) == len(set(placed))
    assert set(range(1, archive.done)) <= set(placed)


async def test_another_line_in_the_store_is_said_and_stays(memory: Path) -> None:
    """Nothing is written over; what we had is kept aside."""
    records = stored([*meeting("m-1", SAID), *alive(minutes=40)])
    altered = [_altered(one) if one.offset == 2 else one for one in records]
    async with running(settings(memory)) as archive:
        await archive.take(records)
        first = await contents(archive.archive.store)
    with capture_logs() as lines:
        async with running(settings(memory, spool_folder=f"{memory}/other")) as archive:
            await archive.take(altered)

            assert await contents(archive.archive.store) == first
    (line,) = [line for line in lines if line["event"] == "segment.conflicted"]
    kept = await asyncio.to_thread(Path(line["ours"]).read_bytes)
    assert b'"type":"Other"' in kept


def _altered(one: Stored) -> Stored:
    return msgspec.structs.replace(one, record=msgspec.structs.replace(one.record, value=b'{"type":"Other"}'))


class _Placed(msgspec.Struct):
    offset: int


def offsets(found: dict[str, bytes]) -> list[int]:
    """Return the offsets of all lines of evidence."""
    segments = [content for key, content in found.items() if key.startswith("evidence/") and key.endswith(".jsonl")]
    return [msgspec.json.decode(line, type=_Placed).offset for one in segments for line in one.splitlines()]


def _received(records: list[Stored]) -> list[Received]:
    return [Received(one, None) for one in records]


def _ms(minutes: int) -> int:
    return int((MORNING + timedelta(minutes=minutes)).timestamp() * 1_000)


def _has(one: Happened, text: str) -> bool:
    return any(line.text == text for line in getattr(one.event, "lines", []))
