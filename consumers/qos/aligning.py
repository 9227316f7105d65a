"""Let the clock move only when everything that it speaks for has been read. Pure.

A receiver's sign of life says that its records up to then are in their partition; it does not say that we have read
them: its topic may be read faster than others. So a sign waits until all topics of its partition were read up to where
they ended a moment after the sign was read. Far behind, as after an hour's stop, those ends are far away and all in
between would have to wait in memory; there a sign waits until each topic was read up to what came more than a minute
after it instead, and a partition that runs ahead of the slowest is held back. So what is late is late by the receivers'
and the forwarder's doing, not by how fast anybody reads.

On the local log, one sequence, all that was appended before a sign was read before it: nothing waits.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import msgspec

from .engine.clock import SILENT_AFTER_MS
from .engine.state import Input

Place = tuple[str, int]
"""Topic and partition."""

# Beyond what a sign waits for where we are far behind: else nobody would get there.
AHEAD_MS: Final = SILENT_AFTER_MS + 30_000


class Sign(msgspec.Struct):
    """A sign of life that does not count yet."""

    partition: int
    one: Input
    ends: dict[str, int] | None = None
    """By topic, where its partition ended after the sign was read; None: not asked yet."""


class Alignment:
    """The signs that wait. `topics` are those that the clock speaks for; none where they are one sequence."""

    def __init__(self, topics: Iterable[str], begun_ms: int, signs: Iterable[Input] = ()) -> None:
        """`signs` waited when a snapshot was taken. `begun_ms`: about when what is read first was received."""
        self._topics, self._begun_ms = tuple(sorted(topics)), begun_ms
        self._newest: dict[Place, int] = {}
        self._ends: Mapping[Place, int] = {}
        self._waiting: dict[int, deque[Sign]] = {}
        for one in signs:
            self.hold(one)

    def saw(self, topic: str, partition: int, received_ms: int) -> None:
        """Note that a record was read."""
        place = topic, partition
        if received_ms > self._newest.get(place, 0):
            self._newest[place] = received_ms

    def hold(self, one: Input) -> None:
        """Let a sign of life wait."""
        partition: int = getattr(one.event, "partition")  # noqa: B009 -- of the many events this one has it
        self._waiting.setdefault(partition, deque()).append(Sign(partition, one))

    def unasked(self) -> Sequence[Sign]:
        """Return the signs for which nobody has asked where the partitions end."""
        return [sign for signs in self._waiting.values() for sign in signs if sign.ends is None]

    def answered(self, signs: Iterable[Sign], ends: Mapping[Place, int]) -> None:
        """Take where the partitions end, as asked after all of `signs` were read."""
        self._ends = ends
        for sign in signs:
            sign.ends = {topic: ends.get((topic, sign.partition), 0) for topic in self._topics}

    def counting(self, places: Mapping[Place, int]) -> Iterator[Input]:
        """Yield the signs that count from now on, those of a partition in order; `places` is how far all is read."""
        for signs in self._waiting.values():
            while signs and self._counts(signs[0], places):
                yield signs.popleft().one

    def held(self) -> list[Input]:
        """Return the signs that wait."""
        return [sign.one for signs in self._waiting.values() for sign in signs]

    def ahead(self, places: Mapping[Place, int]) -> frozenset[Place]:
        """Return the partitions to be held back: far ahead of the slowest that has more to be read."""
        behind = [self._read_ms(place) for place, end in self._ends.items() if places.get(place, 0) < end]
        if not behind:
            return frozenset()
        limit = min(behind) + AHEAD_MS
        return frozenset(place for place in places if self._read_ms(place) > limit)

    def _read_ms(self, place: Place) -> int:
        return self._newest.get(place, self._begun_ms)

    def _counts(self, sign: Sign, places: Mapping[Place, int]) -> bool:
        ends = sign.ends
        return not self._topics or (
            ends is not None and all(self._is_read(sign, ends, t, places) for t in self._topics)
        )

    def _is_read(self, sign: Sign, ends: Mapping[str, int], topic: str, places: Mapping[Place, int]) -> bool:
        place = topic, sign.partition
        return (
            places.get(place, 0) >= ends[topic] or self._newest.get(place, 0) >= sign.one.received_ms + SILENT_AFTER_MS
        )
