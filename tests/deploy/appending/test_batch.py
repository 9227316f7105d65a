"""What goes over to the receiver, and what of it is taken."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.appending.batch import MAX_BODY, MAX_RECORDS, Unappendable, bodies, read
from schemas.locallog import encode_records
from schemas.record import Record
from schemas.topics import MAX_VALUE_BYTES
from tests.consumers.records import numbered

from .said import PARTITIONS, dead_letter, notified

ALERT = notified(1)
LARGEST = notified(1, channel="x" * (MAX_VALUE_BYTES - len(ALERT.value) - 2 * len(ALERT.key) + len("ops")))


def but(record: Record = ALERT, **changed: Any) -> bytes:
    """Return the body of one record with something else in it."""
    return encode_records([msgspec.structs.replace(record, **changed)])


@given(st.lists(st.integers(0, 300_000), max_size=12), st.integers(0, 1_200))
def test_records_come_over_whole_and_in_order(sizes: list[int], small: int) -> None:
    """However many and however large, in bodies that the other side takes."""
    records = [notified(number, channel="x" * size) for number, size in enumerate(sizes)]
    records += [ALERT] * small

    cut = list(bodies(records))

    assert [record for body in cut for record in read(body, PARTITIONS)] == records
    assert all(len(body) <= MAX_BODY for body in cut)


def test_the_largest_record_comes_over() -> None:
    """Beside others, and beside one like it."""
    records = [ALERT, LARGEST, LARGEST, dead_letter()]

    assert [record for body in bodies(records) for record in read(body, PARTITIONS)] == records


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param(b"", "no batch of records: is the consumer of another version?", id="nothing"),
        pytest.param(b"\xc1", "no batch of records: is the consumer of another version?", id="no MessagePack"),
        pytest.param(encode_records([]), "a batch has 1 to 1000 records, this one 0", id="none"),
        pytest.param(
            encode_records([ALERT] * (MAX_RECORDS + 1)), "a batch has 1 to 1000 records, this one 1001", id="too many"
        ),
        pytest.param(
            encode_records([ALERT, *numbered(1)]),
            "record 1: only to meeting.alerts.v1 and meeting.unrecognised.v1 may a consumer write",
            id="a push",
        ),
        pytest.param(
            but(LARGEST, key="m-12"), "record 0: value and key are larger than 786432 bytes", id="more than Kafka takes"
        ),
        pytest.param(
            but(partition=PARTITIONS), "record 0: its partition is none of this log's 12", id="no such partition"
        ),
        pytest.param(
            but(dead_letter(), partition=-1), "record 0: its partition is none of this log's 12", id="a negative one"
        ),
        pytest.param(
            but(key="another"), "record 0: its partition is not that of its key among 12", id="another's partition"
        ),
        pytest.param(
            but(id=""), "record 0: its ID, enterprise or trace is missing or longer than 1024 characters", id="no ID"
        ),
        pytest.param(
            but(trace="x" * 1_025),
            "record 0: its ID, enterprise or trace is missing or longer than 1024 characters",
            id="a long trace",
        ),
        pytest.param(
            but(occurred_at=datetime(2026, 7, 1)),  # noqa: DTZ001 -- that is what is refused
            "record 0: its times are none",
            id="a time without a zone",
        ),
        pytest.param(but(received_ms=-1), "record 0: its times are none", id="before time began"),
        pytest.param(but(epoch=1), "record 0: it has an epoch, as only what came from a socket does", id="an epoch"),
        pytest.param(but(value=b"{}"), "record 0: its value is no event of this version", id="no event"),
        pytest.param(
            but(dead_letter(), value=b'{"consumer":"\xff"}'),
            "record 0: its value is no event of this version",
            id="no text",
        ),
        pytest.param(
            but(type="AlertChanged"),
            "record 0: its value is none of AlertChanged, AlertSilenced, AlertAcknowledged, AlertNotified, "
            "or another than its type says",
            id="another event than it says",
        ),
        pytest.param(
            but(dead_letter(), value=numbered(1)[0].value, type=numbered(1)[0].type),
            "record 0: its value is none of RecordDeadLettered, or another than its type says",
            id="a push as a dead letter",
        ),
    ],
)
def test_what_consumers_do_not_write_is_refused(body: bytes, words: str) -> None:
    """In words that say what is wrong, and not what stands there."""
    with pytest.raises(Unappendable) as refused:
        read(body, PARTITIONS)

    assert str(refused.value) == words


@given(st.one_of(st.binary(), st.binary().map(lambda end: encode_records([ALERT])[:-30] + end)))
def test_whatever_comes_is_read_or_refused(body: bytes) -> None:
    """Nothing else is raised."""
    try:
        records = read(body, PARTITIONS)
    except Unappendable:
        return
    assert {record.topic for record in records} <= {"meeting.alerts.v1", "meeting.unrecognised.v1"}
