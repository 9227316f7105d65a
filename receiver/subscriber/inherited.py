"""What earlier processes and other receivers left open: told in their place, and where the next one goes on from.

Of ten thousand meetings that a killed process had open, each is told as lost before the next is asked for; so they are
told side by side, and one commit holds many.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from schemas.ids import LogId
from schemas.record import partition_of

from ..log import Log
from .counts import Counts
from .keeping import append_surely, told_until
from .leftovers import Due, Leftovers
from .meeting import Before, Key, Meeting
from .ownership import LOOK_BACK, HeldOpen
from .saying import say_told


class Inherited:
    """Of all meetings of a process."""

    def __init__(
        self,
        receiver: LogId,
        log: Log,
        counts: Counts,
        *,
        partitions: int,
        silence: timedelta,
        sleep: Callable[[float], Awaitable[object]],
    ) -> None:
        self._log = log
        self._counts = counts
        self._partitions = partitions
        self._sleep = sleep
        self._leftovers = Leftovers(receiver, partitions, silence=silence)
        self._floor = 0
        self._unknown: dict[int, datetime] = {}

    async def recover(
        self, marks: Mapping[str, bytes], at: datetime, *, seen_until: datetime | None, known: Collection[str]
    ) -> None:
        """Tell that what the log's notes say was open is lost."""
        await self._tell(self._leftovers.recover(marks, at, seen_until=seen_until, known=known))

    async def take_over(self, held: Sequence[HeldOpen], at: datetime, *, is_ours: Callable[[Key], bool]) -> None:
        """Tell that what another receiver held open is lost, but for what is open here."""
        self._floor = max([self._floor, *(one.epoch for one in held)])
        theirs = [one for one in held if one.left != "over" and not is_ours((one.enterprise, one.meeting_id))]
        await self._tell(self._leftovers.take_over(theirs, at))

    def unknown(self, partitions: Iterable[int], at: datetime) -> None:
        """Take it that nobody can say what others left in these partitions: for as far back as is looked, or longer."""
        self._unknown |= dict.fromkeys(partitions, at - LOOK_BACK)

    def revoked(self, partitions: Iterable[int]) -> None:
        """Take it that these partitions are another's: whoever has them next looks for itself."""
        for partition in partitions:
            self._unknown.pop(partition, None)

    def before(self, meeting: Meeting, began_at: datetime | None) -> Before:
        """Return what a new subscription goes on from; `began_at`: when the meeting began, or earlier, if known."""
        unknown_since = self._unknown.get(partition_of(meeting.meeting_id, self._partitions))
        return self._leftovers.take(meeting, began_at=began_at or unknown_since, floor=self._floor)

    def ended(self, meeting: Meeting, left: Before, *, is_moved: bool) -> None:
        """Take what a subscription of ours left; `is_moved`: another receiver has the meeting, and it may come back."""
        self._floor = max(self._floor, left.epoch)
        if is_moved:
            self._leftovers.keep(meeting, left)

    def listed(self, enterprise: str) -> None:
        """Take it that a whole list of an enterprise's meetings came."""
        self._leftovers.listed(enterprise)

    async def tell_over(
        self,
        at: datetime,
        stopped: asyncio.Event,
        *,
        is_on: Callable[[Key], bool],
        is_ours: Callable[[Key], bool],
    ) -> None:
        """Tell of what was left and is over meanwhile; what is not told when `stopped` comes is at the next start."""
        over = self._leftovers.over(at, is_on=is_on, is_ours=is_ours)
        if over:
            await told_until(stopped, self._tell(over))

    async def _tell(self, dues: Iterable[Due]) -> None:
        """Tell all of it, however long the log takes nothing; of one meeting in its order."""
        by_meeting: dict[Key, list[Due]] = defaultdict(list)
        for due in dues:
            by_meeting[due.key].append(due)
        async with asyncio.TaskGroup() as group:
            for of_one in by_meeting.values():
                group.create_task(self._tell_in_turn(of_one))

    async def _tell_in_turn(self, dues: Iterable[Due]) -> None:
        for due in dues:
            await append_surely(self._log, due.entry, self._sleep)
            if due.event is not None:
                say_told(due.event, self._counts, was_open=False)
