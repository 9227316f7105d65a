"""A machine that goes on where another stopped says where offsets lack that the archive should have."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from structlog.testing import capture_logs

from consumers.captions.evidence.memory import Memory
from schemas.ids import Position
from schemas.record import Stored

from .life.building import alive
from .proof.altering import removed
from .running import running, settings, stored

KAFKA = "kafka-cluster-of-the-team"


def published(minutes: int, *, first: int = 0, skip: frozenset[int] = frozenset()) -> list[Stored]:
    """Return signs of life as they stand on a partition, but for offsets that nobody has any more."""
    found = stored(alive(minutes=minutes))
    placed = [msgspec.structs.replace(one, kafka_offset=Position(offset)) for offset, one in enumerate(found)]
    return [one for one in placed[first:] if one.kafka_offset not in skip]


async def gaps(folder: Path, records: list[Stored], *, cluster: str = KAFKA, spool: str = "other") -> list[str]:
    """Go on with another spool; return what lacks."""
    with capture_logs() as lines:
        async with running(settings(folder, segment_s=60.0, spool_folder=f"{folder}/{spool}"), cluster=cluster) as one:
            await one.take(records)
    return [str(line["records"]) for line in lines if line["event"] == "evidence.missed"]


async def began(folder: Path, *, cluster: str = KAFKA) -> int:
    """Archive the first minutes; return what is committed."""
    async with running(settings(folder, segment_s=60.0), cluster=cluster) as archive:
        await archive.take(published(20)[:15] if cluster == KAFKA else stored(alive(minutes=20))[:15])
        return archive.done


def tail(folder: Path) -> tuple[str, int]:
    """Return the last segment that lies there, and its first offset."""
    last = max((folder / "archive").glob(f"evidence/{KAFKA}/*/*/*.jsonl"))
    return str(last.relative_to(folder / "archive")), int(last.stem)


async def test_a_tail_that_was_taken_away_is_missed(memory: Path) -> None:
    """By another machine too, where offsets have no gaps: the group has committed them."""
    done = await began(memory)
    key, first = tail(memory)
    for one in (key, key.replace(".jsonl", ".index")):
        removed(one)(memory / "archive")
    for path in (memory / "archive").glob("evidence/*/*.standing"):
        path.unlink()

    found = await gaps(memory, published(20, first=done))

    assert found == [f"meeting.state.v1/0 offsets {first} to {done - 1}"]


async def test_all_of_a_partition_is_missed_too(memory: Path) -> None:
    """An archive that has begun has read every partition from its begin."""
    done = await began(memory)
    for path in (memory / "archive").glob("evidence/**/*"):
        if path.is_file():
            path.unlink()

    assert await gaps(memory, published(20, first=done)) == [f"meeting.state.v1/0 offsets 0 to {done - 1}"]


@pytest.mark.parametrize("spool", ["other", "spool"])
async def test_nothing_lacks_where_nothing_was_taken(memory: Path, spool: str) -> None:
    """Whoever goes on."""
    done = await began(memory)

    assert await gaps(memory, published(20, first=done), spool=spool) == []


async def test_what_a_topic_let_go_of_before_the_archive_began_is_no_gap(memory: Path) -> None:
    """It begins where the topic does by then."""
    assert await gaps(memory, published(20, first=7)) == []


async def test_who_put_the_last_segment_knows_that_nothing_lacks(memory: Path) -> None:
    """Offsets that never were records of ours are no gap: marks of transactions, what others wrote."""
    done = await began(memory)

    assert await gaps(memory, published(20, first=done + 2), spool="spool") == []
    assert done > 5


async def test_a_local_log_is_full_of_gaps(memory: Path) -> None:
    """It is one sequence over all topics."""
    log = "1" * 32
    done = await began(memory, cluster=log)

    records = [one for one in stored(alive(minutes=20)) if one.offset >= done + 2]
    assert await gaps(memory, records, cluster=log) == []


async def test_a_memory_that_was_damaged_is_said(memory: Path) -> None:
    """And taken for none: what it knew is not known any more."""
    await began(memory)
    path = memory / "spool" / "put" / KAFKA
    path.write_bytes(path.read_bytes()[:-3])
    with capture_logs() as lines:
        async with running(settings(memory, segment_s=60.0), cluster=KAFKA) as archive:
            known: Memory = archive.work.trackers.storing.memory

    assert known.last("meeting.state.v1", 0) is None
    assert [(line["event"], line["file"]) for line in lines] == [("spool.damaged", str(path))]
