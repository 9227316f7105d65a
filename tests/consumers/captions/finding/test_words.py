"""What is indexed and what is asked are made of the same words."""

from __future__ import annotations

import contextlib
import sqlite3

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from consumers.captions.finding.words import NothingAsked, expression, has_words, indexed


@pytest.mark.parametrize(
    ("text", "asked", "found"),
    [
        pytest.param("我们先看上周的结果。", "看", True, id="one Chinese character"),
        pytest.param("我们先看上周的结果。", "上周", True, id="two Chinese characters"),
        pytest.param("我们先看上周的结果。", "周上", False, id="in another order"),
        pytest.param("我们先看上周的结果。", "我 果", True, id="apart, as two words"),
        pytest.param("我们先看上周的结果。", "「我果」", False, id="apart, as a phrase"),
        pytest.param("用Kafka写日志", "Kafka写", True, id="mixed"),
        pytest.param("用Kafka写日志", "kafka", True, id="another case"),
        pytest.param("ＫＡＦＫＡ", "kafka", True, id="full width"),
        pytest.param("ｶﾀｶﾅ", "カタ", True, id="half-width kana"),
        pytest.param("회의를 시작합니다", "회의", True, id="a part of a Korean word"),
        pytest.param("𠮷野家", "𠮷", True, id="beyond the basic plane"),
        pytest.param("今天，我们开会", "天我", True, id="across punctuation"),
        pytest.param("the server was upgraded", "server upgraded", True, id="all of the words"),
        pytest.param("the server was upgraded", "server down", False, id="one of the words"),
        pytest.param("the server was upgraded", '"server was"', True, id="a phrase"),
        pytest.param("the server was upgraded", '"was server"', False, id="no phrase"),
        pytest.param("the server was upgraded", "upgr*", True, id="a beginning"),
        pytest.param("the server was upgraded", "upgr", False, id="no whole word"),
        pytest.param("the server was upgraded", "NOT server", False, id="an operator is a word"),
        pytest.param("the café", "cafe", True, id="an accent"),
        pytest.param('say "hi" now', "“hi” now", True, id="typographic quotes"),
    ],
)
def test_words_are_found_as_people_mean_them(text: str, asked: str, found: bool) -> None:
    """Chinese from one character on, phrases in order, English by the word."""
    assert rows(text, expression(asked)) == [(1,)] * found


@pytest.mark.parametrize("asked", ["", "  ", "!!!", '""', "。", "😀", "*"])
def test_nothing_asked_is_refused(asked: str) -> None:
    """What has no word in it would find nothing, or everything."""
    with pytest.raises(NothingAsked, match="there is no word in what is searched for"):
        expression(asked)


# A busy machine is no failure.
@settings(deadline=None)
@given(st.text())
def test_whatever_is_asked_is_an_expression(asked: str) -> None:
    """No text of a stranger makes SQLite complain, or is taken for an operator."""
    try:
        wanted = expression(asked)
    except NothingAsked:
        assert not any(has_words(character) for character in asked)
    else:
        assert rows(".", wanted) == []


# A busy machine is no failure.
@settings(deadline=None)
@given(st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Z")), min_size=1, max_size=40))
def test_a_text_is_found_by_itself(text: str) -> None:
    """Whatever was said, asking for the very same finds it."""
    assume(has_words(indexed(text)))

    assert rows(text, expression(text)) == [(1,)]


def rows(text: str, wanted: str) -> list[tuple[int]]:
    """Return what an expression finds in an index of one text."""
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE VIRTUAL TABLE words USING fts5 (text, content='', tokenize='unicode61')")
        connection.execute("INSERT INTO words (rowid, text) VALUES (1, ?)", (indexed(text),))
        return connection.execute("SELECT rowid FROM words WHERE words MATCH ?", (wanted,)).fetchall()


def test_lone_surrogates_are_left_out() -> None:
    """SQLite takes none, and JSON of a stranger may hold some."""
    assert indexed("会\ud800议 a\udfffb") == " 会   议  a b"
