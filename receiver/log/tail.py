"""The newest records, kept in memory for a while, so that the forwarder does not read back what was just written."""

from collections import deque
from collections.abc import Sequence
from typing import Final

import msgspec

from schemas.ids import Position
from schemas.record import Record

# In bytes of values and of what is around them; a brief pause of Kafka stays within it. More would not stay in the
# processor's cache, and then whatever is made next begins in memory that is cold.
TAIL_BYTES: Final = 1_048_576


class Chunk(msgspec.Struct, frozen=True, gc=False):
    """Consecutive records, the first at position `first`."""

    first: Position
    records: Sequence[Record]
    wraps: list[bytes] = []
    """Two for each record, as `wraps_of` makes them; empty where the log has none."""

    @property
    def end(self) -> Position:
        """The position after the last."""
        return Position(self.first + len(self.records))


class Tail:
    """Holds whole commits, the newest ones, up to TAIL_BYTES."""

    def __init__(self) -> None:
        self._chunks: deque[Chunk] = deque()
        self._bytes = 0

    def add(self, chunk: Chunk) -> None:
        """Hold what was just committed; the oldest goes where that is too much."""
        self._chunks.append(chunk)
        self._bytes += _size(chunk)
        while self._bytes > TAIL_BYTES:
            self._drop_oldest()

    def recent(self, position: Position, limit: int) -> Chunk | None:
        """Return about `limit` records from `position` on, if they are held; None: read them from the file."""
        if not self._chunks or position < self._chunks[0].first:
            return None
        records: list[Record] = []
        wraps: list[bytes] = []
        for chunk in self._chunks:
            if len(records) >= limit or (records and bool(chunk.wraps) != bool(wraps)):
                # All of a chunk has wraps, or none.
                break
            if chunk.end > position:
                skip = max(0, position - chunk.first)
                records += chunk.records[skip:] if skip else chunk.records
                wraps += chunk.wraps[2 * skip :] if skip else chunk.wraps
        return Chunk(position, records, wraps) if records else None

    def holds(self, chunk: Chunk) -> bool:
        """Whether this very chunk was added, and is held still."""
        return any(one is chunk for one in self._chunks)

    def release(self, position: Position) -> None:
        """Let go of what lies before `position`."""
        while self._chunks and self._chunks[0].end <= position:
            self._drop_oldest()

    def _drop_oldest(self) -> None:
        self._bytes -= _size(self._chunks.popleft())


def _size(chunk: Chunk) -> int:
    return sum(len(record.value) for record in chunk.records) + sum(map(len, chunk.wraps))
