"""Write to Kafka as the forwarder does, with a client of the test's own."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator
from typing import Any, Self

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic, RecordsToDelete
from aiokafka.protocol.group import LeaveGroupRequest

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

    def next_position(self, position: int) -> None:
        """Go on at `position` of LOG."""
        self._next[LOG] = position

    async def __aenter__(self) -> Self:
        """Connect."""
        self._producer = AIOKafkaProducer(bootstrap_servers=self.bootstrap, acks="all")
        await self._producer.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Disconnect."""
        await self._producer.stop()

    async def publish_foreign_in_transactions(self, topic: str, *values: bytes) -> None:
        """The same, by somebody who uses transactions, one a value: when the next begins, the last has its mark."""
        transactional = {"transactional_id": self.prefix, "bootstrap_servers": self.bootstrap}
        async with AIOKafkaProducer(**transactional) as producer:
            for value in values:
                async with producer.transaction():
                    await producer.send_and_wait(self.prefix + topic, value=value, partition=0)

    async def create(self, *topics: str) -> None:
        """Create topics, all of ours where none is named; return once whoever asks is told of them."""
        named = {self.prefix + topic for topic in topics or TOPICS}
        async with self._admin() as admin:
            await admin.create_topics([NewTopic(topic, PARTITIONS, 1) for topic in named])
            while not named <= set(await admin.list_topics()):
                pass

    async def delete(self, topic: str) -> None:
        """Delete a topic; return once the broker has heard of that: until then it takes records, which go with it."""
        async with self._admin() as admin:
            await admin.delete_topics([self.prefix + topic])
            while self.prefix + topic in await admin.list_topics():
                pass

    async def topics(self) -> list[str]:
        """Return the topics of this test that there are."""
        async with self._admin() as admin:
            found = await admin.list_topics()
        return sorted(topic.removeprefix(self.prefix) for topic in found if topic.startswith(self.prefix))

    async def let_go(self, topic: str, partition: int, *, before: int) -> None:
        """Do what retention does: take away the records before an offset."""
        async with self._admin() as admin:
            place = TopicPartition(self.prefix + topic, partition)
            await admin.delete_records({place: RecordsToDelete(before)})

    async def rebalancing(self, group: str) -> None:
        """Return once the group's coordinator waits for its members to join again."""
        async with self._admin() as admin:
            while (await self._group(admin, group))["state"] != "PreparingRebalance":
                pass

    async def expel(self, group: str) -> None:
        """Do what the coordinator does to a member that it has not heard of for too long."""
        async with self._admin() as admin:
            (member,) = (await self._group(admin, group))["members"]
            coordinator = await admin.find_coordinator(self.prefix + group)
            await admin._send_request(LeaveGroupRequest(self.prefix + group, member["member_id"]), coordinator)

    async def _group(self, admin: AIOKafkaAdminClient, group: str) -> dict[str, Any]:
        (description,) = await admin.describe_consumer_groups([self.prefix + group])
        found: dict[str, Any] = description.to_object()["groups"][0]
        return found

    @contextlib.asynccontextmanager
    async def _admin(self) -> AsyncIterator[AIOKafkaAdminClient]:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await admin.start()
        try:
            yield admin
        finally:
            await admin.close()

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
