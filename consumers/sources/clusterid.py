"""Ask Kafka for its cluster's ID: what offsets count in. aiokafka hears it with every answer, and does not keep it."""

from typing import Final

from aiokafka import AIOKafkaConsumer
from aiokafka.protocol.metadata import MetadataRequest

# Every broker since 0.10.1 has an ID; what only speaks its protocol may have none.
_NONE: Final = "kafka"


async def cluster_id(consumer: AIOKafkaConsumer) -> str:
    """Return the ID, 22 letters, digits, dashes and underscores. Raises KafkaError."""
    client = consumer._client
    answer = await client.send(client.get_random_node(), MetadataRequest([]))
    return getattr(answer, "cluster_id", None) or _NONE
