"""How many connects a second: each asks when its turn is. Pure: the clock is handed in.

Nobody saves turns up: after a quiet hour the first two are as far apart as any. And where a process stood still, those
whose turn it was meanwhile do not go all at once: at the last moment the second that is over is looked at.
"""

from collections import deque
from typing import Final

# A little more than one, for what differs on the way.
_SECOND_S: Final = 1.1


class Pace:
    """Gives out turns, in the order of asking, at most `per_s` of them a second."""

    def __init__(self, per_s: float) -> None:
        self._apart_s = 1 / per_s
        self._next_s = float("-inf")

    def turn(self, now_s: float) -> float:
        """Return when the turn of the one who asks now is, on the clock that `now_s` is read from."""
        at_s = max(self._next_s, now_s)
        self._next_s = at_s + self._apart_s
        return at_s


class Window:
    """Lets no more than `per_s` go in any second."""

    def __init__(self, per_s: float) -> None:
        self._span_s = _SECOND_S * max(1.0, 1 / per_s)
        self._went: deque[float] = deque(maxlen=max(1, int(per_s)))

    def ask(self, now_s: float) -> float:
        """Return 0 for one that may go, and count it; else how long it is to wait before it asks again."""
        if len(self._went) == self._went.maxlen and now_s < self._went[0] + self._span_s:
            return max(0.001, self._went[0] + self._span_s - now_s)
        self._went.append(now_s)
        return 0.0
