"""What files for players and browsers can hold of a text. Pure."""

from typing import Final

_REPLACEMENT: Final = "\ufffd"
# C0 without the tab, DEL, and C1. Line breaks are gone by then.
_CONTROLS: Final = {code: _REPLACEMENT for code in (*range(9), *range(10, 32), *range(127, 160))}


def block(text: str) -> str:
    """Return a text with newlines for whatever broke its lines, without blank lines and control characters."""
    if text.isprintable():
        # As a rule; it has no line break then.
        return "" if text.isspace() else text
    return "\n".join(line.translate(_CONTROLS) for line in text.splitlines() if line.strip())


def one_line(text: str) -> str:
    """Return a text as one line, without spaces around it."""
    return block(text).replace("\n", " ").strip()
