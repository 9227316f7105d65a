"""See to it that what nobody can read is said, once, by whoever leads.

A process that stands by, or does not know yet whether it leads, keeps what it could not read for a minute: if the one
that leads dies before it has said so, this one does. Each has the same ID whoever says it. What waits to be said is not
passed over by a snapshot for ten minutes: a crash reads it again. A topic that takes nothing does not end alerting; it
is tried again.
"""

from collections import deque
from collections.abc import Sequence
from typing import Final

import msgspec

from schemas.lines import Logger

from ..dead_letters import DeadLetters
from ..errors import SinkUnavailable
from ..letter import Dead

# Longer than a group's session and all that it takes to follow a leader that died.
KEPT_S: Final = 60.0
# Beyond that many it is this version's fault, as DeadLetters has it; each may hold a megabyte.
MOST: Final = 100
TRY_AGAIN_S: Final = 5.0
# A topic that may never be written to must not make every start read from ever further back.
HELD_S: Final = 600.0


class _Some(msgspec.Struct):
    read_s: float
    dead: list[Dead]
    of: int
    counted: bool = False


class Aside:
    """What waits to be said."""

    def __init__(self, letters: DeadLetters, logger: Logger) -> None:
        self._letters, self._logger = letters, logger
        self._waiting: deque[_Some] = deque()
        self._not_before_s = float("-inf")
        self._failed = False

    def holds(self, now_s: float) -> bool:
        """Whether anything waits that a snapshot must not pass over."""
        return any(some.dead and some.read_s > now_s - HELD_S for some in self._waiting)

    def take(self, dead: Sequence[Dead], of: int, now_s: float) -> None:
        """Take what could not be read of so many records; `now_s` is a monotonic time, as everywhere here."""
        last = self._waiting[-1] if self._waiting else None
        if last is None or dead or last.dead or last.counted:
            self._waiting.append(_Some(now_s, list(dead), of))
        else:
            last.read_s, last.of = now_s, last.of + of

    def leave(self, now_s: float) -> None:
        """Leave it to whoever leads; what is old that one has said by now."""
        while self._waiting and (self._waiting[0].read_s <= now_s - KEPT_S or self._count() > MOST):
            self._waiting.popleft()

    async def say(self, now_s: float) -> None:
        """Publish all. Raises TooManyDeadLetters, and SinkUnavailable once too much waits for it."""
        while self._waiting and now_s >= self._not_before_s:
            some = self._waiting[0]
            if not some.counted:
                some.counted = True
                self._letters.count(some.dead, of=some.of)
            try:
                await self._letters.publish(some.dead)
            except SinkUnavailable as error:
                self._fail(error, now_s)
                return
            self._failed = False
            self._waiting.popleft()

    def _fail(self, error: SinkUnavailable, now_s: float) -> None:
        if self._count() > MOST:
            raise error
        self._not_before_s = now_s + TRY_AGAIN_S
        if not self._failed:
            self._failed = True
            self._logger.warning("consumer.failed", consumer="qos", reason=str(error))

    def _count(self) -> int:
        return sum(len(some.dead) for some in self._waiting)
