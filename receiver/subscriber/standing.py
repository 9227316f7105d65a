"""How long an assignment stands without a word of the group. Pure: the clock is handed in, monotonic, in seconds.

Who cannot reach Kafka cannot tell whether nobody can, so that its meetings are nobody else's, or it alone, so that the
group gave them to another. To go on costs a second socket for each meeting, and readers undo what is there twice; to
stop costs what nobody hears. So it goes on for long, and not for ever.
"""

from datetime import datetime, timedelta
from typing import Final

import msgspec

# What is noted of the last word is older by so much at the most than the word itself.
NOTE_EVERY_S: Final = 30.0


class Noted(msgspec.Struct, frozen=True):
    """What outlives a process: the assignment, and when the group last said that it holds."""

    partitions: frozenset[int] = frozenset()
    confirmed_at: datetime = datetime.fromisoformat("1970-01-01T00:00:00Z")

    def age_s(self, now: datetime) -> float:
        """Return how old the word is; infinite where the clock was set back since, and nobody knows."""
        age = now - self.confirmed_at
        return float("inf") if age < timedelta(0) else age.total_seconds()


class Standing:
    """One assignment's. Without a word at all it does not end: there is no group to give one."""

    def __init__(self, stands_s: float) -> None:
        self._stands_s = stands_s
        self.confirmed_s: float | None = None
        """When the group was asked that last said that the assignment holds."""
        self.is_given_up = False

    def confirm(self, asked_s: float) -> bool:
        """Take it that the group says so; return whether the assignment had been given up."""
        self.confirmed_s = asked_s if self.confirmed_s is None else max(asked_s, self.confirmed_s)
        was, self.is_given_up = self.is_given_up, False
        return was

    def unconfirmed_s(self, now_s: float) -> float:
        """Return how long ago that was."""
        return 0.0 if self.confirmed_s is None else now_s - self.confirmed_s

    def ends(self, now_s: float) -> bool:
        """Return whether it has stood for too long; from then on it is given up. True once."""
        ends = not self.is_given_up and self.unconfirmed_s(now_s) >= self._stands_s
        self.is_given_up = self.is_given_up or ends
        return ends

    def look_in_s(self, now_s: float) -> float:
        """Return when to look again: at its end, and now and then, to note the last word."""
        left_s = self._stands_s - self.unconfirmed_s(now_s)
        return left_s if 0 < left_s < NOTE_EVERY_S else NOTE_EVERY_S
