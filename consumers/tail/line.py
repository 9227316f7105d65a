"""Write one event as one line for a person to read. Pure, but for the names that went by.

    2026-07-01 14:03:07  joined       acme      987654321    张三  CHAIR  WeLink-desktop  +12 s

Time, what happened, enterprise, meeting, who; and how late it came, where that is worth a look.
"""

import msgspec

from schemas.events import decode
from schemas.record import Record

from .details import details
from .happened import happened
from .look import DIM, RED, Look, painted, shown
from .names import Names
from .text import pad


def line(record: Record, look: Look, names: Names | None = None) -> str:
    """Return the line, without its end. What this version cannot read has one too. Takes note of names."""
    word, colour, told = _said(record, look, names or Names())
    columns = (
        painted(f"{record.occurred_at.astimezone(look.zone):%Y-%m-%d %H:%M:%S}", DIM, look),
        painted(pad(word, 11), colour, look),
        pad(shown(record.enterprise), 8),
        pad(shown(record.key), 11),
        *(shown(detail) for detail in told if detail),
    )
    return "  ".join(columns).rstrip()


def _said(record: Record, look: Look, names: Names) -> tuple[str, str, list[str | None]]:
    try:
        event = decode(record.value)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return "unreadable", RED, [record.type]
    names.see(event)
    return *happened(event), details(event, look, names)
