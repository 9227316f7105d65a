"""The stream of records: what came last, and who reads it.

What came is encoded once, and joined once for all who want the same; so two hundred readers of one thing cost two
hundred writes of the same bytes. The last of what came is kept for those who come back with a cursor.
"""

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import msgspec

from schemas.record import Stored

from . import sse
from .channel import MOST_BYTES, Channel
from .cursor import spelt
from .wanted import About, Wanted

# Of encoded records; at a thousand a second the last half minute, and at a quiet installation's pace hours.
RECENT_BYTES: Final = 33_554_432

_Partition = tuple[str, int]


class _Recent(msgspec.Struct, frozen=True, gc=False):
    place: _Partition
    offset: int
    about: About
    content: bytes


class Resumed(msgspec.Struct, frozen=True):
    """What a reader missed while it was away."""

    content: list[bytes]
    missed: int | None
    """Records that are not here any more; None: nobody can tell."""


class RecordStream:
    """All records as they come, on this process.

    `is_dense`: offsets count within a partition, as Kafka's do. The local log's are of one sequence for all topics:
    then a place is one of a topic, and moves with all that its reader passes over.
    """

    def __init__(self, *, is_dense: bool, recent_bytes: int = RECENT_BYTES, most_bytes: int = MOST_BYTES) -> None:
        self._is_dense = is_dense
        self._recent: deque[_Recent] = deque()
        self._recent_bytes, self._bytes = recent_bytes, 0
        self._most_bytes = most_bytes
        self._channels: dict[Wanted, Channel] = {}
        self._next: dict[_Partition, int] = {}
        self._floor: dict[_Partition, int] = {}
        """From which offset on all that came is kept."""
        self.cluster = ""
        self.is_ready = asyncio.Event()
        """Set once what was before the start is read: then records are news."""

    @property
    def cursor(self) -> str:
        """Where the stream stands: after all that came."""
        return spelt(self.cluster, self._next)

    def put(self, records: Sequence[Stored], topics: Iterable[str]) -> None:
        """Take what came of `topics`, in order per partition, and hand it to who wants it."""
        if not records:
            return
        fresh = [self._fresh(one) for one in records]
        for one in fresh:
            self._keep(one)
        if not self._is_dense:
            end = records[-1].offset + 1
            self._next.update({(topic, 0): end for topic in topics})
        self._trim()
        placed = sse.place(self.cursor) if self._channels else b""
        for wanted, channel in self._channels.items():
            fitting = [one.content for one in fresh if wanted.fits(one.about)]
            if fitting:
                channel.put(b"".join((*fitting[:-1], placed, fitting[-1])), len(fitting))

    def join(self, wanted: Wanted) -> Channel:
        """Return the channel of those who want this; call `leave` in the end."""
        channel = self._channels.get(wanted)
        if channel is None:
            channel = self._channels[wanted] = Channel(self._most_bytes)
        channel.readers += 1
        return channel

    def leave(self, wanted: Wanted) -> None:
        """Say that one of those who want this reads no more."""
        channel = self._channels[wanted]
        channel.readers -= 1
        if not channel.readers:
            del self._channels[wanted]

    def wake(self) -> None:
        """Have every reader look around: it is the end."""
        self.is_ready.set()
        for channel in self._channels.values():
            channel.wake()

    def resume(self, wanted: Wanted, cluster: str, places: Mapping[_Partition, int]) -> Resumed:
        """Return what came since a cursor and is wanted, as far as it is still here."""
        if cluster != self.cluster:
            return Resumed([], None)
        content = [one.content for one in self._since(places) if wanted.fits(one.about)]
        return Resumed(content, self._missed(wanted, places))

    def _fresh(self, stored: Stored) -> _Recent:
        record = stored.record
        place = record.topic, record.partition if self._is_dense else 0
        return _Recent(place, stored.offset, About(record.topic, record.key, record.enterprise), sse.record(stored))

    def _keep(self, one: _Recent) -> None:
        self._next[one.place] = one.offset + 1
        self._floor.setdefault(one.place, one.offset)
        self._recent.append(one)
        self._bytes += len(one.content)

    def _trim(self) -> None:
        while self._bytes > self._recent_bytes and len(self._recent) > 1:
            old = self._recent.popleft()
            self._bytes -= len(old.content)
            self._floor[old.place] = old.offset + 1

    def _since(self, places: Mapping[_Partition, int]) -> Iterator[_Recent]:
        return (one for one in self._recent if one.offset >= places.get(one.place, 0))

    def _missed(self, wanted: Wanted, places: Mapping[_Partition, int]) -> int:
        """Return how many records at most lie between a cursor and what is kept, in the topics that are wanted."""
        gaps = [
            max(0, floor - places[partition])
            for partition, floor in self._floor.items()
            if partition[0] in wanted.topics and partition in places
        ]
        return sum(gaps) if self._is_dense else max(gaps, default=0)
