"""A batch of records on its way to the receiver that appends them: how it is cut, written and read. Pure.

Only what consumers decide themselves is taken: alerts and what belongs to them, and dead letters. A fault in a consumer
then cannot write a push, a caption or a sign of life that never was.
"""

from collections.abc import Iterator, Sequence
from typing import Final, get_args

import msgspec

from schemas.base import Event
from schemas.events import AlertEvent, RecordDeadLettered, decode
from schemas.locallog import decode_records, encode_records
from schemas.record import Record, partition_of
from schemas.topics import ALERTS, MAX_VALUE_BYTES, UNRECOGNISED

MAX_BODY: Final = 4_194_304
MAX_RECORDS: Final = 1_000
# Of keys and values together; with all the rest it stays well below the body's limit. One record always fits.
_PORTION_BYTES: Final = 1_048_576
_PORTION_RECORDS: Final = 500
_WRITABLE: Final[dict[str, tuple[type[Event], ...]]] = {
    ALERTS: get_args(AlertEvent),
    UNRECOGNISED: (RecordDeadLettered,),
}
# Of the ID, the enterprise and the trace, which are headers in Kafka.
_MAX_HEADER: Final = 1_024
# The year 10000, which no time that a reader can hold is beyond.
_MAX_MS: Final = 253_402_300_800_000


class Unappendable(Exception):
    """A batch that is not taken. The message says why, without what stands in it."""


def bodies(records: Sequence[Record]) -> Iterator[bytes]:
    """Yield the bodies that bring these records over, in order, each within the limits."""
    portion, size = list[Record](), 0
    for record in records:
        more = _size(record)
        if portion and (size + more > _PORTION_BYTES or len(portion) >= _PORTION_RECORDS):
            yield encode_records(portion)
            portion, size = [], 0
        portion.append(record)
        size += more
    if portion:
        yield encode_records(portion)


def read(body: bytes, partitions: int) -> list[Record]:
    """Return the records of a body for a log with so many partitions. Raises Unappendable."""
    try:
        records = decode_records(body)
    except msgspec.MsgspecError:
        raise Unappendable("no batch of records: is the consumer of another version?") from None
    if not 0 < len(records) <= MAX_RECORDS:
        raise Unappendable(f"a batch has 1 to {MAX_RECORDS} records, this one {len(records)}")
    for number, record in enumerate(records):
        if (why := _fault(record, partitions)) is not None:
            raise Unappendable(f"record {number}: {why}")
    return records


def _size(record: Record) -> int:
    return len(record.value) + 2 * len(record.key.encode())


def _fault(record: Record, partitions: int) -> str | None:
    """Return why a record is not taken; None: it is."""
    kinds = _WRITABLE.get(record.topic)
    if kinds is None:
        return f"only to {' and '.join(_WRITABLE)} may a consumer write"
    if _size(record) > MAX_VALUE_BYTES:
        return f"value and key are larger than {MAX_VALUE_BYTES} bytes"
    if not 0 <= record.partition < partitions:
        return f"its partition is none of this log's {partitions}"
    # A dead letter lies where the record lay that it tells of.
    if record.topic == ALERTS and record.partition != partition_of(record.key, partitions):
        return f"its partition is not that of its key among {partitions}"
    return _header_fault(record) or _value_fault(record, kinds)


def _header_fault(record: Record) -> str | None:
    if not record.id or max(len(record.id), len(record.enterprise), len(record.trace)) > _MAX_HEADER:
        return f"its ID, enterprise or trace is missing or longer than {_MAX_HEADER} characters"
    if record.occurred_at.tzinfo is None or not 0 <= record.received_ms < _MAX_MS:
        return "its times are none"
    if record.epoch is not None:
        return "it has an epoch, as only what came from a socket does"
    return None


def _value_fault(record: Record, kinds: tuple[type[Event], ...]) -> str | None:
    try:
        event = decode(record.value)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return "its value is no event of this version"
    if type(event) not in kinds or record.type != type(event).__name__:
        return f"its value is none of {', '.join(kind.__name__ for kind in kinds)}, or another than its type says"
    return None
