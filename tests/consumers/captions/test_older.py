"""An archive of before there were MACs goes on: what is open in it is closed as it lies, and that is said."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import msgspec
import pytest
from structlog.testing import capture_logs

from consumers.captions.proof.verify import verify
from schemas.archive import PUBLIC_KEY, index_key
from schemas.archive.statements import MeetingKept, SegmentsVouched

from .life.building import alive, meeting
from .proof.altering import changed, relined, removed
from .running import Running, contents, running, settings, stored

RECORDS = stored([*meeting("m-1", [("p1", "你好"), ("p2", "hello")]), *alive(minutes=40)])
HALF = len(RECORDS) * 2 // 3
_NEW = re.compile(rb'(,"previous":"[^"]*","previous_root":"[^"]*"|,"roots":\{[^}]*\})?,"mac":"[0-9a-f]*"\}\Z')


async def older(folder: Path) -> int:
    """Leave an archive as a version before would have; return what was committed."""
    async with running(settings(folder)) as archive:
        await archive.take(RECORDS[:HALF], batch=5)
        await archive.work.finish()
        done = archive.done
    for path in (folder / "archive").glob("evidence/**/*"):
        if path.suffix in (".index", ".standing"):
            key = str(path.relative_to(folder / "archive"))
            changed(key, lambda content: _NEW.sub(b"}", content))(folder / "archive")
            assert b'"mac"' not in path.read_bytes()
    for path in (folder / "archive" / "ledger").glob("*/*"):
        path.unlink()
    (folder / "spool" / "checkpoint").unlink()
    shutil.rmtree(folder / "spool" / "put")
    return done


async def go_on(archive: Running, done: int) -> None:
    """Archive the rest."""
    await archive.take([one for one in RECORDS if one.offset >= done], batch=5)


@pytest.mark.parametrize("forgotten", [False, True], ids=["with what is remembered", "from its segments alone"])
async def test_what_is_open_in_an_older_archive_is_closed(memory: Path, forgotten: bool) -> None:
    """The ledger says up to where nobody vouched, a line says it at start, and the meeting is whole."""
    done = await older(memory)
    for path in (memory / "archive").glob("evidence/*/*.standing") if forgotten else ():
        path.unlink()
    with capture_logs() as lines:
        async with running(settings(memory)) as archive:
            await go_on(archive, done)
            found = await contents(archive.archive.store)
            report = await verify(archive.archive.store, found[PUBLIC_KEY].decode())
            said = await archive.archive.ledger.statements()

    assert [line["partitions"] for line in lines if line["event"] == "segments.unvouched"] == [5]
    assert [line["event"] for line in lines if line["log_level"] == "error"] == []
    assert report.findings == []
    assert [type(one) for one in said] == [SegmentsVouched, MeetingKept]
    assert isinstance(said[0], SegmentsVouched)
    assert sorted(said[0].before) == sorted({f"{topic}/0" for topic in archive.work.trackers._topics})
    assert all(key in found for key in said[0].before.values())


async def test_a_line_that_none_of_ours_wrote_is_not_signed_for(memory: Path) -> None:
    """What nobody vouched for has the archive's salt at least, which nobody else knows."""
    done = await older(memory)
    key = min(str(path) for path in (memory / "archive").glob("evidence/*/*captions*/*/*.jsonl"))
    key = key.removeprefix(f"{memory}/archive/")
    relined(key, lambda lines: [lines[0], _salted(lines[1])])(memory / "archive")
    # An index that fits can be made by anybody.
    removed(index_key(key))(memory / "archive")
    with capture_logs() as lines:
        async with running(settings(memory)) as archive:
            await go_on(archive, done)
            found = await contents(archive.archive.store)

    assert [one for one in found if one.startswith("meetings/")] == []
    reasons = {line["reason"] for line in lines if line["event"] == "meeting.unclosed"}
    assert reasons == {f"{key}, line 1: none of this archive's writers wrote it"}


def _salted(line: bytes) -> bytes:
    return msgspec.json.encode(msgspec.json.decode(line) | {"salt": "00" * 16})


async def test_what_was_said_once_is_not_said_again(memory: Path) -> None:
    """Whoever takes the MACs away later has no older archive."""
    done = await older(memory)
    async with running(settings(memory)) as archive:
        await go_on(archive, done)
    with capture_logs() as lines:
        async with running(settings(memory)) as archive:
            await archive.work.step()
            said = await archive.archive.ledger.statements()

    assert [type(one) for one in said] == [SegmentsVouched, MeetingKept]
    assert [line["event"] for line in lines if line["event"] == "segments.unvouched"] == []


async def test_two_that_begin_at_once_say_it_once(memory: Path) -> None:
    """The first that says it has said it for both."""
    done = await older(memory)
    other = settings(memory, spool_folder=f"{memory}/other")
    with capture_logs() as lines:
        async with running(settings(memory)) as one, running(other) as two:
            # Somebody put a segment meanwhile: what the second finds is not what the first said.
            for path in (memory / "archive").glob("evidence/*/*speakers*/*/*.jsonl"):
                path.rename(path.with_suffix(".kept"))
            await one.work.signing.is_founded()
            for path in (memory / "archive").glob("evidence/*/*speakers*/*/*.kept"):
                path.rename(path.with_suffix(".jsonl"))
            await two.work.signing.is_founded()
            said = await two.archive.ledger.statements()

            assert two.trust.knows("1" * 32)
    assert [type(one) for one in said] == [SegmentsVouched]
    assert [line["partitions"] for line in lines if line["event"] == "segments.unvouched"] == [4]
    assert done > 1


async def test_a_cluster_that_is_gone_back_to_later_is_older_too(memory: Path) -> None:
    """From the log to Kafka and back: what the log's segments were is said with the first statement."""
    done = await older(memory)
    shutil.rmtree(memory / "spool")
    with capture_logs() as lines:
        async with running(settings(memory), cluster="kafka-of-the-team") as archive:
            await archive.work.step()
        async with running(settings(memory)) as archive:
            await go_on(archive, done)
            found = await contents(archive.archive.store)
            said = await archive.archive.ledger.statements()

    assert [line["event"] for line in lines if line["log_level"] == "error"] == []
    assert len([key for key in found if key.startswith("meetings/")]) == 6
    assert [(one.cluster, len(one.before)) for one in said if isinstance(one, SegmentsVouched)] == [
        ("kafka-of-the-team", 0),
        ("1" * 32, 5),
    ]
