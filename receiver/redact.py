"""Take values under keys that name passwords or tokens out of a push that nobody understood. Pure.

What is understood never needs this: its event has no member for a password. Bytes that hold no such key stay exactly as
they came; bytes that cannot be searched are not published at all, because passwords go nowhere.
"""

import json
import re
from typing import Any, Final

import msgspec

_SECRET_KEY: Final = re.compile(r"passw|passcode|pwd|token|secret|ticket|credential|密码|口令", re.IGNORECASE)
# The same words in bytes; an escape or a byte beyond ASCII can hide one, so those are read properly.
_MIGHT_HOLD_ONE: Final = re.compile(
    rb"passw|passcode|pwd|token|secret|ticket|credential|\\u|[\x80-\xff]", re.IGNORECASE
)
REMOVED: Final = "[removed]"


class Redacted(msgspec.Struct, frozen=True, gc=False):
    """What may be published of a push."""

    body: bytes
    changed: bool


def redact(body: bytes) -> Redacted:
    """Return the body without secrets: the same bytes where there are none."""
    if not _MIGHT_HOLD_ONE.search(body):
        return Redacted(body, changed=False)
    try:
        # surrogateescape keeps bytes that are not UTF-8 through the round trip.
        tree = json.loads(body.decode("utf-8", "surrogateescape"))
        clean, changed = _without_secrets(tree)
        if not changed:
            return Redacted(body, changed=False)
        return Redacted(json.dumps(clean, separators=(",", ":")).encode("ascii"), changed=True)
    except (ValueError, RecursionError):
        return Redacted(b"", changed=True)


def _without_secrets(tree: Any) -> tuple[Any, bool]:
    match tree:
        case dict():
            cleaned = {key: _member(key, value) for key, value in tree.items()}
            return {key: value for key, (value, _) in cleaned.items()}, any(changed for _, changed in cleaned.values())
        case list():
            pairs = [_without_secrets(item) for item in tree]
            return [item for item, _ in pairs], any(changed for _, changed in pairs)
        case _:
            return tree, False


def _member(key: str, value: Any) -> tuple[Any, bool]:
    if _SECRET_KEY.search(key):
        return REMOVED, True
    return _without_secrets(value)
