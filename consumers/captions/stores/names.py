"""Say what a key is. Pure. Whatever else comes as one is refused before a store sees it, `..` above all."""

import re
from typing import Final

# An S3 key has 1,024 bytes at most, a file's name 255: a prefix before a key and an ending after a name have room.
MOST: Final = 900
_PART: Final = r"(?!\.{1,2}(?:/|$))[A-Za-z0-9._-]{1,200}"
_KEY: Final = re.compile(rf"{_PART}(?:/{_PART})*")
_PREFIX: Final = re.compile(rf"(?:{_PART}/)*(?:{_PART})?")


def is_key(text: str) -> bool:
    """Return whether `text` is a key."""
    return len(text) <= MOST and _KEY.fullmatch(text) is not None


def checked(key: str) -> str:
    """Return `key`. Raises ValueError where it is none: who makes keys of what strangers wrote has to look first."""
    if not is_key(key):
        raise ValueError(f"not a key: {key[:MOST]!r}")
    return key


def checked_prefix(prefix: str) -> str:
    """Return `prefix`, which may be empty or end anywhere in a key. Raises ValueError where no key begins so."""
    if len(prefix) > MOST or _PREFIX.fullmatch(prefix) is None:
        raise ValueError(f"no key begins so: {prefix[:MOST]!r}")
    return prefix
