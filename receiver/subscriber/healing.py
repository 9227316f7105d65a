"""When the lists of a meeting are had whole again, after a hole in what changed them. Pure.

By another socket: what a second Subscribe on one socket does is not known. Not more often than once a minute for each
meeting, and not by all meetings at once.
"""

from collections.abc import Callable
from typing import Final

from ..frames import Push, UnreadableFrame
from .meeting import Now

HEAL_EVERY_S: Final = 60.0
# What comes late can still fill the hole, and all meetings of a service that had a fault do not heal at once.
HEAL_AFTER_S: Final = 3.0


class Healing:
    """The plan of one meeting."""

    __slots__ = ("_healed_s", "_holed", "_uniform", "due_s")

    def __init__(self, uniform: Callable[[], float]) -> None:
        self._uniform = uniform
        self._holed: set[str] = set()
        self._healed_s = float("-inf")
        self.due_s: float | None = None
        """When to heal; None: all is whole."""

    def pushed(self, push: Push | UnreadableFrame, now: Now, *, is_holed: bool, is_whole: bool) -> None:
        """Take it that a push showed a hole of its type, or that none of its type is open any more."""
        if push.action is None:
            return
        if is_holed:
            self._holed.add(push.action)
        elif is_whole or push.mode == "full":
            self._holed.discard(push.action)
        if not self._holed:
            self.due_s = None
        elif self.due_s is None:
            self.due_s = max(now.s, self._healed_s + HEAL_EVERY_S) + self._uniform() * HEAL_AFTER_S

    def is_due(self, now: Now) -> bool:
        """Return whether to heal now; if so, it is taken to be done."""
        if self.due_s is None or now.s < self.due_s:
            return False
        self._healed_s = now.s
        return True

    def idle(self) -> None:
        """Take it that the socket is gone, and everything will be sent whole."""
        self._holed.clear()
        self.due_s = None
