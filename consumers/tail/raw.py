"""Write one record as one line of JSON: all that Kafka is told of it, and the value as it is. Pure."""

import base64
from typing import Any

import msgspec

from schemas.record import Stored

from .text import unseen


def raw(stored: Stored, *, terminal: bool) -> str:
    """Return the line, without its end; for a terminal with what could command it as JSON's own escapes."""
    record = stored.record
    told: dict[str, Any] = {
        "topic": record.topic,
        "partition": record.partition,
        "key": record.key,
        "timestamp_ms": record.received_ms,
        "headers": {name: value.decode() for name, value in record.headers(stored.log, stored.position)},
        **_value(record.value),
    }
    text = msgspec.json.encode(told).decode()
    if not terminal or (text.isascii() and text.isprintable()):
        return text
    return "".join(_escaped(character) if unseen(character) else character for character in text)


def _value(value: bytes) -> dict[str, Any]:
    try:
        value.decode()
        # One line, whatever the spaces of somebody else's writer.
        return {"value": msgspec.Raw(msgspec.json.format(value, indent=-1))}
    except ValueError:
        return {"value_base64": base64.b64encode(value).decode()}


def _escaped(character: str) -> str:
    # Unseen characters stand inside strings alone, where an escape means the same.
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))
