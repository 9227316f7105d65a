"""Turn Kafka messages into stored records; one that is not ours is set apart, never an error. Pure."""

from collections.abc import Iterable

from aiokafka import ConsumerRecord

from schemas.record import Stored, Unrecordable, from_kafka

from . import Foreign

Message = ConsumerRecord[bytes, bytes]


def translated(topic: str, messages: Iterable[Message]) -> tuple[list[Stored], list[Foreign]]:
    """Return what is ours and what is not, each in order; `topic` is without prefix."""
    records: list[Stored] = []
    foreign: list[Foreign] = []
    for message in messages:
        try:
            records.append(
                from_kafka(
                    topic=topic,
                    partition=message.partition,
                    timestamp_ms=message.timestamp,
                    key=message.key,
                    value=message.value,
                    headers=message.headers,
                    offset=message.offset,
                )
            )
        except Unrecordable as error:
            foreign.append(_foreign(topic, message, error.header))
    return records, foreign


def _foreign(topic: str, message: Message, header: str) -> Foreign:
    return Foreign(
        topic=topic,
        partition=message.partition,
        offset=message.offset,
        key=message.key or b"",
        value=message.value or b"",
        header=header,
    )
