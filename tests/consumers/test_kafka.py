"""Kafka as a source: the contract, against a real broker."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager

import pytest
import structlog

from consumers.sources import Reading, Source
from consumers.sources.kafka import KafkaSource
from deploy.meters import PrometheusMeters
from schemas.record import Record
from schemas.settings import Kafka
from tests.kafka.fixtures import SharedBroker

from .contract import SourceContract
from .producing import Producer

pytestmark = pytest.mark.kafka


class KafkaWorld:
    """The topics of one test."""

    def __init__(self, producer: Producer) -> None:
        self._producer = producer

    async def append(self, *records: Record) -> None:
        """Publish them."""
        await self._producer.append(*records)

    def source(self, reading: Reading) -> AbstractAsyncContextManager[Source]:
        """Return a reader. Its group has the test's prefix: groups are the broker's, not the test's."""
        prefix = self._producer.prefix
        own = Reading(
            consumer=reading.consumer,
            topics=reading.topics,
            group=reading.group and prefix + reading.group,
            start=reading.start,
        )
        settings = Kafka(servers=(self._producer.bootstrap,), topic_prefix=prefix)
        return KafkaSource(settings, own, meters=PrometheusMeters(), logger=structlog.get_logger())


class TestKafkaSource(SourceContract):
    """The promises of every source."""

    @pytest.fixture
    async def world(self, kafka: SharedBroker, topic_prefix: str) -> AsyncIterator[KafkaWorld]:
        """Topics of the test's own."""
        async with Producer(kafka.bootstrap, topic_prefix) as producer:
            await producer.create()
            yield KafkaWorld(producer)
