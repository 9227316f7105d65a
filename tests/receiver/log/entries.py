"""Entries for the tests of the log and the forwarder: numbered, so that each is told from every other."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from receiver.entry import Entry, SeenId
from schemas.record import Record, content_id, partition_of, traceparent
from schemas.topics import LIFECYCLE

PARTITIONS: Final = 4
AT: Final = datetime(2026, 7, 14, 9, tzinfo=UTC)
AT_MS: Final = int(AT.timestamp() * 1000)


def record(
    number: int, part: int = 0, *, key: str | None = None, topic: str = LIFECYCLE, value: bytes = b"", received_ms: int
) -> Record:
    """Return the record `part` of push `number`; without a value of its own, one that says which it is."""
    key = key or f"m-{number % 20}"
    identity = content_id("test", number)
    return Record(
        topic=topic,
        partition=partition_of(key.encode(errors="replace").decode(), PARTITIONS),
        key=key,
        id=f"{identity}-{part}",
        type="MeetingStarted",
        enterprise="acme",
        occurred_at=AT,
        received_ms=received_ms,
        trace=traceparent(identity, None),
        value=value or b'{"push":%d,"part":%d}' % (number, part),
    )


def entry(
    number: int,
    *,
    records: int = 1,
    at_ms: int = AT_MS,
    received_ms: int = AT_MS,
    key: str | None = None,
    value: bytes = b"",
) -> Entry:
    """Return the entry of push `number`, known by an id of its own."""
    parts = tuple(record(number, part, key=key, value=value, received_ms=received_ms) for part in range(records))
    return Entry(parts, SeenId(at_ms, bytes.fromhex(content_id("test", number))))


def nameless(number: int) -> Entry:
    """Return an entry that no retry is known by."""
    return Entry(entry(number).records, None)
