"""Take values under keys that name passwords or tokens out of a push that nobody understood. Pure.

What is understood never needs this: its event has no member for a password. All other bytes stay exactly as they came,
white space, spelling of numbers and members that stand twice among them.
"""

import json
import re
from collections.abc import Callable
from typing import Final

import msgspec

_WORDS: Final = "passw|passphrase|passcode|pwd|token|secret|ticket|credential|authori[sz]ation"
SECRET_WORDS: Final = f"{_WORDS}|密码|密碼|口令|令牌|密钥|凭证|凭据"
_SECRET_KEY: Final = re.compile(SECRET_WORDS, re.IGNORECASE)
# The same words in bytes; an escape or a byte beyond ASCII can hide one, so those are read properly.
_MIGHT_HOLD_ONE: Final = re.compile(rf"{_WORDS}|\\u|[\x80-\xff]".encode("latin-1"), re.IGNORECASE)
# A string, and whether a colon follows: then it is a key.
_STRING: Final = re.compile(rb'("[^"\\]*(?:\\.[^"\\]*)*")[ \t\r\n]*(:?)', re.DOTALL)
_TOKEN: Final = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]|[^ \t\r\n"{}\[\],:]+', re.DOTALL)
REMOVED: Final = b'"[removed]"'


class Redacted(msgspec.Struct, frozen=True, gc=False):
    """What may be published of a push."""

    body: bytes
    changed: bool

    def __repr__(self) -> str:
        """Show the size alone."""
        return f"<Redacted {len(self.body)} bytes>"


def redact(body: bytes) -> Redacted:
    """Return JSON text without secrets: the same bytes where there are none."""
    if not _MIGHT_HOLD_ONE.search(body):
        return Redacted(body, changed=False)
    return cut(body, _names_a_secret, _never)


def cut(body: bytes, key: Callable[[bytes], bool], text: Callable[[bytes], bool]) -> Redacted:
    """Return JSON text without the values of such keys and without such texts; both are asked with their quotes."""
    kept: list[bytes] = []
    start = at = 0
    while found := _STRING.search(body, at):
        at = found.end()
        if found[2]:
            if key(found[1]):
                kept += (body[start:at], REMOVED)
                start = at = _end_of_value(body, at)
        elif text(found[1]):
            kept += (body[start : found.start(1)], REMOVED)
            start = found.end(1)
    return Redacted(b"".join((*kept, body[start:])), changed=bool(kept))


def _never(text: bytes) -> bool:
    """Return False: in an enterprise push only a key makes a secret."""
    return False


def _names_a_secret(spelt: bytes) -> bool:
    name = spelt.decode("utf-8", "surrogateescape")
    if "\\" in name:
        try:
            name = json.loads(name)
        except ValueError:
            return True
    return _SECRET_KEY.search(name) is not None


def _end_of_value(body: bytes, at: int) -> int:
    """Return where the value that begins after `at` ends; the end of the body where it never does."""
    depth = 0
    for token in _TOKEN.finditer(body, at):
        depth += (token[0] in (b"{", b"[")) - (token[0] in (b"}", b"]"))
        if depth == 0:
            return token.end()
    return len(body)
