"""Whose names a record tells. Pure."""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from schemas.archive.lines import OpenLine

from ..errors import Altered
from ..evidence.line import value_of

# Fields of our events that hold the name of a person, whatever the event: participants, speakers, lifecycle, state.
_NAMES: Final = {"name", "display_name", "owner_name"}


def names_in(line: OpenLine) -> set[str]:
    """Return the names that a record tells; of one that nobody can read, none."""
    try:
        value = msgspec.json.decode(value_of(line))
    except (msgspec.DecodeError, Altered, RecursionError):
        return set()
    return {name for name in _names(value) if name.strip()}


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for field, inner in value.items():
            if field in _NAMES and isinstance(inner, str):
                yield inner
            else:
                yield from _names(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _names(inner)
