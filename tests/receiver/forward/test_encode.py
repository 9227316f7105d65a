"""A batch is what aiokafka's own encoder makes of the same records, byte for byte."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from aiokafka.record.default_records import DefaultRecordBatchBuilder
from hypothesis import given
from hypothesis import strategies as st

from receiver.forward.encode import OVERHEAD, Placed, Producer, encode
from receiver.log.wrapping import wraps_of
from schemas.ids import LogId, Position
from schemas.record import Record
from schemas.topics import LIFECYCLE

LOG = LogId("0f1e2d3c4b5a69788796a5b4c3d2e1f0")
LONGEST = 100_000

words = st.text(st.characters(codec="utf-8"), max_size=100)
records = st.builds(
    Record,
    topic=st.just(LIFECYCLE),
    partition=st.just(3),
    key=words,
    id=words,
    type=words,
    enterprise=words,
    occurred_at=st.datetimes(timezones=st.just(UTC)),
    # Deltas of either sign, and of every length.
    received_ms=st.integers(0, 2**45) | st.integers(1_772_413_200_000, 1_772_413_210_000),
    trace=words,
    value=st.binary(max_size=200) | st.just(b"x" * 20_000),
    epoch=st.none() | st.integers(0, 2**40),
)
producers = st.builds(Producer, st.integers(0, 2**62), st.integers(0, 2**15 - 1))
positions = st.integers(1, 2**50).map(Position)


def placed(some: Sequence[Record], first: Position) -> list[Placed]:
    """Return records that follow each other in the log, ready to go."""
    around = iter(wraps_of(some, LOG, first))
    return [
        (position, record.received_ms, next(around), record.value, next(around))
        for position, record in enumerate(some, first)
    ]


def theirs(some: Sequence[Record], first: Position, producer: Producer, sequence: int, most: int) -> tuple[bytes, int]:
    """Return the batch that aiokafka makes, and how many records it took."""
    builder: Any = DefaultRecordBatchBuilder(2, 0, 0, *producer, sequence, most)
    for number, record in enumerate(some):
        headers = record.headers(LOG, Position(first + number))
        if builder.append(number, record.received_ms, record.key.encode(), record.value, headers) is None:
            return bytes(builder.build()), number
    return bytes(builder.build()), len(some)


@given(
    some=st.lists(records, min_size=1, max_size=20),
    first=positions,
    producer=producers,
    sequence=st.integers(0, 2**31 - 1),
    most=st.integers(OVERHEAD, 60_000) | st.just(10**6),
)
def test_a_batch_is_what_kafka_reads(
    some: list[Record], first: Position, producer: Producer, sequence: int, most: int
) -> None:
    """Whatever the records and the room there is; as many are taken as fit, and one at least."""
    head, body, count = encode(placed(some, first), producer, sequence, most_bytes=most)

    assert (head + body, count) == theirs(some, first, producer, sequence, most)


def test_the_first_goes_however_large_it_is() -> None:
    """The broker says what is too large, and the record is set aside then; here nothing is left behind."""
    record = Record(LIFECYCLE, 3, "k", "i", "T", "acme", datetime(2026, 3, 2, tzinfo=UTC), 1, "t", b"x" * LONGEST)

    _, body, count = encode(placed([record, record], Position(1)), Producer(1, 0), 0, most_bytes=OVERHEAD)

    assert count == 1
    assert len(body) > LONGEST
