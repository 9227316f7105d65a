"""How lines look, and how a stranger's text becomes a part of one. Pure."""

from datetime import tzinfo
from typing import Final

import msgspec

from .text import cut, safe

GREEN, YELLOW, RED, BLUE, CYAN, DIM = "32", "33", "1;31", "34", "36", "2"

# A name is as long as its owner likes; an id, a path or a number is never cut.
NAME_COLUMNS: Final = 40
MOST_COLUMNS: Final = 80


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """How lines look. `zone` None is the machine's own."""

    zone: tzinfo | None = None
    colour: bool = False
    names: bool = True
    """False: neither names, accounts, numbers and subjects, nor what was said."""


def shown(text: str, columns: int = MOST_COLUMNS) -> str:
    """Return `text` as it may stand in a line, cut to `columns`."""
    # A text may be as large as a record; no more of it is looked at than a line could need.
    return cut(safe(text[: 4 * columns]), columns)


def painted(text: str, colour: str, look: Look) -> str:
    """Return `text` in its colour, where colours are wanted."""
    return f"\x1b[{colour}m{text}\x1b[0m" if look.colour else text
