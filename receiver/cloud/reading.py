"""Read the service's JSON whatever its types drift to: numbers as strings, strings as numbers, members more or fewer.

Pure. What is missing, empty or of no use is None; nothing here raises but `members`.
"""

import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from .errors import Faulty

Members = Mapping[str, Any]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST_MS: Final = 10**13
_YES: Final = frozenset({"YES", "TRUE", "1"})
_NO: Final = frozenset({"NO", "FALSE", "0"})


def members(body: bytes) -> Members:
    """Return the members of an answer, which is an object. Raises Faulty for everything else."""
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Faulty from None
    if not isinstance(found, dict):
        raise Faulty
    return found


def inner(found: Members, name: str) -> Members:
    """Return an object within an object; an empty one where there is none."""
    value = found.get(name)
    return value if isinstance(value, dict) else {}


def rows(found: Members, name: str) -> Iterator[Members]:
    """Yield the objects of a list; what is no object is passed over."""
    value = found.get(name)
    yield from (row for row in (value if isinstance(value, list) else ()) if isinstance(row, dict))


def length(found: Members, name: str) -> int:
    """Return how long a list is, whatever is in it."""
    value = found.get(name)
    return len(value) if isinstance(value, list) else 0


def text(value: object) -> str | None:
    """Return a text that says something; numbers are spelt out."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) and value else None


def texts(value: object) -> tuple[str, ...] | None:
    """Return a list of texts; None where there is no list."""
    return tuple(one for one in map(text, value) if one) if isinstance(value, list) else None


def number(value: object) -> float | None:
    """Return a finite number, spelt as one or as a string."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def whole(value: object) -> int | None:
    """Return a whole number."""
    found = number(value)
    return None if found is None else int(found)


def yes(value: object) -> bool | None:
    """Return what "YES", true, 1 and their opposites mean."""
    spelt = str(value).upper()
    return spelt in _YES if spelt in _YES | _NO else None


def at_ms(value: object) -> datetime | None:
    """Return the time of Unix milliseconds; 0 is "not yet", which is None."""
    found = whole(value)
    return _EPOCH + timedelta(milliseconds=found) if found is not None and 0 < found < _LATEST_MS else None


def at_iso(value: object) -> datetime | None:
    """Return the time of yyyy-MM-ddTHH:mm:ss.SSSZ, which is UTC."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
        return found.astimezone(UTC) if found is not None and found.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None
