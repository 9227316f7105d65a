"""What comes to Kafka: every record once and whole, in order, and under the same position when it comes again."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

from receiver.forward.publisher import Publisher, Round
from schemas.ids import Position
from schemas.locallog import FILE_NAME, READERS_FOLDER
from schemas.record import Record
from schemas.topics import UNRECOGNISED
from tests.kafka.fixtures import SharedBroker
from tests.kafka.readers import console_consumer

from ..lines import Lines
from ..log.entries import PARTITIONS, entry, record
from ..log.running import log_in, metric, started
from .publishing import headers_of, in_kafka, kafka_at, positions_of, publishing, read

pytestmark = pytest.mark.kafka


def placed(*numbers: int, first: int = 1) -> list[tuple[int, Record]]:
    """Return the records of the entries with these numbers and the positions that they get."""
    return list(enumerate((one for number in numbers for one in entry(number).records), first))


async def test_records_come_whole(kafka: SharedBroker, prefix: str, tmp_path: Path) -> None:
    """Key, value, partition and every header are in Kafka as they were appended."""
    async with publishing(tmp_path, kafka_at(kafka.bootstrap, prefix)) as parts:
        for number in range(20):
            await parts.log.append(entry(number))
        await parts.forwarder.reached(Position(20))

    assert await read(kafka.bootstrap, prefix) == in_kafka(prefix, parts.log.id, placed(*range(20)))


async def test_a_clock_that_was_ahead_holds_nothing_up(kafka: SharedBroker, prefix: str, tmp_path: Path) -> None:
    """Kafka refuses a record that is an hour ahead of its clock: it goes under the time at which it is published."""
    begun_ms = int(time.time() * 1_000)
    ahead = record(1, received_ms=begun_ms + 28_800_000)
    async with publishing(tmp_path, kafka_at(kafka.bootstrap, prefix)) as parts:
        await parts.log.append(type(entry(1))((ahead,), None))
        await parts.log.append(entry(2))
        await parts.forwarder.reached(Position(2))

    assert await read(kafka.bootstrap, prefix) == in_kafka(prefix, parts.log.id, [(1, ahead), *placed(2, first=2)])


async def test_what_was_made_ready_and_did_not_come_to_be_is_not_sent(
    kafka: SharedBroker, prefix: str, tmp_path: Path, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A repeat shifts all that follows it; what is sent instead goes under the sequences that Kafka waits for."""
    taken_back: list[int] = []
    take_back = Publisher.take_back

    def noted(self: Publisher, packed: Round) -> None:
        taken_back.append(packed.end - packed.first)
        take_back(self, packed)

    monkeypatch.setattr(Publisher, "take_back", noted)
    async with publishing(tmp_path, kafka_at(kafka.bootstrap, prefix)) as parts:
        await parts.log.append(entry(0))
        await parts.forwarder.reached(Position(1))
        repeated = [*range(1, 20), *range(10, 30)]
        await asyncio.gather(*(parts.log.append(entry(number)) for number in repeated))
        await parts.forwarder.reached(Position(30))
        await parts.log.append(entry(30))
        await parts.forwarder.reached(Position(31))

    assert await read(kafka.bootstrap, prefix) == in_kafka(prefix, parts.log.id, placed(*range(31)))
    assert taken_back == [len(repeated)]
    assert [line["event"] for line in lines if line["log_level"] != "info"] == []


async def test_kafkas_own_consumer_reads_them(kafka: SharedBroker, prefix: str, tmp_path: Path) -> None:
    """Chinese and emoji come out of the broker's console consumer as they went in, with the headers."""
    value = '{"name":"产品周会 🚀"}'
    async with publishing(tmp_path, kafka_at(kafka.bootstrap, prefix)) as parts:
        await parts.log.append(entry(1, value=value.encode()))
        await parts.forwarder.reached(Position(1))

    (line,) = await console_consumer(kafka.bootstrap, f"{prefix}meeting.lifecycle.v1", records=1)
    told = headers_of(entry(1).records[0], parts.log.id, 1)
    headers = ",".join(f"{name}:{text}" for name, text in zip(told[::2], told[1::2], strict=True))
    assert line == f"{headers}\tm-1\t{value}"


async def test_each_topic_gets_its_own(kafka: SharedBroker, prefix: str, tmp_path: Path) -> None:
    """The records of one push go to several topics, each under its own position of the one log."""
    lifecycle, aside = entry(1).records[0], record(1, 1, topic=UNRECOGNISED, received_ms=1)
    async with publishing(tmp_path, kafka_at(kafka.bootstrap, prefix)) as parts:
        await parts.log.append(type(entry(1))((lifecycle, aside), None))
        await parts.forwarder.reached(Position(2))

    log = parts.log.id
    assert await read(kafka.bootstrap, prefix) == in_kafka(prefix, log, [(1, lifecycle)])
    assert await read(kafka.bootstrap, prefix, UNRECOGNISED) == in_kafka(prefix, log, [(2, aside)])


async def test_positions_rise_in_each_partition(kafka: SharedBroker, prefix: str, tmp_path: Path) -> None:
    """Thousands of records, some before the forwarder came and some while it works: none is missing or out of order."""
    async with log_in(tmp_path) as log:
        await asyncio.gather(*(log.append(entry(number, records=2)) for number in range(3_000)))
    async with publishing(tmp_path, kafka_at(kafka.bootstrap, prefix)) as parts:
        await asyncio.gather(*(parts.log.append(entry(number, records=2)) for number in range(3_000, 5_000)))
        await parts.forwarder.reached(Position(10_000))

    seen = await read(kafka.bootstrap, prefix)
    assert sorted(positions_of(seen)) == list(range(1, 10_001))
    together = [(one.partition, position) for one, position in zip(seen, positions_of(seen), strict=True)]
    assert all(a < b for a, b in pairwise(together))
    assert {partition for partition, _ in together} == set(range(PARTITIONS))


async def test_large_records_come_in_several_batches(kafka: SharedBroker, prefix: str, tmp_path: Path) -> None:
    """Records that do not fit into one batch together are published one batch after the other, in order."""
    async with publishing(tmp_path, kafka_at(kafka.bootstrap, prefix)) as parts:
        large = [entry(number, key="m-1", value=b"x" * 300_000) for number in range(7)]
        await asyncio.gather(*map(parts.log.append, large))
        await parts.forwarder.reached(Position(7))

    assert positions_of(await read(kafka.bootstrap, prefix)) == [1, 2, 3, 4, 5, 6, 7]


async def test_an_orderly_stop_repeats_nothing(kafka: SharedBroker, prefix: str, tmp_path: Path) -> None:
    """The place is kept at the end, so that the next start goes on behind what Kafka has."""
    logs = []
    for number in range(3):
        async with publishing(tmp_path, kafka_at(kafka.bootstrap, prefix)) as parts:
            await parts.log.append(entry(number))
            await parts.forwarder.reached(Position(number + 1))
            logs.append(parts.log.id)

    assert await read(kafka.bootstrap, prefix) == in_kafka(prefix, logs[0], placed(0, 1, 2))
    assert len(logs) == 3


@pytest.mark.parametrize(
    "place",
    [
        pytest.param(None, id="lost"),
        pytest.param(b"{", id="cut short"),
        pytest.param(
            b'{"group":"forwarder","log":"%s","position":9,"seen_at":"2026-07-14T09:00:00Z"}' % (b"0" * 32),
            id="of another log",
        ),
    ],
)
async def test_what_comes_again_has_the_same_position(
    kafka: SharedBroker, prefix: str, tmp_path: Path, place: bytes | None
) -> None:
    """Without a place to believe everything is published once more, under the same ids and positions."""
    async with publishing(tmp_path, kafka_at(kafka.bootstrap, prefix)) as parts:
        await asyncio.gather(*(parts.log.append(entry(number)) for number in range(5)))
        await parts.forwarder.reached(Position(5))
    kept = tmp_path / READERS_FOLDER / "forwarder.json"
    kept.unlink() if place is None else kept.write_bytes(place)
    async with publishing(tmp_path, kafka_at(kafka.bootstrap, prefix)) as parts:
        await parts.forwarder.reached(Position(5))

    twice = in_kafka(prefix, parts.log.id, placed(0, 1, 2, 3, 4) + placed(0, 1, 2, 3, 4))
    assert await read(kafka.bootstrap, prefix) == twice


async def test_publishing_begins_where_the_log_does(kafka: SharedBroker, prefix: str, tmp_path: Path) -> None:
    """Where the first records are gone and the place with them, what is left is published."""
    async with log_in(tmp_path) as log:
        for number in range(5):
            await log.append(entry(number))
        await log.run(lambda file: file.prune(Position(4), rows=10))
    async with publishing(tmp_path, kafka_at(kafka.bootstrap, prefix)) as parts:
        await parts.forwarder.reached(Position(5))

    assert await read(kafka.bootstrap, prefix) == in_kafka(prefix, parts.log.id, placed(3, 4, first=4))


async def test_a_damaged_row_is_said_and_not_skipped(
    kafka: SharedBroker, prefix: str, tmp_path: Path, lines: Lines
) -> None:
    """What cannot be read may be the one that matters: the forwarder stays before it, and says what it met."""
    async with log_in(tmp_path) as log:
        await log.append(entry(1))
    await asyncio.to_thread(_damage, tmp_path)
    async with publishing(tmp_path, kafka_at(kafka.bootstrap, prefix)) as parts:
        line = await lines.said("forwarder.failed")

        assert (parts.forwarder.position, parts.forwarder.failure) == (1, "other")
    assert (line["reason"], line["kind"]) == ("other", "DecodeError")
    assert await read(kafka.bootstrap, prefix) == []


def _damage(folder: Path) -> None:
    with closing(sqlite3.connect(folder / FILE_NAME)) as database:
        database.execute("UPDATE commits SET records = substr(records, 1, 20)")
        database.commit()


async def test_an_acknowledgement_wakes_all_who_wait_for_it(kafka: SharedBroker, prefix: str, tmp_path: Path) -> None:
    """Everybody up to the position that Kafka has is told, many for one position too; nobody before."""
    async with log_in(tmp_path) as log:
        for number in range(3):
            await log.append(entry(number))
    async with publishing(tmp_path, kafka_at(kafka.bootstrap, prefix)) as parts:
        waiting = await started(*(parts.forwarder.reached(Position(at)) for at in (1, 2, 2, 2, 3, 4)))
        before = [task.done() for task in waiting]
        await asyncio.wait(waiting[:-1])
        last_before = waiting[-1].done()
        await parts.log.append(entry(3))
        await waiting[-1]
        await parts.forwarder.reached(Position(4))

    assert (before, last_before) == ([False] * 6, False)


async def test_who_gave_up_waiting_is_forgotten(tmp_path: Path) -> None:
    """An outage of a day with a push a second leaves no heap of waiters."""
    async with publishing(tmp_path, kafka_at("127.0.0.1:1", "")) as parts:
        waiting = await started(*(parts.forwarder.reached(Position(1)) for _ in range(100)))
        for task in waiting:
            task.cancel()
        await asyncio.wait(waiting)

        assert len(parts.forwarder._waiting) == 0


async def test_the_forwarder_says_and_counts_where_it_is(
    kafka: SharedBroker, prefix: str, tmp_path: Path, lines: Lines
) -> None:
    """One line when it is connected; position, distance and connection are metrics."""
    async with publishing(tmp_path, kafka_at(kafka.bootstrap, prefix)) as parts:
        await parts.log.append(entry(1, records=3))
        await parts.forwarder.reached(Position(3))
        parts.forwarder.observe(parts.meters)
        names = ("position", "behind_records", "behind_seconds", "connected")
        figures = [await metric(parts.meters, f"meetwire_forwarder_{name}") for name in names]

    assert figures == [3, 0, 0, 1]
    assert lines == [{"event": "forwarder.connected", "log_level": "info", "position": 1}]


async def test_a_log_without_what_kafka_has_around_records_is_published_the_same(
    kafka: SharedBroker, prefix: str, tmp_path: Path
) -> None:
    """What was appended before there was a Kafka, or by an older version, and what came then: to the last byte."""
    async with log_in(tmp_path) as log:
        await asyncio.gather(*(log.append(entry(number)) for number in range(10)))
    async with publishing(tmp_path, kafka_at(kafka.bootstrap, prefix)) as parts:
        for number in range(10, 20):
            await parts.log.append(entry(number))
        await parts.forwarder.reached(Position(20))

    assert await read(kafka.bootstrap, prefix) == in_kafka(prefix, parts.log.id, placed(*range(20)))
