"""What the spool holds of a cluster that is not read any more goes into the store."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from structlog.testing import capture_logs

from consumers.captions.errors import StoreUnavailable
from consumers.captions.evidence.line import read
from consumers.captions.proof.verify import verify
from consumers.handler import Received
from schemas.archive import PUBLIC_KEY
from schemas.ids import Position
from schemas.record import Stored

from .failing import Failing, Plan
from .life.building import alive, meeting
from .running import MASTER, contents, running, settings, stored

RECORDS = stored([*meeting("m-1", [("p1", "你好"), ("p2", "hello")]), *alive(minutes=40)])
KAFKA = "kafka-cluster-of-the-team"


async def test_what_the_log_left_open_is_stored_when_kafka_is_read(memory: Path) -> None:
    """From one machine to Kafka: the evidence of both is there, and the meeting is kept once, from what Kafka has."""
    async with running(settings(memory)) as archive:
        await archive.take(RECORDS[:30], batch=5)
        held = min(archive.handler.held().values())
    with capture_logs() as lines:
        async with running(settings(memory), cluster=KAFKA) as archive:
            await archive.take([published(one) for one in RECORDS])
            found = await contents(archive.archive.store)
            report = await verify(archive.archive.store, found[PUBLIC_KEY].decode())

    of_log = [key for key in found if key.endswith(".jsonl") and "1" * 32 in key and "evidence/" in key]
    offsets = sorted(read(line).offset for key in of_log for line in found[key].splitlines())
    assert held <= 30
    assert offsets == list(range(1, 31))
    assert [(line["event"], line["cluster"]) for line in lines if line["event"] == "spool.moved"] == [
        ("spool.moved", "1" * 32)
    ]
    assert [path.name for path in (memory / "spool" / "open").iterdir()] == [KAFKA]
    assert report.findings == []
    assert (report.meetings, report.versions) == (1, 1)


@pytest.mark.parametrize("at", range(2, 9))
async def test_a_store_that_is_away_keeps_it_in_the_spool(memory: Path, at: int) -> None:
    """It is tried again with everything else, whatever write it was away at."""
    async with running(settings(memory)) as archive:
        await archive.handler.handle([Received(one, None) for one in RECORDS[:30]])
    plan = Plan(at, away=True)
    async with running(settings(memory), cluster=KAFKA, wrapped=lambda store: Failing(store, plan)) as archive:
        with pytest.raises(StoreUnavailable):
            await archive.work.step()
        left = [path.name for path in (memory / "spool" / "open").iterdir()]
        await archive.work.step()
        found = await contents(archive.archive.store)

    assert sorted(left) == ["1" * 32, KAFKA]
    assert [path.name for path in (memory / "spool" / "open").iterdir()] == [KAFKA]
    lines = [line for key, content in found.items() if key.endswith(".jsonl") for line in content.splitlines()]
    assert sorted(read(line).offset for line in lines) == list(range(1, 31))


def published(one: Stored) -> Stored:
    """Return a record as the forwarder publishes it."""
    return msgspec.structs.replace(one, kafka_offset=Position(one.position + 1_000))


async def test_what_rotted_of_it_is_said(memory: Path) -> None:
    """Nobody reads it again: what its checksum does not fit is lost, and not in silence."""
    async with running(settings(memory)) as archive:
        await archive.handler.handle([Received(one, None) for one in RECORDS[:10]])
        await archive.handler.handle([Received(one, None) for one in RECORDS[10:30]])
    rotten(memory / "spool" / "open" / ("1" * 32))
    with capture_logs() as lines:
        async with running(settings(memory), cluster=KAFKA) as archive:
            await archive.work.step()
            found = await contents(archive.archive.store)

    said = [(line["event"], line["file"]) for line in lines if line["log_level"] == "error"]
    assert said == [("spool.damaged", f"{'1' * 32}/000000000001")]
    stays = [line for key, content in found.items() if key.endswith(".jsonl") for line in content.splitlines()]
    assert sorted(read(line).offset for line in stays) == list(range(1, 11))


async def test_what_cannot_be_moved_holds_up_nothing(memory: Path) -> None:
    """Sealed under keys that are gone, it stays where it is, and that is said; what comes from Kafka is archived."""
    sealed = {"encryption_key_file": str(memory / "master")}
    (memory / "master").touch(mode=0o600)
    (memory / "master").write_text(MASTER)
    async with running(settings(memory, **sealed)) as archive:
        await archive.handler.handle([Received(one, None) for one in RECORDS[:30]])
    others = settings(memory, **sealed, keys_store=f"file:{memory}/other-keys")
    async with running(others, cluster=KAFKA) as archive:
        for start in range(0, len(RECORDS), 20):
            with pytest.raises(StoreUnavailable, match="does not open"):
                await archive.take([published(one) for one in RECORDS[start : start + 20]])
        found = await contents(archive.archive.store)

    assert len([key for key in found if key.startswith("meetings/")]) == 6
    assert sorted(path.name for path in (memory / "spool" / "open").iterdir()) == ["1" * 32, KAFKA]


def rotten(folder: Path) -> None:
    """Change a byte of the last line in a spool."""
    [file] = folder.iterdir()
    content = bytearray(file.read_bytes())
    content[content.rindex(b'"salt":"') + 8] ^= 1
    file.write_bytes(content)
