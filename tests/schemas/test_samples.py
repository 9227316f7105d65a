"""The stored samples are what the receiver makes of real pushes, signature included."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from deploy.contract.samples import Sample, samples
from receiver.decode import EnterprisePush, Unreadable, decode
from receiver.delivery import Delivery
from receiver.entry import Terms, enter
from receiver.entry_frames import enter_frame
from receiver.frames import Frame, Push, read_frame
from receiver.verify import Account, verify
from schemas.events import decode as decode_event
from schemas.events import encode
from schemas.ids import EnterpriseName, SubscriberId
from schemas.record import Record, from_kafka
from schemas.topics import ALERTS, CAPTIONS, PARTICIPANTS, QUALITY, SPEAKERS, STATE, TOPICS

ACCOUNTS = {SubscriberId("123456789"): Account(enterprise=EnterpriseName("acme"), passwords=(b"123456",))}
FROM_SOCKETS = {STATE, PARTICIPANTS, SPEAKERS, QUALITY, CAPTIONS}
TERMS = Terms(partitions=12, horizon=timedelta(hours=25))
# Signed pushes have a time of sending of their own; frames of meeting pushes are not signed.
OF_PUSHES = sorted(name for name, sample in samples().items() if {"original", "sent_at"} <= set(sample.event))
OF_MEETINGS = {event.__name__ for topic in TOPICS.values() if topic.name in FROM_SOCKETS for event in topic.events}
OF_ALERTS = {event.__name__ for event in TOPICS[ALERTS].events}


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


def test_samples_of_signed_pushes_are_all_but_those_of_consumers_and_of_meeting_pushes() -> None:
    """The test above looked at every event that an enterprise push can become."""
    assert set(samples()) - set(OF_PUSHES) == {"RecordDeadLettered"} | OF_ALERTS | OF_MEETINGS


def test_the_frame_in_a_sample_becomes_that_sample() -> None:
    """A caption has its frame in it, byte for byte: what stands in the contract is what the receiver writes."""
    sample = samples()["CaptionSpoken"]
    record, event = record_of(sample), sample.event
    frame = Frame(
        enterprise=record.enterprise,
        meeting_id=event["meeting_id"],
        meeting_uuid=event["meeting_uuid"],
        epoch=int(sample.headers["mw_epoch"]),
        received_at=datetime.fromisoformat(event["received_at"]),
        body=event["original"].encode(),
    )
    push = read_frame(frame)
    assert isinstance(push, Push)

    assert enter_frame(frame, push, partitions=12, mask=False).records == (record,)


def test_a_sample_with_a_mistyped_member_is_refused() -> None:
    """A slip in a sample's file is not read over."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"topik": "x"}', type=Sample)
