"""A segment on its way: what of it is in the spool. Pure."""

import zlib
from typing import Self

import msgspec

from schemas.archive import segment_key

from .journal import Extent


class Entry(msgspec.Struct, frozen=True, gc=False):
    """A line with its place."""

    topic: str
    partition: int
    offset: int
    time_ms: int
    line: bytes

    def __repr__(self) -> str:
        """Show where it stands, never what it says."""
        return f"<Entry {self.topic}/{self.partition}/{self.offset}>"


class Piece(msgspec.Struct, kw_only=True):
    """A segment whose lines are in the journal; closed, or not yet."""

    topic: str
    partition: int
    window: int
    first: int
    """Offset of its first line: its name."""
    last: int
    first_ms: int
    """The earliest of its records' times."""
    size: int = 0
    records: int = 0
    checksum: int = 0
    """CRC-32 of its lines, each with its newline."""
    extents: list[Extent] = []
    is_closed: bool = False

    @classmethod
    def begun(cls, entry: Entry, window: int) -> Self:
        """Return one that begins with a line, which is not counted in yet."""
        return cls(
            topic=entry.topic,
            partition=entry.partition,
            window=window,
            first=entry.offset,
            last=entry.offset,
            first_ms=entry.time_ms,
            extents=[],
        )

    @property
    def place(self) -> tuple[str, int]:
        """Return its topic and partition."""
        return self.topic, self.partition

    def key(self, cluster: str) -> str:
        """Return where it will lie in the store."""
        return segment_key(cluster, self.topic, self.partition, self.first)

    def add(self, entry: Entry) -> None:
        """Count a line in."""
        self.last = entry.offset
        if entry.time_ms < self.first_ms:
            self.first_ms = entry.time_ms
        self.size += len(entry.line) + 1
        self.records += 1

    def sum(self, content: bytes) -> None:
        """Count in what is written next, whole lines."""
        self.checksum = zlib.crc32(content, self.checksum)

    def lies_at(self, extent: Extent) -> bool:
        """Note where lines of it are; return whether that was in its last extent's file, right behind it."""
        last = self.extents[-1] if self.extents else None
        if last is not None and last.file == extent.file and last.start + last.length == extent.start:
            last.length += extent.length
            return True
        self.extents.append(extent)
        return False
