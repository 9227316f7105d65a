"""A record that Kafka will never take is set aside, kept, told of; and holds up no other."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from aiokafka.admin import NewTopic

from receiver.forward.refused import FOLDER, RefusedRecords
from receiver.forward.refused import read as read_refused
from schemas.ids import Position
from schemas.record import Stored
from schemas.topics import MAX_VALUE_BYTES, TOPICS
from tests.kafka.fixtures import SharedBroker

from ..lines import Lines
from ..log.entries import PARTITIONS, entry
from ..log.running import metric
from .publishing import kafka_at, once, publishing, read, risen, until
from .test_topics import made

pytestmark = pytest.mark.kafka

LIMIT = 50_000
LARGE = b"x" * 60_000


@pytest.fixture
async def small(kafka: SharedBroker, topic_prefix: str) -> str:
    """A prefix whose topics take 50 kB at once and no more."""
    settings = {"max.message.bytes": str(LIMIT)}
    await made(
        kafka.bootstrap,
        *(NewTopic(topic_prefix + name, PARTITIONS, 1, topic_configs=settings) for name in TOPICS),
    )
    return topic_prefix


async def kept(folder: Path) -> list[Stored]:
    """Return the records that were set aside, oldest first."""
    return await asyncio.to_thread(lambda: [read_refused(path) for path in RefusedRecords(folder).kept()])


def set_aside(position: int) -> dict[str, object]:
    """Return the line that says so."""
    return {
        "event": "record.set_aside",
        "log_level": "error",
        "reason": "record_too_large",
        "position": position,
    }


async def test_a_record_too_large_holds_up_no_other(
    kafka: SharedBroker, small: str, tmp_path: Path, lines: Lines
) -> None:
    """Amid others of its partition and of others, it alone is missing, and stands in a file of its own."""
    entries = [entry(number, value=LARGE if number in (17, 40) else b"") for number in range(60)]
    async with publishing(tmp_path, kafka_at(kafka.bootstrap, small)) as parts:
        await asyncio.gather(*map(parts.log.append, entries))
        await parts.forwarder.reached(Position(60))
        counted = await metric(parts.meters, "meetwire_forwarder_set_aside_total", reason="record_too_large")
        failing = parts.forwarder.failure

    expected = [one for one in once(one.records[0] for one in entries) if one[1] not in (18, 41)]
    assert sorted(risen(await read(kafka.bootstrap, small))) == expected
    assert await kept(tmp_path) == [Stored(parts.log.id, Position(at), entries[at - 1].records[0]) for at in (18, 41)]
    said = sorted(lines.named("record.set_aside"), key=lambda line: int(line["position"]))
    assert said == [set_aside(18), set_aside(41)]
    assert lines.named("forwarder.failed") == []
    assert (counted, failing) == (2, None)


async def test_records_that_are_too_large_together_all_come(
    kafka: SharedBroker, small: str, tmp_path: Path, lines: Lines
) -> None:
    """A batch refused for its sum is sent record by record; nothing is set aside."""
    entries = [entry(number, key="m-1", value=b"x" * 20_000) for number in range(10)]
    async with publishing(tmp_path, kafka_at(kafka.bootstrap, small)) as parts:
        await asyncio.gather(*map(parts.log.append, entries))
        await parts.forwarder.reached(Position(10))

    assert risen(await read(kafka.bootstrap, small)) == once(one.records[0] for one in entries)
    assert lines.named("record.set_aside", "forwarder.failed") == []
    assert await kept(tmp_path) == []


async def test_who_waits_for_a_record_that_was_set_aside_is_told(
    kafka: SharedBroker, small: str, tmp_path: Path
) -> None:
    """It will not come to Kafka, and it is kept here on disk: its sender need not send it again."""
    async with publishing(tmp_path, kafka_at(kafka.bootstrap, small)) as parts:
        appended = await parts.log.append(entry(1, value=LARGE))

        await parts.forwarder.reached(appended.position)

        assert await kept(tmp_path) == [Stored(parts.log.id, Position(1), entry(1, value=LARGE).records[0])]


async def test_without_room_to_keep_it_nothing_is_given_up(
    kafka: SharedBroker, small: str, tmp_path: Path, lines: Lines
) -> None:
    """Where the record cannot be written aside the forwarder stays before it, says so, and goes on once it can."""
    (tmp_path / FOLDER).write_text("a file in the way of a folder")
    async with publishing(tmp_path, kafka_at(kafka.bootstrap, small)) as parts:
        await parts.log.append(entry(1, value=LARGE))
        failed = await lines.said("forwarder.failed")
        position = parts.forwarder.position
        (tmp_path / FOLDER).unlink()
        await parts.forwarder.reached(Position(1))
        await until(lambda: parts.forwarder.failure is None)

    assert failed == {
        "event": "forwarder.failed",
        "log_level": "warning",
        "reason": "other",
        "kind": "CannotSetAside",
        "position": 1,
    }
    assert position == 1
    assert lines.named("record.set_aside") == [set_aside(1)]
    assert [stored.position for stored in await kept(tmp_path)] == [1]


async def test_a_record_of_the_largest_size_comes(kafka: SharedBroker, prefix: str, tmp_path: Path) -> None:
    """What the receiver lets into the log fits under Kafka's default limit, headers included."""
    async with publishing(tmp_path, kafka_at(kafka.bootstrap, prefix)) as parts:
        await parts.log.append(entry(1, value=b"x" * MAX_VALUE_BYTES))
        await parts.forwarder.reached(Position(1))

    assert risen(await read(kafka.bootstrap, prefix)) == once(entry(1).records)
