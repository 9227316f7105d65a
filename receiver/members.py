"""Cut a JSON object into its members, each value as it is spelt. Pure: no I/O, no clock.

For what msgspec does not take or does not tell: it keeps the last of two members with one name, and refuses half a
surrogate pair, which JSON's grammar allows (RFC 8259, section 8.2) and a name that was cut short may hold.
"""

import json
import re
from typing import Final, NoReturn

from .errors import Malformed

_SPACE: Final = re.compile(r"[ \t\r\n]*")


def members(body: bytes) -> dict[str, bytes]:
    """Return the members of the outermost object. Raises Malformed: not JSON, not an object, or a key twice."""
    # surrogateescape takes every byte through, so that a value is cut out just as it came.
    text = body.decode("utf-8", "surrogateescape")
    at = _skip(text, 0)
    try:
        if not text.startswith("{", at):
            _read(text, at)
            raise Malformed("not_the_envelope")
        found, end = _cut(text, at)
    except (ValueError, RecursionError):
        raise Malformed("not_json") from None
    if _skip(text, end) != len(text):
        raise Malformed("not_json")
    by_name = dict(found)
    if len(by_name) != len(found):
        raise Malformed("key_twice")
    return by_name


def _cut(text: str, opening: int) -> tuple[list[tuple[str, bytes]], int]:
    """Return names and values of the object that opens here, and where it ends. Raises ValueError."""
    found: list[tuple[str, bytes]] = []
    at = _skip(text, opening + 1)
    if text.startswith("}", at):
        return found, at + 1
    while True:
        if not text.startswith('"', at):
            raise ValueError("a name is a string")
        name, at = _read(text, at)
        start = _skip(text, _take(text, ":", _skip(text, at)))
        _, at = _read(text, start)
        found.append((name, text[start:at].encode("utf-8", "surrogateescape")))
        at = _skip(text, at)
        if text.startswith("}", at):
            return found, at + 1
        at = _skip(text, _take(text, ",", at))


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _take(text: str, what: str, at: int) -> int:
    if not text.startswith(what, at):
        raise ValueError(f"no {what}")
    return at + 1


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


# Where a number ends is wanted, not what it is: int() refuses more than 4,300 digits.
_read: Final = json.JSONDecoder(parse_int=len, parse_float=len, parse_constant=_refuse).raw_decode
