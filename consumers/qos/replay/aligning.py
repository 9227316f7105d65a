"""Put the partitions of several topics into one order that is good enough for the engine. Pure.

The engine does not care how topics are mixed, but for one thing: a sign of life moves the clock, and what is older and
comes behind it is late. So signs of life wait until every partition has been read up to their time. And no partition
may run ahead of the others by much, for all that is not decided yet lies in memory.
"""

import heapq
from collections.abc import Iterable
from typing import Final

import msgspec

from schemas.events import ReceiverAlive
from schemas.record import Stored

from ...sources import Places
from ...sources.local import WHOLE

# Some of the signs of life, which come every ten seconds, and little memory.
AHEAD_MS: Final = 60_000
_SIGN: Final = ReceiverAlive.__name__

Place = tuple[str, int]


class Aligned(msgspec.Struct, frozen=True):
    """What may be taken now, in this order, and what is to be read no further for a while."""

    records: list[Stored]
    hold_back: frozenset[Place]


class Aligning:
    """One read of all partitions in `ends`, up to what was received at `until_ms`."""

    def __init__(self, ends: Places, until_ms: int) -> None:
        self._ends, self._until_ms = ends, until_ms
        self._newest_ms = dict.fromkeys(ends, 0)
        self._left = set(ends)
        self._signs: list[tuple[int, int, Stored]] = []
        self._number = 0

    @property
    def is_done(self) -> bool:
        """Whether all there is has been read, or all up to the time."""
        return not self._left

    @property
    def reached_ms(self) -> int:
        """Up to when all has been read; what of it is done counts for the whole time."""
        return min((self._newest_ms[place] for place in self._left), default=self._until_ms)

    def take(self, records: Iterable[Stored], places: Places) -> Aligned:
        """Take what was read, and where the reader stands now."""
        ready, newest_ms = list[Stored](), self._newest_ms
        for stored in records:
            record = stored.record
            place = (record.topic, record.partition)
            if place not in newest_ms:
                # The local log is one sequence, and has an order of its own.
                place = WHOLE
            if record.received_ms > newest_ms[place]:
                newest_ms[place] = record.received_ms
            if record.received_ms > self._until_ms:
                continue
            if record.type == _SIGN and place is not WHOLE:
                self._number += 1
                heapq.heappush(self._signs, (record.received_ms, self._number, stored))
            else:
                ready.append(stored)
        self._left = {place for place in self._left if not self._is_done(place, places)}
        floor_ms = self.reached_ms
        while self._signs and self._signs[0][0] <= floor_ms:
            ready.append(heapq.heappop(self._signs)[2])
        ahead = (place for place in self._left if self._newest_ms[place] > floor_ms + AHEAD_MS)
        return Aligned(ready, frozenset(ahead) | (self._ends.keys() - self._left))

    def _is_done(self, place: Place, places: Places) -> bool:
        return places.get(place, 0) >= self._ends[place] or self._newest_ms[place] > self._until_ms
