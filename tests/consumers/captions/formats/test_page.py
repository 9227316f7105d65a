"""The page: read by a parser, with every text in it and nothing that runs."""

from __future__ import annotations

import base64
import hashlib
from html.parser import HTMLParser
from typing import Final

from hypothesis import example, given, settings

from consumers.captions.formats.page import written as written_of
from consumers.captions.formats.plain import plain
from consumers.captions.formats.text import block, one_line
from consumers.captions.transcript import Occurrence, Transcript
from schemas.archive.cues import CueText

from .transcripts import LONG, SMALL, cue, occurrence, transcript, transcripts

_EMPTY: Final = {"meta"}
ELEMENTS: Final = {
    *("html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "dl", "dt", "dd", "ol", "li", "header"),
    *("p", "div", "span", "bdi"),
}
ATTRIBUTES: Final = {"lang", "charset", "http-equiv", "content", "name", "dir", "class", "id"}


def written(made: Transcript, occurrence: Occurrence) -> bytes:
    """Write a transcript."""
    return written_of(made, occurrence, plain(made))


class Page(HTMLParser):
    """Elements in order, the texts in them, and whether each was closed."""

    def __init__(self, content: bytes) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self._open: list[str] = []
        self.is_whole = True
        self.feed(content.decode())
        self.close()
        self.is_whole = self.is_whole and not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.elements.append((tag, dict(attrs)))
        if tag == "p":
            self.texts.append(("p", ""))
        if tag not in _EMPTY:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close it."""
        self.is_whole = self.is_whole and bool(self._open) and self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note a text."""
        if "p" in self._open:
            # With its label, and the translation of a word.
            self.texts[-1] = ("p", self.texts[-1][1] + data)
        elif data.strip() and self._open:
            self.texts.append((self._open[-1], data))

    def all(self, tag: str) -> list[str]:
        """Return the texts right in elements of a kind."""
        return [text for where, text in self.texts if where == tag]


def test_a_page_says_who_says_what() -> None:
    """Each cue with its number, time and speaker, its texts by language, and what is odd about it."""
    page = Page(written(SMALL, occurrence()))

    assert page.is_whole
    assert page.all("h1") == ["季度会"]
    assert page.all("p") == [
        "[English] Let us look.",
        "[Mandarin] 我们先看一下。",
        "[Mandarin] 预算 <b> & 3 > 2",
        "[Mandarin] 收如",
        "[Mandarin] 收入\n不错",
    ]
    assert page.all("header") == [
        "1 · 00:00:01.000 ",
        " · 2026-05-01T09:00:02.500Z",
        "2 · 00:00:03.250 ",
        " · 2026-05-01T09:00:04.750Z",
        "3 · 01:01:40.000 ",
        " · 2026-05-01T10:01:41.500Z",
        "4 · 01:03:20.000 ",
        " · 2026-05-01T10:03:21.500Z",
    ]
    assert next(attributes for tag, attributes in page.elements if tag == "p") == {"dir": "auto", "lang": "en"}
    assert page.all("li") == [
        "开始 ",
        " – 2026-05-01T09:00:00.500Z: not_listened",
        "2026-05-01T09:01:40.000Z – 结束 ",
        ": version_gap (ParticipantsNotify)",
    ]
    assert ": times_missing, without_text" in page.all("div")


def test_a_page_of_nothing_says_so() -> None:
    """No captions, nothing unseen, nothing known."""
    page = Page(written(transcript(), occurrence(meeting_uuid=None, started_at=None, ended_at=None)))

    assert page.is_whole
    assert page.all("p") == ["无 Nothing", "无 None"]
    assert page.all("dd").count("—") == 4


def test_one_language_needs_no_label() -> None:
    """Where there is but one, cues do not repeat it."""
    page = Page(written(transcript(cue(1, 0, {"中文": "好"})), occurrence()))

    assert page.all("p") == ["无 Nothing", "好"]
    assert page.elements[-1][0] == "p"
    assert page.elements[-1][1] == {"dir": "auto", "lang": ""}


def test_a_page_forbids_everything_but_its_own_style() -> None:
    """The policy names the style by its hash, and nothing else is let in."""
    content = written(SMALL, occurrence())
    style = content.split(b"<style>")[1].split(b"</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style).digest()).decode()

    assert {
        "http-equiv": "Content-Security-Policy",
        "content": f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
    } in [attributes for tag, attributes in Page(content).elements if tag == "meta"]


@settings(max_examples=40, deadline=None)
@given(made=transcripts())
@example(made=transcript(cue(1, 0, {"Mandarin": LONG})))
def test_any_text_makes_a_whole_page(made: Transcript) -> None:
    """Every element is closed, every text is there, and none becomes an element or an attribute."""
    page = Page(written(made, occurrence()))

    assert page.is_whole
    assert {tag for tag, _ in page.elements} <= ELEMENTS
    assert {name for _, attributes in page.elements for name in attributes} <= ATTRIBUTES
    texts = [
        text
        for one in made.cues
        for said in (*(version.texts for version in one.versions), one.texts)
        for text in said
        if block(text.text)
    ]
    blank = [*([] if made.unseen else ["无 Nothing"]), *([] if made.cues else ["无 None"])]
    label = len(made.languages) > 1
    assert page.all("p") == [*blank, *(_shown(text, label=label) for text in texts)]


def _shown(text: CueText, *, label: bool) -> str:
    said = block(text.text)
    return f"[{one_line(text.language) or '—'}] {said}" if label else said
