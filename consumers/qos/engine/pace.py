"""How far apart samples come: what a silence is measured by. Pure.

What is pushed comes at a pace of its own, soon known. What is asked for comes when its turn comes, within a budget of
calls: kinds of which there is nothing make the gaps of one participant uneven, and each new meeting all of them longer.
So there the longest gap is forgotten slowly, and whoever was asked for once may well have to wait for the second time.
And as all of an enterprise wait in one queue, nobody is silent who has waited no longer than others lately did.
"""

from typing import Final

import msgspec

# Longer gaps than these are absences, not a pace.
LONGEST_PUSHED_MS: Final = 600_000
LONGEST_ASKED_MS: Final = 4 * 3_600_000
FIRST_ASKED_MS: Final = 2 * 3_600_000
_LATELY_MS: Final = 3_600_000


class Waited(msgspec.Struct, frozen=True):
    """How long people waited at the longest, and for each of those who were in the queue."""

    longest_ms: int = 0
    each_ms: float = 0.0


_NOBODY: Final = Waited()


class Queue(msgspec.Struct):
    """How long people of one enterprise waited to be asked for again: this hour, and the one before."""

    hour: int = 0
    now: Waited = _NOBODY
    before: Waited = _NOBODY

    def waited(self, gap_ms: int, at_ms: int, people: int) -> None:
        """Note that somebody did, until `at_ms`, one of so many."""
        if (hour := at_ms // _LATELY_MS) != self.hour:
            self.before = self.now if hour == self.hour + 1 else _NOBODY
            self.now, self.hour = _NOBODY, hour
        gap_ms = min(gap_ms, LONGEST_ASKED_MS)
        self.now = Waited(max(self.now.longest_ms, gap_ms), max(self.now.each_ms, gap_ms / max(1, people)))

    def wait_ms(self, at_ms: int, people: int) -> int:
        """Return how long one may have to wait, as of `at_ms`: as long as others did, and as the queue has grown."""
        hours = at_ms // _LATELY_MS - self.hour
        lately = [self.now, self.before] if hours <= 0 else [self.now] if hours == 1 else []
        waits_ms = (max(one.longest_ms, int(one.each_ms * people)) for one in lately)
        return min(LONGEST_ASKED_MS, max(waits_ms, default=0))


def pace(gap_ms: int, newest_ms: int, at_ms: int, *, asked: bool, people: int = 1) -> int:
    """Return the pace with a sample that was received at `at_ms`; `newest_ms`: the one before, 0 where none was.

    `people`: whose samples these are. Those of one meeting come one after the other, and then none for long.
    """
    if not newest_ms:
        return FIRST_ASKED_MS if asked else 0
    if at_ms <= newest_ms:
        return gap_ms
    if asked:
        return min(LONGEST_ASKED_MS, max(at_ms - newest_ms, gap_ms - gap_ms // (16 * people)))
    return min(LONGEST_PUSHED_MS, max(at_ms - newest_ms, gap_ms // 2))
