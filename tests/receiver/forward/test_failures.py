"""What each failure means, and how long to wait before the next try. Pure."""

from __future__ import annotations

import itertools
import ssl

import pytest
from aiokafka import errors

from receiver.forward.backoff import backoff
from receiver.forward.failures import (
    FAILURES,
    CannotSetAside,
    Failure,
    TooLarge,
    TopicsDiffer,
    TopicsMissing,
    meaning,
)
from receiver.forward.topics import require
from schemas.settings import Kafka
from schemas.topics import LIFECYCLE, TOPICS, UNRECOGNISED

CASES: list[tuple[BaseException, Failure]] = [
    (ConnectionRefusedError(), "unreachable"),
    (ConnectionResetError(), "unreachable"),
    (errors.KafkaConnectionError(), "unreachable"),
    (OSError(113, "No route to host"), "unreachable"),
    (TimeoutError(), "timeout"),
    (errors.RequestTimedOutError(), "timeout"),
    (errors.KafkaTimeoutError(), "timeout"),
    (errors.NotEnoughReplicasError(), "timeout"),
    (TopicsMissing("a"), "topic_missing"),
    (errors.UnknownTopicOrPartitionError(), "topic_missing"),
    (TopicsDiffer("a"), "topics_differ"),
    (errors.TopicAuthorizationFailedError(), "not_authorised"),
    (errors.ClusterAuthorizationFailedError(), "not_authorised"),
    (errors.SaslAuthenticationFailed(), "not_authorised"),
    (errors.AuthenticationFailedError(), "not_authorised"),
    (TooLarge(1, 2), "record_too_large"),
    (errors.MessageSizeTooLargeError(), "record_too_large"),
    (errors.InvalidReplicationFactorError(), "refused"),
    (errors.OutOfOrderSequenceNumber(), "refused"),
    (errors.ProducerFenced(), "refused"),
    (errors.KafkaError(), "refused"),
    (ssl.SSLCertVerificationError(), "tls"),
    (ssl.SSLError(), "tls"),
    (CannotSetAside(), "other"),
    (ValueError(), "other"),
    (RuntimeError(), "other"),
]


@pytest.mark.parametrize(
    ("error", "failure"), [pytest.param(*case, id=f"{type(case[0]).__name__} is {case[1]}") for case in CASES]
)
def test_every_error_has_a_meaning(error: BaseException, failure: Failure) -> None:
    """The metric's reason is one of a closed set, whatever aiokafka, the system or we raise."""
    assert meaning(error) == failure


def test_every_reason_has_an_error() -> None:
    """No reason is there for nothing."""
    assert {failure for _, failure in CASES} == set(FAILURES)


def test_delays_grow_up_to_a_bound_and_are_spread() -> None:
    """Many receivers that lost the same broker do not come back to it at once."""
    runs = [list(itertools.islice(backoff(first_s=0.1, most_s=2.0), 10)) for _ in range(200)]

    bounds = [0.1, 0.2, 0.4, 0.8, 1.6, *[2.0] * 5]
    longest = [max(delays) for delays in zip(*runs, strict=True)]
    assert all(bound / 2 < most <= bound for most, bound in zip(longest, bounds, strict=True))
    assert min(min(delays) for delays in runs) < 0.01


OURS = [f"x.{name}" for name in TOPICS]


@pytest.mark.parametrize(
    ("found", "refusal"),
    [
        pytest.param({}, TopicsMissing(", ".join(OURS)), id="none there"),
        pytest.param({f"x.{LIFECYCLE}": 3}, TopicsMissing(", ".join(OURS[1:])), id="one there"),
        pytest.param(dict.fromkeys(TOPICS, 3), TopicsMissing(", ".join(OURS)), id="others"),
        pytest.param(
            dict.fromkeys(OURS, 3) | {f"x.{UNRECOGNISED}": 4},
            TopicsDiffer(f"x.{UNRECOGNISED} has 4 partitions; kafka.partitions says 3"),
            id="one differs",
        ),
    ],
)
def test_topics_that_are_not_as_they_should_be_are_named(found: dict[str, int], refusal: Exception) -> None:
    """The message says which, and what is wrong about it."""
    with pytest.raises(type(refusal)) as raised:
        require(found, Kafka(servers=("127.0.0.1:1",), topic_prefix="x.", partitions=3))

    assert str(raised.value) == str(refusal)


def test_topics_that_are_as_they_should_be_are_good() -> None:
    """Others beside them do not matter."""
    require(
        dict.fromkeys(OURS, 3) | {"other": 1},
        Kafka(servers=("127.0.0.1:1",), topic_prefix="x.", partitions=3),
    )
