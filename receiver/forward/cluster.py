"""One connection to a cluster: who leads which partition, and a way to ask.

Of aiokafka this uses the client that its producer stands on, and not the producer. That one makes a task, a future and
several dictionaries for each batch and retries what it likes for as long as it likes; to publish what a round holds
took it 0.3 ms, and 30 µs more for each partition. Here the client does what it is good at: to find the brokers, log in,
and bring a question there and its answer back. No topic is ever named to it: it would ask for that by name then, and a
broker that creates topics on the way would make one.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

from aiokafka import AIOKafkaClient, TopicPartition
from aiokafka.errors import KafkaConnectionError, NodeNotReadyError, NoError, for_code
from aiokafka.protocol.transaction import InitProducerIdRequest

from schemas.kafka import begun, connection
from schemas.settings import Kafka

from .encode import Producer
from .knock import knock
from .pieces import send_pieces
from .produce import Batch, Key, Produce
from .topics import require, require_one

RETRY_S: Final = 0.1
_GRACE_S: Final = 10.0
# aiokafka's own producer gives None as well where it has no transactions.
_NO_TRANSACTIONS: Final = InitProducerIdRequest(None, 2**31 - 1)  # type: ignore[arg-type]


class Cluster:
    """Made by `connected`, for one connection's life."""

    def __init__(self, client: AIOKafkaClient, kafka: Kafka) -> None:
        self._client = client
        self._kafka = kafka
        self._timeout_ms = int(kafka.request_timeout_s * 1_000)

    def leader(self, key: Key) -> int | None:
        """Return the broker to ask; None where there is none just now."""
        node: int | None = self._client.cluster.leader_for_partition(TopicPartition(*key))
        return None if node == -1 else node

    def require(self, topic: str) -> None:
        """Raise TopicsMissing or TopicsDiffer where a topic is not (any more) as it should be."""
        require_one(topic, len(self._client.cluster.partitions_for_topic(topic) or ()), self._kafka)

    async def refresh(self) -> bool:
        """Ask anew for topics and leaders; return whether anybody answered."""
        answered: bool = await self._client.force_metadata_update()
        return answered

    async def produce(self, node: int, batches: Sequence[Batch]) -> dict[Key, int]:
        """Return what the broker `node` says of each partition's batch: an error's code, 0 being good.

        Raises KafkaError.
        """
        answer: Any = await send_pieces(self._client, node, Produce(batches, timeout_ms=self._timeout_ms))
        codes: dict[Key, int] = answer.codes
        return codes

    async def producer(self) -> Producer:
        """Ask for an id to publish under. Raises KafkaError."""
        while True:
            node = self._client.get_random_node()
            if node is None:  # pragma: no cover -- whoever has told of topics has told of brokers
                raise NodeNotReadyError
            answer: Any = await self._client.send(node, _NO_TRANSACTIONS)
            error = for_code(answer.error_code)
            if error is NoError:
                return Producer(answer.producer_id, answer.producer_epoch)
            if not error.retriable:
                raise error
            await asyncio.sleep(RETRY_S)


@contextlib.asynccontextmanager
async def connected(kafka: Kafka) -> AsyncIterator[Cluster]:
    """Yield the cluster once it answers and the topics are as they should be; leave within a second, come what may.

    Raises TopicsMissing, TopicsDiffer, TimeoutError, KafkaError, OSError.
    """
    async with asyncio.timeout(kafka.request_timeout_s):
        await knock(kafka)
    # Its own deadlines come after ours, so that nothing of it fails at the moment when we give it up.
    arguments = connection(kafka) | {"request_timeout_ms": int((kafka.request_timeout_s + _GRACE_S) * 1_000)}
    client = AIOKafkaClient(**arguments, retry_backoff_ms=int(RETRY_S * 1_000), metadata_max_age_ms=60_000)
    try:
        cluster = Cluster(client, kafka)
        # Two questions and answers, over two connections.
        async with asyncio.timeout(kafka.request_timeout_s * 2):
            await begun(client.bootstrap)
            if not await cluster.refresh():  # pragma: no cover -- gone since the answer before
                raise KafkaConnectionError("no answer to the question for topics")
        known = client.cluster
        require({name: len(known.partitions_for_topic(name) or ()) for name in known.topics()}, kafka)
        yield cluster
    finally:
        # A broker may be frozen, and what it was sent not wholly written.
        await asyncio.wait({asyncio.ensure_future(client.close())}, timeout=1)
