"""Write a record as a line of evidence, and read one. Pure.

The same record at the same place gives the same bytes, whoever writes it and when. A line has no line break in it, and
a file of lines is UTF-8 whatever the records hold: a value that is not fit to stand there stands there in base64.
"""

import base64
import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Final, Protocol

import msgspec

from schemas.archive.lines import ErasedLine, LeftLine, Line, OpenLine, SealedLine
from schemas.events import AnyEvent, decode
from schemas.ids import LogId, Position
from schemas.record import SOURCE_PREFIX, Record, Stored

from ..errors import Altered, Misconfigured
from .told import Told

_NO_VALUE: Final = msgspec.Raw(b"null")
# HMAC's two paddings (RFC 2104).
_INNER: Final = bytes(byte ^ 0x36 for byte in range(256))
_OUTER: Final = bytes(byte ^ 0x5C for byte in range(256))
# What stands in JSON as it is.
_PLAIN: Final = re.compile(r"[A-Za-z0-9-]*").fullmatch
_ERASED: Final = b'{"line":"erased",'
_encode: Final = msgspec.json.Encoder().encode
_lines: Final = msgspec.json.Decoder(Line)
_any: Final = msgspec.json.Decoder(msgspec.Raw)

Salt = Callable[[str, int, int], str]
"""From topic, partition and offset."""


class Opens(Protocol):
    """What opens a sealed line: the part of `life.sealing.Seals` that is needed here."""

    def opened(self, line: SealedLine) -> bytes | None: ...  # noqa: D102 -- as Seals says


def salting(secret: bytes) -> Salt:
    """Return what gives each place its salt: 32 hexadecimal digits, known to who has the secret, or the line.

    HMAC-SHA256 of the place, its first half; written out, with the key hashed once, it takes half the time.
    """
    padded = (secret if len(secret) <= 64 else sha256(secret).digest()).ljust(64, b"\0")
    inner, outer = sha256(padded.translate(_INNER)), sha256(padded.translate(_OUTER))

    def salt(topic: str, partition: int, offset: int) -> str:
        one, other = inner.copy(), outer.copy()
        one.update(f"{topic}/{partition}/{offset}".encode())
        other.update(one.digest())
        return other.hexdigest()[:32]

    return salt


def encoded(stored: Stored, offset: int, salt: str) -> bytes:
    """Return the line of a record that stands at `offset`, without its newline."""
    record = stored.record
    if not _PLAIN(record.id + record.trace) or not _is_fit(record.value):
        return _by_struct(stored, offset, salt)
    epoch = b"" if record.epoch is None else b',["mw_epoch","%d"]' % record.epoch
    start, middle = _frame(record.topic, record.type, record.enterprise, stored.log)
    key = _quoted(record.key)
    return b"".join(
        (
            b'%b%d,"offset":%d,"time_ms":%d,"salt":"' % (start, record.partition, offset, record.received_ms),
            salt.encode(),
            b'","key":',
            key,
            middle[0],
            record.id.encode(),
            b'"],["ce_time",',
            _encode(record.occurred_at),
            b'],["ce_subject",',
            key,
            b'],["traceparent","',
            record.trace.encode(),
            middle[1],
            b'%d"]%b],"value":' % (stored.position, epoch),
            record.value,
            b',"value_base64":null}',
        )
    )


@lru_cache(1_024)
def _frame(topic: str, kind: str, enterprise: str, log: LogId) -> tuple[bytes, tuple[bytes, bytes]]:
    """Return what lines of this kind have in common, as `_by_struct` writes it."""
    record = Record(topic, 0, "", "", kind, enterprise, datetime.fromtimestamp(0, UTC), 0, "", b"{}")
    line = _by_struct(Stored(log, Position(0), record), 0, "")
    start, rest = line.split(b'0,"offset":0,"time_ms":0,"salt":"","key":""', 1)
    before, rest = rest.split(b'"],["ce_time",', 1)
    after = rest.split(b'],["traceparent","', 1)[1].split(b'0"]],"value":', 1)[0]
    return start, (before, after)


@lru_cache(16_384)
def _quoted(text: str) -> bytes:
    return _encode(text)


def _by_struct(stored: Stored, offset: int, salt: str) -> bytes:
    """Return the line, whatever is in the record. `encoded` gives the same in a fraction of the time, where it can."""
    record = stored.record
    fit = _is_fit(record.value)
    return _encode(
        OpenLine(
            topic=record.topic,
            partition=record.partition,
            offset=offset,
            time_ms=record.received_ms,
            salt=salt,
            key=record.key,
            headers=[(name, text.decode()) for name, text in record.headers(stored.log, stored.position)],
            value=msgspec.Raw(record.value) if fit else _NO_VALUE,
            value_base64=None if fit else base64.b64encode(record.value).decode(),
        )
    )


def left(record: Record, offset: int) -> bytes:
    """Return the line that says that a record is not kept."""
    return _encode(LeftLine(topic=record.topic, partition=record.partition, offset=offset, time_ms=record.received_ms))


def leaf(line: bytes) -> bytes:
    """Return the 32 bytes that stand for a line in every tree; an erased line has those that it had."""
    if line.startswith(_ERASED):
        found = read(line)
        if isinstance(found, ErasedLine) and _encode(found) == line:
            return _unhex(found)
    return sha256(b"\x00" + line).digest()


def read(line: bytes) -> Line:
    """Return what a line says. Raises Altered for one that none of ours wrote."""
    try:
        found: Line = _lines.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise Altered("a line of evidence cannot be read") from None
    return found


def opened(line: bytes, seals: Opens | None) -> OpenLine | ErasedLine | LeftLine:
    """Return what a line says, unsealed. A line whose key was erased is an erased line.

    Raises Misconfigured where it is sealed and there is no key, Altered where it does not open.
    """
    found = read(line)
    if not isinstance(found, SealedLine):
        return found
    if seals is None:
        raise Misconfigured("the archive is sealed: captions.encryption_key_file is needed to read it")
    inner = seals.opened(found)
    if inner is None:
        return ErasedLine(
            topic=found.topic,
            partition=found.partition,
            offset=found.offset,
            time_ms=found.time_ms,
            leaf=leaf(line).hex(),
        )
    result = read(inner)
    if not isinstance(result, OpenLine) or _place(result) != _place(found):
        raise Altered(f"what is sealed at {found!r} is another record's")
    return result


def value_of(line: OpenLine) -> bytes:
    """Return the record's value, byte for byte. Raises Altered where it stands there in no readable form."""
    if line.value_base64 is None:
        return bytes(line.value)
    try:
        return base64.b64decode(line.value_base64, validate=True)
    except ValueError:
        raise Altered(f"the value of {line!r} is not base64") from None


def told(line: OpenLine, segment: str, number: int) -> Told:
    """Return what an open line tells, which is line `number` (from 0) of the segment with that key."""
    headers = dict(line.headers)
    return Told(
        segment=segment,
        line=number,
        topic=line.topic,
        partition=line.partition,
        offset=line.offset,
        time_ms=line.time_ms,
        event_id=headers.get("ce_id", ""),
        enterprise=headers.get("ce_source", "").removeprefix(SOURCE_PREFIX),
        key=line.key,
        epoch=epoch_of(headers.get("mw_epoch", "")),
        event=event_of(value_of(line)),
    )


def epoch_of(header: str) -> int | None:
    """Return what a header says; None where it is no number."""
    return int(header) if header.isascii() and header.isdigit() else None


def event_of(value: bytes) -> AnyEvent | None:
    """Return the event in a value; None where this version cannot read it."""
    try:
        return decode(value)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _is_fit(value: bytes) -> bool:
    """Whether a value comes back byte for byte where it stands in a line as it is."""
    # Spaces around it would not.
    if value[:1] != b"{" or value[-1:] != b"}" or b"\n" in value or b"\r" in value:
        return False
    try:
        if not value.isascii():
            value.decode()
        _any.decode(value)
    except (ValueError, RecursionError):
        return False
    return True


def _place(line: OpenLine | SealedLine) -> tuple[str, int, int, int]:
    return line.topic, line.partition, line.offset, line.time_ms


def _unhex(line: ErasedLine) -> bytes:
    try:
        found = bytes.fromhex(line.leaf)
    except ValueError:
        found = b""
    if len(found) != 32:
        raise Altered(f"{line!r} has no leaf")
    return found
