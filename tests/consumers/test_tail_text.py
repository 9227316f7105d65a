"""What a stranger wrote cannot command a terminal, and columns stay columns in every script."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.tail.text import cut, pad, safe, width


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("Zhang San", "Zhang San", id="plain"),
        pytest.param("张三 🙂 é", "张三 🙂 é", id="any script"),
        pytest.param("\x1b[31mred\x1b[0m", "␛[31mred␛[0m", id="colour"),
        pytest.param("\x1b]0;owned\x07", "␛]0;owned␇", id="window title"),
        pytest.param("\x1b]52;c;cm0gLXJm\x07", "␛]52;c;cm0gLXJm␇", id="clipboard"),
        pytest.param("\x9b2J", "\\u009b2J", id="an escape in one character"),
        pytest.param("a\r\nb\tc\x00\x7f", "a␍␊b␉c␀␡", id="lines, tabs, null, delete"),
        pytest.param("\u202egnp.exe\u202c", "\\u202egnp.exe\\u202c", id="turned direction"),
        pytest.param("\u2066a\u2069\u200f", "\\u2066a\\u2069\\u200f", id="other marks of direction"),
        pytest.param("a\u2028b\u2029c", "a\\u2028b\\u2029c", id="separators of lines"),
        pytest.param("\ufeffa\u00adb", "\\ufeffa\\u00adb", id="what is not seen"),
        pytest.param("\ue000\U000e0041\ud800", "\\ue000\\U000e0041\\ud800", id="private, tags, half a pair"),
        pytest.param("👩\u200d💻", "👩\u200d💻", id="one emoji of two"),
    ],
)
def test_a_text_is_shown_as_it_is_but_for_what_could_command(text: str, shown: str) -> None:
    """Signs stand for what has no glyph."""
    assert safe(text) == shown


@given(st.text())
def test_nothing_that_could_command_is_left(text: str) -> None:
    """Whatever the text."""
    left = {unicodedata.category(character) for character in safe(text)} - {"Cf"}

    assert not left & {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert set(safe(text)).isdisjoint("\x1b\x9b\u202a\u202b\u202d\u202e\u2066\u2067\u2068")


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        pytest.param("", 0, id="nothing"),
        pytest.param("abc", 3, id="Latin"),
        pytest.param("张三", 4, id="Chinese"),
        pytest.param("ＡＢ", 4, id="full width"),
        pytest.param("🙂", 2, id="emoji"),
        pytest.param("e\u0301", 1, id="accent of its own"),
        pytest.param("한글", 4, id="Korean"),
    ],
)
def test_a_text_has_the_width_that_a_terminal_gives_it(text: str, columns: int) -> None:
    """Chinese characters and emoji take two columns."""
    assert width(text) == columns


def test_padding_counts_columns() -> None:
    """What follows is aligned; a longer text is not cut, for an id must be whole."""
    assert [pad("张三", 6), pad("ab", 6), pad("abcdefgh", 6)] == ["张三  ", "ab    ", "abcdefgh"]


@given(st.text(), st.integers(1, 30))
def test_a_cut_text_is_no_wider_than_it_may_be(text: str, columns: int) -> None:
    """An ellipsis shows that it was cut."""
    short = cut(text, columns)

    assert width(short) <= columns
    assert short == text or short.endswith("…")
