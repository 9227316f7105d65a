"""Undo the forwarder's repeats without a memory of ids. Pure.

A record's position rises within its log, and the forwarder publishes a log in order; so per log, topic and partition
what does not rise has been there before. One number for each of these is the whole memory. Several receivers mean
several logs, mixed in one partition, and each rises by itself.
"""

from collections.abc import Sequence

from schemas.ids import LogId
from schemas.record import Stored


class Rising:
    """Lets through what rises. Counts on hearing all of a partition from one point on."""

    def __init__(self) -> None:
        self._last: dict[tuple[str, int], dict[LogId, int]] = {}

    def rising(self, topic: str, partition: int, stored: Sequence[Stored]) -> list[Stored]:
        """Return those of one partition that rise, in order."""
        last = self._last.setdefault((topic, partition), {})
        kept = []
        for one in stored:
            if one.position > last.get(one.log, 0):
                last[one.log] = one.position
                kept.append(one)
        return kept

    def forget(self) -> None:
        """Start anew, as after a rebalance.

        A partition that comes (back) is read from the group's committed position. What was handed out and not
        committed comes once more then, and has to: nobody knows that it was handled. A repeat across this boundary
        passes too; handlers are idempotent by the event's id.
        """
        self._last.clear()
