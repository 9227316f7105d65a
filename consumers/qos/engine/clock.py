"""What time it is, by the records alone.

Each receiver writes a sign of life to every partition every ten seconds, and its records reach a partition in order;
so what a partition has up to a sign of life is all that this receiver had for it until then. A receiver that is behind
the others by more than a minute is silent: it holds nobody up until it is back. That is decided by the records of one
partition in their order, and so alike by everybody who reads them.
"""

from collections.abc import Iterable
from typing import Final

import msgspec

SILENT_AFTER_MS: Final = 60_000


class PartitionClock(msgspec.Struct):
    """The clock of one partition: the newest sign of life of each receiver, in milliseconds."""

    alive: dict[str, int] = {}

    def hear(self, receiver: str, at_ms: int) -> None:
        """Take a sign of life; an older one changes nothing."""
        if at_ms > self.alive.get(receiver, 0):
            self.alive[receiver] = at_ms
            # Who is silent has no say; those that have gone for good would become ever more.
            newest = max(self.alive.values())
            for silent in [one for one, heard_ms in self.alive.items() if newest - heard_ms > SILENT_AFTER_MS]:
                del self.alive[silent]

    def now_ms(self) -> int | None:
        """Return up to when everything of this partition is there; None where no receiver was ever heard."""
        if not self.alive:
            return None
        return min(self.alive.values())


class Clock(msgspec.Struct):
    """The clock of all partitions: that of the last of them."""

    partitions: dict[int, PartitionClock] = {}
    reached_ms: int = 0
    """It never goes back: a receiver that returns from silence is late, not the clock."""

    def expect(self, partitions: Iterable[int]) -> None:
        """Wait for these partitions too, though nothing was heard of them."""
        for partition in partitions:
            self.partitions.setdefault(partition, PartitionClock())

    def hear(self, partition: int, receiver: str, at_ms: int) -> None:
        """Take a sign of life in one partition."""
        self.partitions.setdefault(partition, PartitionClock()).hear(receiver, at_ms)

    @property
    def heard_ms(self) -> int:
        """Return the newest sign of life of any receiver in any partition; 0 where there was none."""
        return max((at_ms for partition in self.partitions.values() for at_ms in partition.alive.values()), default=0)

    def now_ms(self) -> int:
        """Return up to when everything is there; 0 while a partition has not been heard of."""
        times = [partition.now_ms() for partition in self.partitions.values()]
        told = [time for time in times if time is not None]
        if told and len(told) == len(times):
            self.reached_ms = max(self.reached_ms, min(told))
        return self.reached_ms
