"""Describe the headers of a record: CloudEvents 1.0 in Kafka's binary mode, and where the record comes from."""

import re
from typing import Any, Final

from schemas.record import SOURCE_PREFIX, TYPE_PREFIX

# Name, what it says, and the form that every one of ours has.
HEADERS: Final[dict[str, tuple[str, str]]] = {
    "ce_specversion": ("The version of CloudEvents.", r"^1\.0$"),
    "content-type": ("The form of the value.", "^application/json$"),
    "ce_type": ("The event's name and the version of its topic.", rf"^{re.escape(TYPE_PREFIX)}[A-Za-z]+\.v1$"),
    "ce_source": (
        "The enterprise, by the name that the installation gave it; no name on ReceiverAlive, which is of none.",
        f"^{SOURCE_PREFIX}",
    ),
    "ce_id": (
        "The event's id, derived from its content: the same for every retry, through whatever replica. "
        "A record that is seen twice under one id is one event.",
        "^[0-9a-f]{32}-[0-9]+$",
    ),
    "ce_time": ("When it happened, UTC.", "Z$"),
    "ce_subject": ("The key again.", ""),
    "traceparent": (
        "W3C Trace Context; the service's X-Request-ID is the trace where it gave one.",
        "^00-[0-9a-f]{32}-",
    ),
    "mw_log": ("The log that the record was appended to.", "^[0-9a-f]{32}$"),
    "mw_position": (
        "The record's place in that log. Drop what does not rise per mw_log and partition: it is a repeat.",
        "^[1-9][0-9]*$",
    ),
    "mw_epoch": (
        "The subscription's, on records from meeting pushes alone; rises with every new owner or connection. "
        "Ignore state of an older epoch.",
        "^[0-9]+$",
    ),
}
OPTIONAL: Final = frozenset({"mw_epoch"})


def headers_schema() -> dict[str, Any]:
    """Return the schema of a record's headers. All are UTF-8 text on the wire, numbers in decimal digits."""
    return {
        "type": "object",
        "title": "Headers",
        "description": "CloudEvents 1.0, Kafka protocol binding, binary mode; ours begin with mw_.",
        "required": [name for name in HEADERS if name not in OPTIONAL],
        "properties": {name: _header(*said) for name, said in HEADERS.items()},
    }


def _header(text: str, pattern: str) -> dict[str, str]:
    return {"type": "string", "description": text, **({"pattern": pattern} if pattern else {})}
