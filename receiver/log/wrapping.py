"""What Kafka has around a record's value: the key before it, the headers after it (message format version 2). Pure.

Made once, when a record is appended, and kept beside it: then publishing is to put together what stands ready. aiokafka
wants the headers of each record as a list of pairs; to make that list and take it apart again is most of what it costs.
"""

from collections.abc import Iterable
from functools import lru_cache

from schemas.ids import LogId, Position
from schemas.record import Record, constant_headers, spell_time


# One function, in which all that can be is looked up: this is done for every record, and a call of ours takes as long
# as to copy a kilobyte.
def wraps_of(records: Iterable[Record], log: LogId, first: Position) -> list[bytes]:
    """Return for each record, `first` being where the first stands, what comes before its value and what after it."""
    wraps: list[bytes] = []
    log_header = _named("mw_log", len(log)) + log.encode()
    for position, record in enumerate(records, first):
        key, epoch = record.key.encode(), record.epoch
        event_id, at, trace = record.id.encode(), spell_time(record.occurred_at), record.trace.encode()
        place = b"%d" % position
        after = b"".join(
            (
                _constant(record.type, record.enterprise, epoch is not None),
                _named("ce_id", len(event_id)),
                event_id,
                _named("ce_time", len(at)),
                at,
                _named("ce_subject", len(key)),
                key,
                _named("traceparent", len(trace)),
                trace,
                log_header,
                _named("mw_position", len(place)),
                place,
                b"" if epoch is None else _epoch(epoch),
            )
        )
        wraps += (varint(len(key)) + key + varint(len(record.value)), after)
    return wraps


@lru_cache(16_384)
def varint(number: int) -> bytes:
    """Return a whole number as Kafka has it: zigzag, then seven bits a byte, the lowest first."""
    left = number * 2 if number >= 0 else number * -2 - 1
    spelt = bytearray()
    while left > 0x7F:
        spelt.append(left & 0x7F | 0x80)
        left >>= 7
    spelt.append(left)
    return bytes(spelt)


def _epoch(epoch: int) -> bytes:
    text = b"%d" % epoch
    return _named("mw_epoch", len(text)) + text


@lru_cache(1024)
def _constant(event_type: str, enterprise: str, with_epoch: bool) -> bytes:
    """Return how many headers there are, and those that many records have in common."""
    constant = constant_headers(event_type, enterprise)
    pieces = [varint(len(constant) + 6 + with_epoch)]
    for name, text in constant:
        pieces += (_named(name, len(text)), text)
    return b"".join(pieces)


@lru_cache(1024)
def _named(name: str, length: int) -> bytes:
    """Return a header up to its text, which has this length."""
    return varint(len(name)) + name.encode() + varint(length)
