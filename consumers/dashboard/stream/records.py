"""The stream of records: what came last, and who reads it.

What came is encoded once, and joined once for all who want the same; so two hundred readers of one thing cost two
hundred writes of the same bytes. The last of what came is kept for those who come back with a cursor.
"""

import asyncio
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Final

import msgspec

from schemas.record import Stored

from . import sse
from .channel import MOST_BYTES, PORTION_BYTES, Channel, Taken
from .cursor import spelt
from .wanted import About, Wanted

# Of encoded records; at a thousand a second the last half minute, and at a quiet installation's pace hours.
RECENT_BYTES: Final = 33_554_432
# All channels together, and what each has at the least: who asks for a thousand different things gets no gigabytes.
_ALL_BYTES: Final = 67_108_864
_LEAST_BYTES: Final = 65_536
# How many records are looked through for one reader before the others have their turn.
_AT_ONCE: Final = 2_000

_Partition = tuple[str, int]


class _Recent(msgspec.Struct, frozen=True, gc=False):
    place: _Partition
    offset: int
    about: About
    content: bytes


class Resumed(msgspec.Struct):
    """A reader that came back, and how far it has caught up."""

    wanted: Wanted
    missed: int | None
    """Records that were not here any more when it came; None: nobody can tell."""
    next: int
    """The number of the record at which it goes on."""
    places: dict[_Partition, int]

    def __repr__(self) -> str:
        """Show how far it is."""
        return f"<Resumed {self.next}>"


class RecordStream:
    """All records as they come, on this process.

    `is_dense`: offsets count within a partition, as Kafka's do. The local log's are of one sequence for all topics:
    then a place is one of a topic, and moves with all that its reader passes over.
    """

    def __init__(self, *, is_dense: bool, recent_bytes: int = RECENT_BYTES, most_bytes: int = MOST_BYTES) -> None:
        self._is_dense = is_dense
        self._recent: deque[_Recent] = deque()
        self._first = 0
        """The number of the oldest that is kept; all that ever came are numbered."""
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

    def begin(self, places: Mapping[_Partition, int], topics: Iterable[str]) -> None:
        """Say where a source of `topics` begins to be read: what stands before that is not kept here.

        Else who comes back to a partition in which nothing came since a restart would be told that nothing is lacking.
        """
        if not self._is_dense:
            places = {(topic, 0): position for topic in topics for position in places.values()}
        for place, offset in places.items():
            self._floor.setdefault(place, offset)
            self._next.setdefault(place, offset)

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
        most_bytes = max(_LEAST_BYTES, min(self._most_bytes, _ALL_BYTES // max(1, len(self._channels))))
        for wanted, channel in self._channels.items():
            channel.most_bytes = most_bytes
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
        """Begin to give what came since a cursor, as far as it is still here: go on with `catch_up`."""
        if cluster != self.cluster:
            return Resumed(wanted, None, self._first + len(self._recent), {})
        known = {place: max(offset, self._floor.get(place, 0)) for place, offset in places.items()}
        return Resumed(wanted, self._missed(wanted, places), self._first, known)

    def catch_up(self, resumed: Resumed) -> Taken | None:
        """Return the next portion for a reader that came back, which ends with the cursor after it; None: it is there.

        A portion at a time, since what waits for one who is slow is his alone: all of it would be 32 MiB each.
        """
        missed = max(0, self._first - resumed.next)
        begin = resumed.next + missed - self._first
        if begin == len(self._recent):
            return None
        content, size = [], 0
        for one in islice(self._recent, begin, begin + _AT_ONCE):
            begin += 1
            if one.offset < resumed.places.get(one.place, 0):
                continue
            resumed.places[one.place] = one.offset + 1
            if resumed.wanted.fits(one.about):
                content.append(one.content)
                size += len(one.content)
            if size >= PORTION_BYTES:
                break
        resumed.next = self._first + begin
        if content:
            content.append(sse.placed(spelt(self.cluster, resumed.places)))
        return Taken(content, missed, resumed.next)

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
            self._first += 1
            self._bytes -= len(old.content)
            self._floor[old.place] = old.offset + 1

    def _missed(self, wanted: Wanted, places: Mapping[_Partition, int]) -> int:
        """Return how many records at most lie between a cursor and what is kept, in the topics that are wanted."""
        gaps = [
            max(0, floor - places[partition])
            for partition, floor in self._floor.items()
            if partition[0] in wanted.topics and partition in places
        ]
        return sum(gaps) if self._is_dense else max(gaps, default=0)
