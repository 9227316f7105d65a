"""How many connects a second: each asks when its turn is. Pure: the clock is handed in.

Nobody saves turns up: after a quiet hour the first two are as far apart as any.
"""


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
