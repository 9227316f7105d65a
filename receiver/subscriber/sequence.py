"""What the `version` of incremental frames tells of frames that did not come. Pure.

The reference calls it an ascending sequence number and says nothing of its scope (developer guide, "Event Push"). So
it is learnt: a number that goes up by one most of the time has no holes of its own, and a hole in it is a frame that
was missed. Holes from before that was known are told of once it is. Numbers that go on from one socket to the next tell
what was missed in between; whether they do is not known, and where they begin anew, they tell nothing.
"""

from datetime import datetime
from typing import Final, NamedTuple

# So many steps of one must have been seen, and so many times as many as holes, before a hole means anything: numbers
# that several types of push share go up by one now and then as well.
STEPS_TO_BELIEVE: Final = 8
STEPS_A_HOLE: Final = 4
# More holes than this are kept as one that spans them.
_MAX_HOLES: Final = 16


class Hole(NamedTuple):
    """Numbers that did not come, both ends included."""

    first: int
    last: int
    since: datetime
    """When the frame before them was sent."""
    is_past: bool = False
    """On an earlier socket, or between two: since then everything was sent whole."""


class Sequence:
    """The numbers of one push type of one meeting."""

    __slots__ = ("_at", "_before", "_holes", "_jumps", "_last", "_left", "_low", "_steps", "_told")

    def __init__(self) -> None:
        self._steps = self._jumps = 0
        self._low = self._last = 0
        self._at: datetime | None = None
        self._holes: list[Hole] = []
        self._told = 0
        self._left: Hole | None = None
        self._before: tuple[int, datetime] | None = None

    @property
    def is_contiguous(self) -> bool:
        """Return whether a hole is a loss, as far as is known by now."""
        return self._steps >= STEPS_TO_BELIEVE and self._steps >= STEPS_A_HOLE * self._jumps

    @property
    def is_whole(self) -> bool:
        """Return whether no hole is open."""
        return not self._holes

    def begin(self) -> None:
        """Forget where the numbers were, not what was learnt: another socket begins, or they begin anew."""
        if self._left is None and self._told < len(self._holes):
            # The first one that nobody was told of: its span reaches until it is told, over all the others.
            self._left = self._holes[self._told]._replace(is_past=True)
        self._before = (self._last, self._at) if self._at is not None else self._before
        self._low = self._last = 0
        self._at = None
        self._holes = []
        self._told = 0

    def take(self, number: int, at: datetime) -> list[Hole]:
        """Take the next number, of a frame that was sent at `at`.

        Return the holes that are known to be losses by now, each once.
        """
        if self._at is None:
            self._begin_at(number, at)
        elif number > self._last:
            self._rise(number, self._at)
            self._last, self._at = number, at
        elif not self._fill(number) and number < self._low:
            self.begin()
            self._before = None
            self._begin_at(number, at)
        return self._tell()

    def _begin_at(self, number: int, at: datetime) -> None:
        if self._before is not None and self._left is None and number > self._before[0] + 1:
            self._left = Hole(self._before[0] + 1, number - 1, self._before[1], is_past=True)
        self._low, self._last, self._at = number, number, at

    def _rise(self, number: int, since: datetime) -> None:
        if number == self._last + 1:
            self._steps += 1
        else:
            self._jumps += 1
            self._holes.append(Hole(self._last + 1, number - 1, since))
            self._bound()

    def _fill(self, number: int) -> bool:
        """Take a number that comes late out of its hole; return whether there was one."""
        for index, hole in enumerate(self._holes):
            if hole.first <= number <= hole.last:
                parts = [Hole(hole.first, number - 1, hole.since), Hole(number + 1, hole.last, hole.since)]
                left = [part for part in parts if part.first <= part.last]
                self._holes[index : index + 1] = left
                if index < self._told:
                    self._told += len(left) - 1
                return True
        return False

    def _bound(self) -> None:
        if len(self._holes) <= _MAX_HOLES:
            return
        if self._told:
            del self._holes[0]
            self._told -= 1
        else:
            self._holes[:2] = [Hole(self._holes[0].first, self._holes[1].last, self._holes[0].since)]

    def _tell(self) -> list[Hole]:
        if not self.is_contiguous:
            return []
        news = ([self._left] if self._left else []) + self._holes[self._told :]
        self._told, self._left = len(self._holes), None
        return news
