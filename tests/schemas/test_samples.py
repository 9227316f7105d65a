"""The stored samples are what the receiver makes of real pushes, signature included."""

import hashlib
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from deploy.contract.samples import Sample, samples
from receiver.decode import EnterprisePush, Unreadable, decode
from receiver.delivery import Delivery
from receiver.entry import Terms, enter
from receiver.verify import Account, verify
from schemas.events import CaptionSpoken, encode
from schemas.events import decode as decode_event
from schemas.ids import EnterpriseName, SubscriberId
from schemas.record import Record, from_kafka
from schemas.topics import CAPTIONS, PARTICIPANTS, QUALITY, SPEAKERS, STATE, TOPICS

ACCOUNTS = {SubscriberId("123456789"): Account(enterprise=EnterpriseName("acme"), passwords=(b"123456",))}
FROM_SOCKETS = {STATE, PARTICIPANTS, SPEAKERS, QUALITY, CAPTIONS}
TERMS = Terms(partitions=12, horizon=timedelta(hours=25))
# Signed pushes have a time of sending of their own; frames of meeting pushes are not signed.
OF_PUSHES = sorted(name for name, sample in samples().items() if {"original", "sent_at"} <= set(sample.event))
OF_MEETINGS = {event.__name__ for topic in TOPICS.values() if topic.name in FROM_SOCKETS for event in topic.events}


def record_of(sample: Sample) -> Record:
    """Return a sample as readers have it, its value in our spelling of JSON."""
    return from_kafka(
        topic=sample.topic,
        partition=sample.partition,
        timestamp_ms=sample.timestamp_ms,
        key=sample.key.encode(),
        value=encode(decode_event(bytes(sample.value))),
        headers=sample.raw_headers(),
    ).record


def pushed_again(event: dict[str, Any], trace: str) -> tuple[Record, ...]:
    """Return the records of a sample's own push, taken from the original in it."""
    received_at = datetime.fromisoformat(event["received_at"])
    delivery = Delivery(body=event["original"].encode(), received_at=received_at, request_id=trace.split("-")[1])
    push = decode(verify(delivery, ACCOUNTS))
    assert isinstance(push, EnterprisePush | Unreadable)
    return enter(push, TERMS).records


@pytest.mark.parametrize("name", OF_PUSHES)
def test_the_push_in_a_sample_becomes_that_sample(name: str) -> None:
    """What stands in the contract as an example is what the receiver writes, byte for byte and id for id."""
    record = record_of(samples()[name])

    assert pushed_again(samples()[name].event, record.trace) == (record,)


def test_samples_of_signed_pushes_are_all_but_dead_letters_and_those_of_meeting_pushes() -> None:
    """The test above looked at every event that an enterprise push can become."""
    assert set(samples()) - set(OF_PUSHES) == {"RecordDeadLettered"} | OF_MEETINGS


def test_a_caption_and_its_original_agree() -> None:
    """The frame that the sample says it came from is there, byte for byte, and says the same."""
    caption = decode_event(bytes(samples()["CaptionSpoken"].value))
    assert isinstance(caption, CaptionSpoken)
    assert caption.original is not None

    frame = msgspec.json.decode(caption.original)

    assert hashlib.sha256(caption.original.encode()).hexdigest() == caption.original_sha256
    assert [line.text for line in caption.lines] == [one["translateText"] for one in frame["data"]["msgs"]]
    assert (caption.meeting_id, caption.message_id) == (frame["confID"], frame["msgID"])


def test_a_sample_with_a_mistyped_member_is_refused() -> None:
    """A slip in a sample's file is not read over."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"topik": "x"}', type=Sample)
