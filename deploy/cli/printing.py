"""Print tables and JSON. What strangers wrote cannot command the terminal."""

import sys
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from consumers.tail.text import pad, safe, width

# JSON leaves them as they are, and terminals heed some of them; in its strings, the only place, they can be escaped.
_CONTROLS: Final = {
    code: f"\\u{code:04x}" for code in (*range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
}


def as_json(found: Any) -> None:
    """Print one document."""
    text = msgspec.json.format(msgspec.json.encode(found), indent=2).decode()
    sys.stdout.write(text.translate(_CONTROLS) + "\n")


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table with columns as wide as they have to be."""
    cells = [list(head), *([safe(cell) for cell in row] for row in rows)]
    widths = [max(width(row[column]) for row in cells) for column in range(len(head))]
    for row in cells:
        print("  ".join(pad(cell, columns) for cell, columns in zip(row, widths, strict=True)).rstrip())
