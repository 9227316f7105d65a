"""Take what lets people in out of a frame that nobody understood: passwords, tokens, links for guests. Pure.

Frames need more than enterprise pushes do. ConfBasicInfoNotify holds every meeting's passwords in clear text, and a
frame may come to us broken, when a search for keys finds too few. So a frame that is no JSON is not published at all
where a word in it names a secret, and else up to the first byte that JSON does not allow there. And texts are looked
into: they may hold JSON themselves, or a link with a token.
"""

import json
import re
from typing import Final

import msgspec

from .decode import UNREADABLE
from .redact import REMOVED, SECRET_WORDS, Redacted, cut

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


class _Rules:
    """What goes out of one frame. Keys come again and again, so what was found of one is kept."""

    def __init__(self, *, suspect: bool, contacts: bool) -> None:
        self._suspect = suspect
        self._contacts = contacts
        self._keys: dict[bytes, bool] = {}

    def key(self, spelt: bytes) -> bool:
        """Return whether the value of a key goes."""
        found = self._keys.get(spelt)
        if found is None:
            found = self._keys[spelt] = self._names(_read(spelt))
        return found

    def text(self, spelt: bytes) -> bool:
        """Return whether a text goes."""
        if not (self._suspect or b"\\" in spelt or (self._contacts and (b"@" in spelt or b"+" in spelt))):
            return False
        text = _read(spelt)
        return text is None or bool(_HIDES.search(text)) or (self._contacts and bool(_HOLDS_A_CONTACT.search(text)))

    def _names(self, key: str | None) -> bool:
        return key is None or bool(_SECRET.search(key)) or (self._contacts and bool(_CONTACT.search(key)))


def redact_frame(body: bytes, *, contacts: bool = False) -> Redacted:
    """Return what may be published of a frame; `contacts` takes phone numbers and addresses out as well."""
    suspect = _NEEDS_A_LOOK.search(body.decode("utf-8", "surrogateescape")) is not None
    whole = _is_json(body)
    if whole and not suspect and not contacts:
        return Redacted(body, changed=False)
    if suspect and not whole:
        return Redacted(REMOVED, changed=True)
    rules = _Rules(suspect=suspect, contacts=contacts)
    understood = len(body) if whole else _understood(body)
    redacted = cut(body[:understood], rules.key, rules.text)
    return redacted if understood == len(body) else Redacted(redacted.body + REMOVED, changed=True)


def _understood(body: bytes) -> int:
    """Return up to where a body is an object, or the beginning of one."""
    reader, at = _Reader(), 0
    while (found := _TOKEN.match(body, at)) and reader.takes(found):
        at = found.end()
    return at if body[at:].strip(b" \t\r\n") else len(body)


class _Reader:
    """Knows what JSON allows next. A frame is an object: nothing else may come first."""

    def __init__(self) -> None:
        self._open: list[str] = []
        self._state = "start"

    def takes(self, token: re.Match[bytes]) -> bool:
        """Return whether a token may stand here."""
        if token["mark"]:
            return self._takes_mark(token["mark"])
        if token["string"] and self._state in _TAKES_A_KEY:
            self._state = "colon"
            return True
        if self._state not in _TAKES_A_VALUE:
            return False
        self._state = self._behind_a_value()
        return True

    def _takes_mark(self, mark: bytes) -> bool:
        if mark in _OPENS and (self._state in _TAKES_A_VALUE or (self._state, mark) == ("start", b"{")):
            self._state = _OPENS[mark]
            self._open.append(mark.decode())
        elif (self._state, mark) in _CLOSES:
            self._open.pop()
            self._state = self._behind_a_value()
        elif (self._state, mark) in _DIVIDES:
            self._state = _DIVIDES[self._state, mark]
        else:
            return False
        return True

    def _behind_a_value(self) -> str:
        return f"next{self._open[-1]}" if self._open else "end"


def _is_json(body: bytes) -> bool:
    try:
        msgspec.json.decode(body, type=msgspec.Raw)
    except UNREADABLE:
        return False
    return True


def _read(spelt: bytes) -> str | None:
    """Return what a string says, or None where it says nothing that JSON allows."""
    if b"\\" not in spelt:
        return spelt[1:-1].decode("utf-8", "surrogateescape")
    try:
        text: str = json.loads(spelt.decode("utf-8", "surrogateescape"), strict=False)
    except ValueError:
        return None
    return text
