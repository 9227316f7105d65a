"""Write to Kafka as the forwarder does, with a client of the test's own."""

from __future__ import annotations

from collections import defaultdict
from typing import Self

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from schemas.ids import LogId, Position
from schemas.record import Record
from schemas.topics import TOPICS

from .records import LOG

PARTITIONS = 3


class Producer:
    """What receivers have published so far: each log's positions rise by one."""

    def __init__(self, bootstrap: str, prefix: str) -> None:
        self.bootstrap, self.prefix = bootstrap, prefix
        self._next: dict[LogId, int] = defaultdict(lambda: 1)

    async def __aenter__(self) -> Self:
        """Connect."""
        self._producer = AIOKafkaProducer(bootstrap_servers=self.bootstrap, acks="all")
        await self._producer.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Disconnect."""
        await self._producer.stop()

    async def create(self, *topics: str) -> None:
        """Create topics; all of ours where none is named."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await admin.start()
        await admin.create_topics([NewTopic(self.prefix + topic, PARTITIONS, 1) for topic in topics or TOPICS])
        await admin.close()

    async def delete(self, topic: str) -> None:
        """Delete a topic."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await admin.start()
        await admin.delete_topics([self.prefix + topic])
        await admin.close()

    async def topics(self) -> list[str]:
        """Return the topics of this test that there are."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await admin.start()
        found = await admin.list_topics()
        await admin.close()
        return sorted(topic.removeprefix(self.prefix) for topic in found if topic.startswith(self.prefix))

    async def append(self, *records: Record, log: LogId = LOG) -> None:
        """Publish records at the next positions of `log`."""
        for record in records:
            await self.publish(record, log, Position(self._next[log]))
            self._next[log] += 1

    async def publish(self, record: Record, log: LogId, position: Position) -> None:
        """Publish one record at the place that it has."""
        await self._producer.send_and_wait(
            self.prefix + record.topic,
            key=record.key.encode(),
            value=record.value,
            partition=record.partition,
            timestamp_ms=record.received_ms,
            headers=record.headers(log, position),
        )

    async def publish_foreign(self, topic: str, value: bytes, *, key: bytes | None = None) -> None:
        """Publish a message that none of ours wrote."""
        await self._producer.send_and_wait(self.prefix + topic, key=key, value=value, partition=0)
