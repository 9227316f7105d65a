"""A record: an event on its way to a topic, with its CloudEvents 1.0 headers (Kafka binary mode).

The log stores records, Kafka carries them, consumers read them: this is the one place that knows the headers.
"""

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

import msgspec

from .ids import LogId, Position

Header = tuple[str, bytes]

# RFC 3339 with Z, within quotes, and several times faster than isoformat.
_json: Final = msgspec.json.Encoder().encode

SPEC_VERSION: Final[Header] = ("ce_specversion", b"1.0")
CONTENT_TYPE: Final[Header] = ("content-type", b"application/json")
# W3C Trace Context: 16 bytes in lower-case hexadecimal, not all zero.
_TRACE_ID: Final = re.compile(r"(?!0{32})[0-9a-f]{32}")

TYPE_PREFIX: Final = "meetwire."
SOURCE_PREFIX: Final = "urn:meetwire:"


class Record(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One event, encoded, with all that Kafka is told of it. `partition` is the one that Kafka will give the key."""

    topic: str
    """Without the installation's prefix."""
    partition: int
    key: str
    id: str
    type: str
    """The event's class name."""
    enterprise: str
    occurred_at: datetime
    received_ms: int
    """Kafka's record timestamp, so that retention counts from arrival; where that lies ahead, when it is published."""
    trace: str
    """A W3C traceparent."""
    value: bytes
    epoch: int | None = None
    """The subscription's, for meeting pushes; rises with every new owner or connection."""

    def __repr__(self) -> str:
        """Show where it goes, never what it says."""
        return f"<Record {self.type} {self.id} to {self.topic}/{self.partition}>"

    def headers(self, log: LogId, position: Position) -> list[Header]:
        """Return the headers of this record at `position` of `log`."""
        headers = [
            *constant_headers(self.type, self.enterprise),
            ("ce_id", self.id.encode()),
            ("ce_time", spell_time(self.occurred_at)),
            ("ce_subject", self.key.encode()),
            ("traceparent", self.trace.encode()),
            ("mw_log", log.encode()),
            ("mw_position", b"%d" % position),
        ]
        if self.epoch is not None:
            headers.append(("mw_epoch", b"%d" % self.epoch))
        return headers


@lru_cache(256)
def constant_headers(event_type: str, enterprise: str) -> tuple[Header, ...]:
    """Return the headers that come first, the same for all records of this type and enterprise."""
    return (
        SPEC_VERSION,
        CONTENT_TYPE,
        ("ce_type", f"{TYPE_PREFIX}{event_type}.v1".encode()),
        ("ce_source", (SOURCE_PREFIX + enterprise).encode()),
    )


def spell_time(at: datetime) -> bytes:
    """Return the text of `ce_time`."""
    return _json(at)[1:-1]


class Stored(msgspec.Struct, frozen=True, gc=False):
    """A record with its place in a log."""

    log: LogId
    position: Position
    record: Record
    kafka_offset: int | None = None
    """None where it was not read from Kafka."""

    @property
    def offset(self) -> int:
        """Where it stands in what it was read from: rises within a partition, and is the same for every reader."""
        return self.position if self.kafka_offset is None else self.kafka_offset


class Unrecordable(Exception):
    """A Kafka message lacks a header that every record of ours has; `header` names it."""

    def __init__(self, header: str) -> None:
        super().__init__(f"no usable header {header}")
        self.header = header


def from_kafka(
    *,
    topic: str,
    partition: int,
    timestamp_ms: int,
    key: bytes | None,
    value: bytes | None,
    headers: Sequence[tuple[str, bytes | None]],
    offset: int | None = None,
) -> Stored:
    """Return what a Kafka message says, `topic` without prefix. Raises Unrecordable for one that is not ours."""
    (kind, source, event_id, time, trace, log, position), epoch = _in_order(headers) or _by_name(headers)
    try:
        record = Record(
            topic,
            partition,
            (key or b"").decode(),
            event_id.decode(),
            _type(kind),
            _enterprise(source),
            _instant(time),
            timestamp_ms,
            trace.decode(),
            value or b"",
            None if epoch is None else int(epoch),
        )
        return Stored(_log(log), Position(int(position)), record, offset)
    except ValueError:
        raise Unrecordable("of a readable form") from None


_NAMES: Final = ("ce_type", "ce_source", "ce_id", "ce_time", "traceparent", "mw_log", "mw_position")
_Told = tuple[tuple[bytes, bytes, bytes, bytes, bytes, bytes, bytes], bytes | None]
"""The texts under `_NAMES`, and the epoch."""


def _in_order(headers: Sequence[tuple[str, Any]]) -> _Told | None:
    """Return what headers say that stand as `Record.headers` writes them, else None. Twice as fast as by name."""
    epoch = None
    if len(headers) == 11 and headers[10][0] == "mw_epoch":
        epoch, headers = headers[10][1], headers[:10]
    if len(headers) != 10:
        return None
    _, _, (n1, kind), (n2, source), (n3, event_id), (n4, time), _, (n5, trace), (n6, log), (n7, position) = headers
    texts = (kind, source, event_id, time, trace, log, position)
    return (texts, epoch) if (n1, n2, n3, n4, n5, n6, n7) == _NAMES and None not in texts else None


def _by_name(headers: Sequence[tuple[str, bytes | None]]) -> _Told:
    # Kafka allows a header without a value; ours always have one.
    found = {name: text for name, text in headers if text is not None}
    try:
        kind, source, event_id, time, trace, log, position = (found[name] for name in _NAMES)
    except KeyError as error:
        raise Unrecordable(str(error.args[0])) from None
    return (kind, source, event_id, time, trace, log, position), found.get("mw_epoch")


# A few values, over and over.
@lru_cache(256)
def _type(text: bytes) -> str:
    return text.decode().removeprefix(TYPE_PREFIX).removesuffix(".v1")


@lru_cache(256)
def _enterprise(text: bytes) -> str:
    return text.decode().removeprefix(SOURCE_PREFIX)


@lru_cache(256)
def _log(text: bytes) -> LogId:
    return LogId(text.decode())


def _instant(text: bytes) -> datetime:
    at = datetime.fromisoformat(text.decode())
    if at.tzinfo is None:
        raise ValueError("a time without an offset")
    return at


def traceparent(event_id: str, request_id: str | None) -> str:
    """Return a W3C traceparent: the service's X-Request-ID is the trace where it has that form, else the event's id.

    `event_id` begins with 32 hexadecimal digits. Derived, not drawn: the same push has the same trace everywhere.
    """
    trace = request_id if request_id and _TRACE_ID.fullmatch(request_id) else event_id[:32]
    return f"00-{trace}-{event_id[16:32]}-01"


def content_id(*parts: object) -> str:
    """Return 32 hexadecimal digits for the JSON of `parts`: the frozen derivation behind every `ce_id`.

    SHA-256 over the compact JSON array, its first 16 bytes. Changing this makes every retry a new event.
    """
    return hashlib.sha256(_json(parts)).hexdigest()[:32]


def partition_of(key: str, partitions: int) -> int:
    """Return the partition that Kafka's default partitioner gives `key`: positive murmur2, modulo."""
    return _murmur2(key.encode()) % partitions


@lru_cache(65536)
def _murmur2(data: bytes) -> int:
    # The constants and steps of org.apache.kafka.common.utils.Utils.murmur2, in 32-bit arithmetic.
    m, mask = 0x5BD1E995, 0xFFFFFFFF
    h = 0x9747B28C ^ len(data)
    whole = len(data) & ~3
    for i in range(0, whole, 4):
        k = (int.from_bytes(data[i : i + 4], "little") * m) & mask
        k = ((k ^ (k >> 24)) * m) & mask
        h = ((h * m) & mask) ^ k
    if rest := data[whole:]:
        h = ((h ^ int.from_bytes(rest, "little")) * m) & mask
    h = ((h ^ (h >> 13)) * m) & mask
    return (h ^ (h >> 15)) & 0x7FFFFFFF
