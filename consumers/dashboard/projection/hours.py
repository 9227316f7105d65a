"""How many meetings and people there were in the last hours, in steps of five minutes. Pure.

It is counted while the dashboard runs and begins anew with it: what was before a start is not known.
"""

from collections import deque
from datetime import UTC, datetime
from typing import Final

import msgspec

from schemas.api.meetings import Hour

STEP_S: Final = 300
STEPS: Final = 72
"""Six hours."""


class Counts(msgspec.Struct, frozen=True, gc=False):
    """What there is at one moment."""

    meetings: int = 0
    people: int = 0
    bad: int = 0

    def or_more(self, other: "Counts") -> "Counts":
        """Return the higher of each."""
        return Counts(max(self.meetings, other.meetings), max(self.people, other.people), max(self.bad, other.bad))

    def plus(self, other: "Counts") -> "Counts":
        """Return the sum of each."""
        return Counts(self.meetings + other.meetings, self.people + other.people, self.bad + other.bad)


class Hours:
    """By enterprise, since enterprises are what a reader may or may not see."""

    def __init__(self) -> None:
        self._steps: deque[tuple[int, dict[str, Counts]]] = deque(maxlen=STEPS)

    def note(self, counts: dict[str, Counts], now: datetime) -> None:
        """Count what there is now; within a step the highest stands."""
        step = int(now.timestamp()) // STEP_S
        if not self._steps or self._steps[-1][0] < step:
            self._steps.append((step, {}))
        there = self._steps[-1][1]
        for enterprise, count in counts.items():
            there[enterprise] = there.get(enterprise, Counts()).or_more(count)

    def shown(self, enterprises: frozenset[str] | None) -> list[Hour]:
        """Return the steps, the oldest first; those in which nothing was counted show nought."""
        known = dict(self._steps)
        if not known:
            return []
        return [_hour(step, known.get(step, {}), enterprises) for step in range(min(known), max(known) + 1)][-STEPS:]


def _hour(step: int, counts: dict[str, Counts], enterprises: frozenset[str] | None) -> Hour:
    total = Counts()
    for enterprise, count in counts.items():
        if enterprises is None or enterprise in enterprises:
            total = total.plus(count)
    at = datetime.fromtimestamp(step * STEP_S, UTC)
    return Hour(at=at, meetings=total.meetings, people=total.people, bad=total.bad)
