"""Hand the supervisor its partitions: at once, where there is one receiver; as the group says, where there is Kafka.

What another receiver held open in a partition is told as lost before the partition is ours. The last assignment is
noted in the log, with when the group last confirmed it: where the group cannot be asked, it stands, also over a start,
until that is too long ago. Then it is given up, and taken again when the group confirms it.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

import msgspec
import structlog
from aiokafka.errors import KafkaError

from schemas.lines import Logger

from ..entry import Entry, Mark
from ..errors import LogUnavailable
from ..log import Log
from .ownership import HeldOpen
from .standing import Noted, Standing

_LOG: Final[Logger] = structlog.get_logger("meetwire.receiver")

MARK: Final = "assignment"
# A group with a member that died waits for the end of its session, ten seconds, before it gives its partitions away.
STANDS_AFTER_S: Final = 20.0


class Owner(Protocol):
    """What is needed of the supervisor."""

    def assign(self, partitions: frozenset[int]) -> None: ...  # noqa: D102 -- as the supervisor has them
    def revoke(self, partitions: frozenset[int]) -> None: ...  # noqa: D102
    async def take_over(self, held: Iterable[HeldOpen]) -> None: ...  # noqa: D102
    def unknown(self, partitions: Collection[int]) -> None: ...  # noqa: D102


class Owning:
    """Follows assignments, one after the other. `look_up` finds what others held open; `came` is told of new ones.

    `stands_s`: how long one stands that the group does not confirm.
    """

    def __init__(
        self,
        owner: Owner,
        log: Log,
        *,
        receiver: str,
        look_up: Callable[[Collection[int]], Awaitable[Sequence[HeldOpen]]],
        came: Callable[[], object],
        stands_s: float,
        stands_after_s: float = STANDS_AFTER_S,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._owner = owner
        self._log = log
        self._receiver = receiver
        self._look_up = look_up
        self._came = came
        self._stands_s = stands_s
        self._stands_after_s = stands_after_s
        self._standing = Standing(stands_s)
        self._clock = clock
        self._now = now
        self._sleep = sleep
        self._noted: Noted | None = None
        self._owned: frozenset[int] = frozenset()
        self._assignments: asyncio.Queue[frozenset[int]] = asyncio.Queue()
        self.latest: frozenset[int] | None = None
        """The last assignment that came, followed or not; None: none has."""

    @property
    def share(self) -> frozenset[int]:
        """The partitions that are ours."""
        return self._owned

    @property
    def unconfirmed_s(self) -> float:
        """For how long the group has not said that our partitions are ours, in seconds."""
        return self._standing.unconfirmed_s(self._clock())

    def assigned(self, partitions: frozenset[int]) -> None:
        """Take an assignment. What is no longer ours goes at once."""
        self.latest = partitions
        self._standing.confirm(self._clock())
        self._revoke(self._owned - partitions)
        self._assignments.put_nowait(partitions)

    def confirmed(self, asked_s: float) -> None:
        """Take it that the group, asked then on the monotonic clock, said that the last assignment holds."""
        if self._standing.confirm(asked_s) and self.latest is not None:
            self._assignments.put_nowait(self.latest)

    async def run(self, last: Noted) -> None:
        """Follow assignments until cancelled; `last` is the one that was noted."""
        try:
            # Not `wait_for`: before Python 3.12 it can swallow a cancellation, and this would never end.
            async with asyncio.timeout(self._stands_after_s):
                partitions = await self._assignments.get()
        except TimeoutError:
            # One that came is followed when this begins anew after a failure, too.
            partitions = self._assumed(last) if self.latest is None else self.latest
        while True:
            await self._take(partitions)
            partitions = await self._assignments.get()

    async def watch(self) -> None:
        """Give up what stood for too long, and note when the group gave its last word; until cancelled."""
        while True:
            await self._sleep(self._standing.look_in_s(self._clock()))
            if self._owned and self._standing.ends(self._clock()):
                _LOG.warning("ownership.dropped", partitions=sorted(self._owned))
                self._revoke(self._owned)
            await self._note()

    def _assumed(self, last: Noted) -> frozenset[int]:
        age_s = last.age_s(self._now())
        if not last.partitions or age_s >= self._stands_s:
            _LOG.warning("ownership.dropped", partitions=sorted(last.partitions))
            return frozenset()
        _LOG.warning("ownership.assumed", partitions=sorted(last.partitions), age_s=round(age_s))
        self.latest = last.partitions
        self._standing.confirm(self._clock() - age_s)
        return last.partitions

    def _revoke(self, gone: frozenset[int]) -> None:
        self._owned -= gone
        if gone:
            self._owner.revoke(gone)

    async def _take(self, partitions: frozenset[int]) -> None:
        new = partitions - self._owned if self._assignments.empty() else frozenset()
        if new:
            await self._owner.take_over(await self._found(new))
        # A later assignment may have come meanwhile: then it is its turn. Or this one stands no more.
        if new and self._assignments.empty() and not self._standing.is_given_up:
            self._owned |= new
            self._owner.assign(new)
            self._came()
        await self._note()

    async def _found(self, partitions: frozenset[int]) -> list[HeldOpen]:
        try:
            held = await self._look_up(partitions)
        except (KafkaError, OSError) as error:
            # We must not wait for it. What whoever was there tells once it is again has an older epoch than ours.
            _LOG.warning("ownership.failed", kind=type(error).__name__)
            self._owner.unknown(partitions)
            return []
        # What was open of this receiver is in its own log's notes.
        return [one for one in held if one.receiver != self._receiver or one.left != "open"]

    async def _note(self) -> None:
        """Note the assignment that stands, where that, or the group's last word, is another than was noted.

        Before there is one, the note of the process before is left as it is. One that is still being followed counts: a
        start amid that has it.
        """
        if self.latest is None:
            return
        stands = frozenset[int]() if self._standing.is_given_up else self.latest
        word = Noted(stands, self._now() - timedelta(seconds=self.unconfirmed_s))
        if self._noted is not None and word.partitions == self._noted.partitions and not _is_later(word, self._noted):
            return
        try:
            await self._log.append(Entry((), None, marks=(Mark(MARK, msgspec.json.encode(word)),)))
        except LogUnavailable:
            return
        self._noted = word


def _is_later(word: Noted, than: Noted) -> bool:
    # Both are reckoned back from two clocks: less than a second is nothing.
    return word.confirmed_at > than.confirmed_at + timedelta(seconds=1)


def noted(marks: dict[str, bytes]) -> Noted:
    """Return the last assignment that was noted; an empty one where there is none that can be read."""
    try:
        return msgspec.json.decode(marks.get(MARK, b"{}"), type=Noted)
    except msgspec.DecodeError:
        return Noted()
