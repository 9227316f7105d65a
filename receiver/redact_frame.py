"""Take what lets people in out of a frame that nobody understood: passwords, tokens, links for guests. Pure.

Frames need more than enterprise pushes do. ConfBasicInfoNotify holds every meeting's passwords in clear text, and a
frame may come to us broken, when a search for keys finds too few. So a frame that is no JSON is not published at all
where a word in it names a secret, and else up to the first byte that JSON does not allow there. And texts are looked
into: they may hold JSON themselves, or a link with a token.
"""

import json
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

import msgspec

from .decode import UNREADABLE
from .redact import REMOVED, SECRET_WORDS, Redacted

_WORDS: Final = f"{SECRET_WORDS}|guest.?join|join.?(?:ur[il]|link)"
_SECRET: Final = re.compile(_WORDS, re.IGNORECASE)
# Within a text: JSON's `"pwd":`, a link's `token=`, a link that lets guests in, an escape that can spell either.
_HIDES: Final = re.compile(rf"(?:{_WORDS})[^\s=:,;{{}}]{{0,64}}\s*[=:]|#/j/|\\u[0-9a-f]{{4}}", re.IGNORECASE)
_NEEDS_A_LOOK: Final = re.compile(rf"{_WORDS}|#/j/|\\u", re.IGNORECASE)
_CONTACT: Final = re.compile(r"tel|phone|mobile|number|mail|sms", re.IGNORECASE)
_HOLDS_A_CONTACT: Final = re.compile(r"[^\s@]@[^\s@]|^\s*(?:tel:|sip:)?\+\d")
_TOKEN: Final = re.compile(
    rb'[ \t\r\n]*(?:(?P<string>"[^"\\]*(?:\\.[^"\\]*)*")|(?P<mark>[{}\[\],:])'
    rb"|(?P<literal>(?:-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null)(?![\w.+-])))",
    re.DOTALL,
)
_OPENS: Final = {b"{": "first{", b"[": "first["}
_CLOSES: Final = {("first{", b"}"), ("next{", b"}"), ("first[", b"]"), ("next[", b"]")}
_DIVIDES: Final = {("colon", b":"): "value", ("next{", b","): "key", ("next[", b","): "value"}
_TAKES_A_VALUE: Final = {"value", "first["}
_TAKES_A_KEY: Final = {"key", "first{"}


class _Token(NamedTuple):
    kind: str
    """key, colon, text, or another token of JSON; broken: from here on it is none."""
    start: int
    end: int
    depth: int
    """How many brackets are open behind it."""


def redact_frame(body: bytes, *, contacts: bool = False) -> Redacted:
    """Return what may be published of a frame; `contacts` takes phone numbers and addresses out as well."""
    suspect = _NEEDS_A_LOOK.search(body.decode("utf-8", "surrogateescape")) is not None
    if _is_json(body):
        if not suspect and not contacts:
            return Redacted(body, changed=False)
    elif suspect:
        return Redacted(REMOVED, changed=True)
    kept: list[bytes] = []
    start, removing = 0, -1
    for kind, begins, ends, depth in _tokens(body):
        if kind == "broken":
            kept += (b"" if removing >= 0 else body[start:begins], REMOVED)
            return Redacted(b"".join(kept), changed=True)
        if removing < 0 and kind == "key" and _names(_read(body[begins:ends]), contacts=contacts):
            kept.append(body[start:ends])
            start, removing = ends, depth
        elif removing == depth and kind == "colon":
            kept.append(body[start:ends])
            start = ends
        elif removing == depth:
            kept.append(REMOVED)
            start, removing = ends, -1
        elif removing < 0 and kind == "text" and _gives_away(_read(body[begins:ends]), contacts=contacts):
            kept += (body[start:begins], REMOVED)
            start = ends
    return Redacted(b"".join((*kept, body[start:])), changed=bool(kept))


def _tokens(body: bytes) -> Iterator[_Token]:
    """Yield the tokens of an object, as far as the body is one."""
    reader, at = _Reader(), 0
    while found := _TOKEN.match(body, at):
        kind = reader.take(found)
        if kind is None:
            break
        at = found.end()
        yield _Token(kind, found.start(found.lastgroup or 0), at, len(reader.open))
    if not reader.ended or body[at:].strip(b" \t\r\n"):
        yield _Token("broken", at, at, len(reader.open))


class _Reader:
    """Knows what JSON allows next. A frame is an object: nothing else may come first."""

    def __init__(self) -> None:
        self.open: list[str] = []
        self._state = "start"

    @property
    def ended(self) -> bool:
        """Return whether the object is whole."""
        return self._state == "end"

    def take(self, token: re.Match[bytes]) -> str | None:
        """Return what kind of token this is where it stands, or None where none like it may stand."""
        if token["mark"]:
            return self._take_mark(token["mark"])
        if token["string"] and self._state in _TAKES_A_KEY:
            self._state = "colon"
            return "key"
        if self._state not in _TAKES_A_VALUE:
            return None
        self._state = self._behind_a_value()
        return "text" if token["string"] else "literal"

    def _take_mark(self, mark: bytes) -> str | None:
        if mark in _OPENS and (self._state in _TAKES_A_VALUE or (self._state, mark) == ("start", b"{")):
            self._state = _OPENS[mark]
            self.open.append(mark.decode())
            return "opening"
        if (self._state, mark) in _CLOSES:
            self.open.pop()
            self._state = self._behind_a_value()
            return "closing"
        if (self._state, mark) in _DIVIDES:
            self._state = _DIVIDES[self._state, mark]
            return "colon" if mark == b":" else "comma"
        return None

    def _behind_a_value(self) -> str:
        return f"next{self.open[-1]}" if self.open else "end"


def _is_json(body: bytes) -> bool:
    try:
        msgspec.json.decode(body, type=msgspec.Raw)
    except UNREADABLE:
        return False
    return True


def _read(spelt: bytes) -> str | None:
    try:
        text: str = json.loads(spelt.decode("utf-8", "surrogateescape"), strict=False)
    except ValueError:
        return None
    return text


def _names(key: str | None, *, contacts: bool) -> bool:
    return key is None or bool(_SECRET.search(key)) or (contacts and bool(_CONTACT.search(key)))


def _gives_away(text: str | None, *, contacts: bool) -> bool:
    return text is None or bool(_HIDES.search(text)) or (contacts and bool(_HOLDS_A_CONTACT.search(text)))
