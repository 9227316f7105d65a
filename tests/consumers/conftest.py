"""A local log, or topics, for each test that asks for them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.kafka.fixtures import SharedBroker

from .producing import Producer
from .writing import LogWriter


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[LogWriter]:
    """A log that a test writes."""
    writer = LogWriter(tmp_path / "log")
    yield writer
    writer.close()


@pytest.fixture
async def producer(kafka: SharedBroker, topic_prefix: str) -> AsyncIterator[Producer]:
    """A forwarder, without topics."""
    async with Producer(kafka.bootstrap, topic_prefix) as producer:
        yield producer


@pytest.fixture
async def topics(producer: Producer) -> Producer:
    """A forwarder, with all topics."""
    await producer.create()
    return producer
