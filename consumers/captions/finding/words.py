"""Make words of texts and of what is asked, as the full-text index wants them. Pure.

Chinese, Japanese and Korean put no spaces between words, and SQLite's tokenizer takes a run of their characters for
one word. So every such character is set apart, in what is indexed and in what is asked alike, and a run of them is
asked for as a phrase: a word of one or two characters is found wherever it stands. Punctuation is no part of a phrase.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

# Radicals, kana, bopomofo, ideographs with all their extensions, and hangul syllables (Unicode, Blocks.txt).
_SET_APART: Final = re.compile(
    "["
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u303c\u3041-\u30ff\u3100-\u318f\u31a0-\u31bf\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff"
    "\U00016fe0-\U00018fff\U0001b000-\U0001b2ff\U00020000-\U0003ffff"
    "]"
)
# What people put around a phrase: straight and typographic quotation marks, and those of Chinese.
_QUOTED: Final = re.compile(r"[\"“”„«»「」『』＂]")


class _SetApart(dict[int, int | str]):
    """What `str.translate` asks, a tenth of what a regular expression costs; it keeps what it was asked."""

    def __missing__(self, character: int) -> int | str:
        if 0xD800 <= character <= 0xDFFF:
            # A lone surrogate: SQLite does not take it, and there is no meaning in it.
            return " "
        if _SET_APART.match(chr(character)) is None:
            return character
        return self.setdefault(character, f" {chr(character)} ")


_TABLE: Final = _SetApart((character, character) for character in range(0x300))


class NothingAsked(ValueError):
    """There is no word in what was asked."""


def indexed(text: str) -> str:
    """Return a text as it is indexed: compatible forms of one character (full width, ligatures) are one."""
    return text if text.isascii() else unicodedata.normalize("NFKC", text).translate(_TABLE)


def expression(asked: str) -> str:
    """Return the FTS5 expression for what somebody asks: all of its words, and of what is in quotes, the phrase.

    A word may end in `*`: then whatever begins so is found. Raises NothingAsked.
    """
    phrases = [phrase for unit in _units(asked) if (phrase := _phrase(unit))]
    if not phrases:
        raise NothingAsked("there is no word in what is searched for")
    return " AND ".join(phrases)


def has_words(text: str) -> bool:
    """Say whether the tokenizer finds anything in a text: letters, digits, characters for private use."""
    return any(
        unicodedata.category(character)[0] in "LN" or unicodedata.category(character) == "Co" for character in text
    )


def _units(asked: str) -> Iterator[str]:
    """Yield the phrases in quotes and the single words outside; a quotation that is not closed goes to the end."""
    for number, part in enumerate(_QUOTED.split(asked)):
        if number % 2:
            yield part
        else:
            yield from part.split()


def _phrase(unit: str) -> str:
    words = indexed(unit)
    if not has_words(words):
        return ""
    # NUL would end the expression.
    quoted = '"' + words.replace("\0", " ").replace('"', " ").strip() + '"'
    return f"{quoted}*" if unit.endswith("*") and has_words(unit[-2:-1]) else quoted
