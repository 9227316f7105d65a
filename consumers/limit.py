"""How many dead letters are too many. Pure.

A few records that cannot be read are set aside and the rest goes on. Many are no accident: then it is this consumer
that is wrong, and it must stop, rather than pour a whole topic into its dead letters.
"""

from collections import deque

import msgspec


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """Too many are more than `count` within `window_s` seconds that are more than `ratio` of all records in them."""

    count: int = 100
    ratio: float = 0.05
    window_s: float = 300.0


class Tally:
    """Counts within a limit's window."""

    def __init__(self, limit: Limit) -> None:
        self._limit = limit
        self._batches: deque[tuple[float, int, int]] = deque()
        self.records = self.dead = 0

    def add(self, at_s: float, records: int, dead: int) -> bool:
        """Count a batch at a monotonic time: all its records, and the dead among them. False: too many now."""
        self._batches.append((at_s, records, dead))
        self.records += records
        self.dead += dead
        while self._batches[0][0] <= at_s - self._limit.window_s:
            _, old_records, old_dead = self._batches.popleft()
            self.records -= old_records
            self.dead -= old_dead
        return self.dead <= max(self._limit.count, self._limit.ratio * self.records)
