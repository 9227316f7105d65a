"""The topics are declared once, each event is on one of them, and the declarations hold to Kafka's limits."""

import re
from collections import Counter
from typing import get_args

import pytest

from deploy.contract.samples import samples
from schemas.events import AnyEvent
from schemas.settings import DEFAULT_PARTITIONS, Kafka
from schemas.topics import MAX_VALUE_BYTES, TOPICS, Topic, TopicName


def test_every_name_has_its_declaration() -> None:
    """TopicName and TOPICS name the same topics, in the same order."""
    assert get_args(TopicName) == tuple(TOPICS) == tuple(topic.name for topic in TOPICS.values())


def test_every_event_is_on_one_topic() -> None:
    """No event is on two topics, none on none: the topic of an event needs no look-up table."""
    assert Counter(event for topic in TOPICS.values() for event in topic.events) == Counter(get_args(AnyEvent))


@pytest.mark.parametrize("topic", TOPICS.values(), ids=TOPICS)
def test_a_declaration_says_all_of_a_topic(topic: Topic) -> None:
    """Domain, plural noun, version; and in sentences what it is for and what is personal in it."""
    assert re.fullmatch(r"meeting\.[a-z]+\.v[1-9]", topic.name)
    assert re.fullmatch(r"[A-Z].+\.", topic.purpose)
    assert re.fullmatch(r"[A-Z].+\.", topic.personal)
    assert topic.key
    assert topic.retention_days > 0


def test_the_default_number_of_partitions_is_one_number() -> None:
    """Settings, log and contract begin with the same number of partitions."""
    assert Kafka(servers=("k:1",)).partitions == DEFAULT_PARTITIONS


def test_samples_are_on_the_topic_of_their_event() -> None:
    """Each stored record lies where its event belongs."""
    expected = {event.__name__: topic.name for topic in TOPICS.values() for event in topic.events}

    assert {name: sample.topic for name, sample in samples().items()} == expected


def test_the_largest_value_leaves_room_for_key_and_headers() -> None:
    """Kafka's default limit for a batch is 1 MiB; a quarter of it is left for all that is not the value."""
    assert MAX_VALUE_BYTES == 1_048_576 * 3 // 4
