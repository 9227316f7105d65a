"""What is read again: lines that are on disk, or in the store, until the source is past them. Pure."""

from collections.abc import Iterable
from typing import Final

import msgspec

from .line import leaf
from .piece import Entry


class Known:
    """Lines of a partition, by offset: there is one at least.

    `start` is the begin of the segment that they are in: until all have come again, a source has to begin there, else
    it would begin amid a segment. `is_stored`: they are in the store, which has what it has.
    """

    def __init__(self, leaves: dict[int, bytes], start: int, *, is_stored: bool = False) -> None:
        self.leaves, self.first, self.last, self.start = leaves, min(leaves), max(leaves), start
        self.is_stored = is_stored


class _Placed(msgspec.Struct, gc=False):
    topic: str
    partition: int
    offset: int
    time_ms: int


_placed: Final = msgspec.json.Decoder(_Placed)


def entry_of(line: bytes) -> Entry:
    """Return a line with the place that it names. Raises MsgspecError or UnicodeDecodeError for what is none."""
    placed = _placed.decode(line)
    return Entry(placed.topic, placed.partition, placed.offset, placed.time_ms, line)


def leaves_of(lines: Iterable[bytes]) -> dict[int, bytes]:
    """Return the leaves of lines by their offsets."""
    return {_placed.decode(line).offset: leaf(line) for line in lines}
