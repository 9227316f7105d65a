"""Kafka as a source: what stands in a topic, and topics that come and go."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from consumers.sources import Batch, Foreign, Reading
from deploy.meters import PrometheusMeters
from schemas.ids import Position
from schemas.record import Stored
from schemas.topics import LIFECYCLE, TOPICS

from .metering import counted
from .producing import PARTITIONS, Producer
from .reading_kafka import source
from .reads import PATIENCE_S, placeless, read, reading, stored, take
from .records import LOG, OTHER_LOG, numbered

pytestmark = pytest.mark.kafka


async def test_repeats_of_the_forwarder_are_dropped_and_counted(topics: Producer) -> None:
    """A cancelled send is not unsent, and a restart goes back to what Kafka had acknowledged."""
    meters = PrometheusMeters()
    records = numbered(4)
    for number in (1, 2, 1, 2, 3, 3, 2, 3, 4):
        await topics.publish(records[number - 1], LOG, Position(number))

    async with source(topics, reading(), meters=meters) as reader:
        assert await read(reader, 4) == stored(*records)
    assert await counted(meters, "repeated") == 5


async def test_an_archive_has_repeats_too(topics: Producer) -> None:
    """It keeps a topic as it is, wherever it begins."""
    records = numbered(2)
    for number in (1, 2, 1, 2):
        await topics.publish(records[number - 1], LOG, Position(number))
    wanted = Reading(consumer="test", topics=frozenset({LIFECYCLE}), repeats=True)

    async with source(topics, wanted) as reader:
        assert await take(reader, 4) == stored(*records) * 2


async def test_logs_of_several_receivers_are_read_side_by_side(topics: Producer) -> None:
    """Each has positions of its own, and neither hides the other's."""
    records = numbered(4)
    places = [(LOG, 7), (OTHER_LOG, 2), (LOG, 8), (OTHER_LOG, 3)]
    sent = [Stored(log, Position(at), one) for (log, at), one in zip(places, records, strict=True)]
    for one in sent:
        await topics.publish(one.record, one.log, one.position)

    async with source(topics, reading()) as reader:
        assert await take(reader, 4) == sent


async def test_a_message_that_is_not_ours_is_set_apart(topics: Producer) -> None:
    """With where it stands and why, and without harm to what is ours."""
    await topics.publish_foreign(LIFECYCLE, b"hello", key=b"who")
    foreign = Foreign(topic=LIFECYCLE, partition=0, offset=0, key=b"who", value=b"hello", header="ce_type")

    async with source(topics, reading()) as reader:
        first = await reader.fetch(10, PATIENCE_S)
        await topics.append(*numbered(1))
        second = await reader.fetch(10, PATIENCE_S)

    assert (first, placeless(second.records), second.foreign) == (Batch([], [foreign]), stored(*numbered(1)), [])


def test_a_message_that_is_not_ours_is_not_shown() -> None:
    """It may hold anybody's name, and ends up in a traceback."""
    foreign = Foreign(topic=LIFECYCLE, partition=0, offset=7, key=b"marker", value=b"marker", header="ce_type")

    assert repr(foreign) == "<Foreign at meeting.lifecycle.v1/0/7>"


async def test_a_hole_that_no_retention_made_is_not_missed(topics: Producer) -> None:
    """Somebody else's transaction leaves marks between the records, which no reader sees."""
    meters = PrometheusMeters()
    await topics.append(*numbered(1))
    await topics.publish_foreign_in_transactions(LIFECYCLE, b"hello", b"again")
    await topics.append(*numbered(1, first=2))

    with capture_logs() as lines:
        async with source(topics, reading(), meters=meters) as reader:
            assert await read(reader, 2, limit=1) == stored(*numbered(2))
    assert (await counted(meters, "missed"), lines) == (0, [])


async def test_a_missing_topic_is_said_and_never_created(producer: Producer) -> None:
    """Not even by a broker that would create it for whoever asks by name."""
    with capture_logs() as lines:
        async with source(producer, reading(topics=(LIFECYCLE,))) as reader:
            got = [await reader.fetch(10, 0.3) for _ in range(3)]

    assert got == [Batch([], [])] * 3
    assert await producer.topics() == []
    assert lines == [
        {
            "event": "topics.awaited",
            "log_level": "warning",
            "consumer": "test",
            "topics": [producer.prefix + LIFECYCLE],
            "hint": "they do not exist, or this user may not describe them; read as soon as they appear",
        }
    ]


@pytest.mark.parametrize("group", [None, "g"], ids=["alone", "in a group"])
async def test_a_topic_that_appears_is_read_from_its_first_record(producer: Producer, group: str | None) -> None:
    """Whatever the start says: all of it came after the reader began."""
    wanted = reading(group=group and producer.prefix + group, start="latest")
    async with source(producer, wanted) as reader:
        await reader.fetch(10, 0.0)
        await producer.create(LIFECYCLE)
        await producer.append(*numbered(2, partitions=PARTITIONS))

        assert await read(reader, 2) == stored(*numbered(2, partitions=PARTITIONS))


async def test_a_deleted_topic_is_not_created_again_and_read_when_it_is_back(topics: Producer) -> None:
    """Its offsets begin anew; so does the reader in it."""
    async with source(topics, reading(start="latest")) as reader:
        await topics.append(*numbered(3))
        await read(reader, 3)

        await topics.delete(LIFECYCLE)
        for _ in range(5):
            await reader.fetch(10, 0.2)
        there = await topics.topics()
        await topics.create(LIFECYCLE)
        await topics.append(*numbered(1, first=4))

        assert await read(reader, 1) == stored(*numbered(1, first=4), first=4)
    assert there == sorted(set(TOPICS) - {LIFECYCLE})


async def test_a_group_whose_topic_was_made_anew_reads_all_of_it(topics: Producer) -> None:
    """Its committed offset lies beyond the end."""
    wanted = reading(group=topics.prefix + "g", topics=(LIFECYCLE,))
    await topics.append(*numbered(3))
    async with source(topics, wanted) as reader:
        await read(reader, 3)
        await reader.commit()
    await topics.delete(LIFECYCLE)
    await topics.create(LIFECYCLE)
    await topics.append(*numbered(1, first=4))

    async with source(topics, wanted) as reader:
        assert await read(reader, 1) == stored(*numbered(1, first=4), first=4)
