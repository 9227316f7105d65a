"""Spell server-sent events, as the HTML standard, section 9.2, has them. Pure."""

from typing import Final

import msgspec

from schemas.record import SOURCE_PREFIX, TYPE_PREFIX, Stored

KEEPALIVE: Final = b":\n\n"

_encode: Final = msgspec.json.Encoder().encode


def event(name: str, content: object) -> bytes:
    """Return one event; JSON of msgspec's holds no line break."""
    return b"event: %b\ndata: %b\n\n" % (name.encode(), _encode(content))


def place(cursor: str) -> bytes:
    """Return the line before an event that makes `cursor` the reader's Last-Event-ID."""
    return b"id: %b\n" % cursor.encode()


def placed(cursor: str) -> bytes:
    """Return the same without an event."""
    return place(cursor) + b"\n"


def record(stored: Stored) -> bytes:
    """Return a record as a CloudEvent in JSON, its value as it is: our own JSON holds no line break, but a stranger's
    may, and between members it means nothing."""
    one = stored.record
    value = one.value
    if b"\n" in value or b"\r" in value:
        value = value.replace(b"\r", b" ").replace(b"\n", b" ")
    head = _encode(
        {
            "specversion": "1.0",
            "id": one.id,
            "source": SOURCE_PREFIX + one.enterprise,
            "type": f"{TYPE_PREFIX}{one.type}.v1",
            "time": one.occurred_at,
            "subject": one.key,
            "datacontenttype": "application/json",
            "topic": one.topic,
            "partition": one.partition,
            "epoch": one.epoch,
        }
    )
    return b'data: %b,"data":%b}\n\n' % (head[:-1], value or b"null")
