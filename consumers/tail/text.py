"""Make text safe and measurable for a terminal. Pure.

A display name is a stranger's text. It may hold escape sequences that move the cursor, retitle the window or write to
the clipboard, and marks that turn the reading direction: none of them reaches the terminal.
"""

import unicodedata
from typing import Final

# Unicode's categories of what has no glyph of its own: control, format, surrogate, private use, unassigned, and the
# separators of lines and paragraphs.
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Joiners make one emoji of several, and letters of some scripts meet in them; they move nothing.
_HARMLESS: Final = frozenset("\u200c\u200d")
_ZERO_WIDTH: Final = frozenset({"Mn", "Me", "Cf"})


def safe(text: str) -> str:
    """Return `text` with a visible sign for each character that could command a terminal: ␛ for escape."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_sign(character) if unseen(character) else character for character in text)


def unseen(character: str) -> bool:
    """Whether a terminal shows nothing for `character`, and may do something at it."""
    return character not in _HARMLESS and unicodedata.category(character) in _UNSEEN


def width(text: str) -> int:
    """Return how many columns a terminal gives `text`: two for a Chinese character or an emoji, none for an accent."""
    return len(text) if text.isascii() else sum(_columns(character) for character in text)


def pad(text: str, columns: int) -> str:
    """Return `text` with spaces up to `columns`; a longer one as it is."""
    return text + " " * (columns - width(text))


def cut(text: str, columns: int) -> str:
    """Return `text`, its end an ellipsis where it is wider than `columns`."""
    used = keep = 0
    for place, character in enumerate(text, 1):
        used += _columns(character)
        if used > columns:
            return text[:keep] + "…"
        if used < columns:
            keep = place
    return text


def _sign(character: str) -> str:
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _columns(character: str) -> int:
    if unicodedata.category(character) in _ZERO_WIDTH:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
