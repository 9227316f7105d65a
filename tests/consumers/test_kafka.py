"""Kafka as a source: the contract, against a real broker."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager

import pytest
import structlog

from consumers.sources import Batch, PlacedSource, Reading
from consumers.sources.placed import PlacedKafkaSource
from deploy.meters import PrometheusMeters
from schemas.record import Record
from schemas.settings import Kafka
from schemas.topics import LIFECYCLE, UNRECOGNISED
from tests.kafka.fixtures import SharedBroker

from .contract import SourceContract
from .producing import Producer
from .reads import read, reading, stored
from .records import numbered

pytestmark = pytest.mark.kafka


class KafkaWorld:
    """The topics of one test."""

    def __init__(self, producer: Producer) -> None:
        self._producer, self.prefix = producer, producer.prefix

    async def append(self, *records: Record) -> None:
        """Publish them."""
        await self._producer.append(*records)

    def source(self, reading: Reading) -> AbstractAsyncContextManager[PlacedSource]:
        """Return a reader. Its group has the test's prefix: groups are the broker's, not the test's."""
        prefix = self._producer.prefix
        own = Reading(
            consumer=reading.consumer,
            topics=reading.topics,
            group=reading.group and prefix + reading.group,
            start=reading.start,
            begin=reading.begin,
        )
        settings = Kafka(servers=(self._producer.bootstrap,), topic_prefix=prefix)
        return PlacedKafkaSource(settings, own, meters=PrometheusMeters(), logger=structlog.get_logger())


class TestKafkaSource(SourceContract):
    """The promises of every source."""

    @pytest.fixture
    async def world(self, kafka: SharedBroker, topic_prefix: str) -> AsyncIterator[KafkaWorld]:
        """Topics of the test's own."""
        async with Producer(kafka.bootstrap, topic_prefix) as producer:
            await producer.create()
            yield KafkaWorld(producer)

    async def test_what_is_held_back_waits(self, world: KafkaWorld) -> None:
        """The other partitions go on, and it goes on where it was."""
        await world.append(*numbered(6, partitions=3))

        async with world.source(reading()) as source:
            source.hold_back({(LIFECYCLE, 0), (UNRECOGNISED, 0)})
            others = await read(source, 4)
            source.hold_back({(topic, number) for topic in (LIFECYCLE, UNRECOGNISED) for number in range(3)})
            assert await source.fetch(10, 0.01) == Batch([], [])
            source.hold_back(frozenset())
            rest = await read(source, 2)

        assert [one.record.partition for one in others] == [1, 2, 1, 2]
        assert sorted([*others, *rest], key=lambda one: one.position) == stored(*numbered(6, partitions=3))

    async def test_a_place_that_retention_has_passed_is_at_the_first_that_is_left(
        self, world: KafkaWorld, kafka: SharedBroker
    ) -> None:
        """Else who waits until all is read that is there would wait for what nobody can read."""
        await world.append(*numbered(4))
        async with Producer(kafka.bootstrap, world.prefix) as retention:
            await retention.let_go(LIFECYCLE, 0, before=4)

        async with world.source(reading(begin={(LIFECYCLE, 0): 1})) as source:
            assert source.places()[LIFECYCLE, 0] == (await source.ends())[LIFECYCLE, 0] == 4
