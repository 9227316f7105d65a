"""What a failure of Kafka means. Pure.

All of them are tried again: whether an operator repairs a right, a topic or a cable, the log holds what waits until
then. Only a record that Kafka will never take, because it is too large, is set aside, so that it holds up no other.
"""

import asyncio
import ssl
from typing import Final, Literal, get_args

from aiokafka.errors import (
    AuthenticationFailedError,
    BrokerResponseError,
    ClusterAuthorizationFailedError,
    KafkaConnectionError,
    KafkaError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    NotEnoughReplicasError,
    OutOfOrderSequenceNumber,
    ProducerFenced,
    RequestTimedOutError,
    SaslAuthenticationFailed,
    TopicAuthorizationFailedError,
    UnknownTopicOrPartitionError,
)

Failure = Literal[
    "unreachable",  # nobody listens there
    "timeout",  # no acknowledgement in time: slow or frozen
    "topic_missing",
    "topics_differ",  # another number of partitions than the settings say
    "not_authorised",  # the login, or a right
    "record_too_large",
    "refused",  # any other answer of the broker
    "tls",  # a certificate, or none where there should be one
    "other",  # ours, or the log's: the line names its kind
]
FAILURES: Final[tuple[Failure, ...]] = get_args(Failure)


class TopicsDiffer(Exception):
    """A topic is there, but not as the settings say."""


class TopicsMissing(Exception):
    """Topics are not there, and creating them is not asked for."""


class CannotSetAside(Exception):
    """A record is too large for Kafka, and there is no room to keep it in here."""


class TooLarge(Exception):
    """Kafka refused a batch for its size; `positions` tells which records it held."""

    def __init__(self, first: int, last: int) -> None:
        super().__init__(f"records {first} to {last}")
        self.first = first
        self.last = last


_MEANINGS: Final[tuple[tuple[tuple[type[BaseException], ...], Failure], ...]] = (
    ((TopicsMissing, UnknownTopicOrPartitionError), "topic_missing"),
    ((TopicsDiffer,), "topics_differ"),
    ((TopicAuthorizationFailedError, ClusterAuthorizationFailedError), "not_authorised"),
    ((TooLarge, MessageSizeTooLargeError), "record_too_large"),
    ((AuthenticationFailedError, SaslAuthenticationFailed), "not_authorised"),
    ((ssl.SSLError,), "tls"),
    ((KafkaTimeoutError, RequestTimedOutError, TimeoutError, asyncio.TimeoutError, NotEnoughReplicasError), "timeout"),
    ((KafkaConnectionError, ConnectionError, OSError), "unreachable"),
    ((ProducerFenced, OutOfOrderSequenceNumber, BrokerResponseError), "refused"),
    ((KafkaError,), "refused"),
)


def meaning(error: BaseException) -> Failure:
    """Return what an error of aiokafka, or of ours, means."""
    for kinds, failure in _MEANINGS:
        if isinstance(error, kinds):
            return failure
    return "other"
