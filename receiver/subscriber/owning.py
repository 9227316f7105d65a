"""Hand the supervisor its partitions: at once, where there is one receiver; as the group says, where there is Kafka.

What another receiver held open in a partition is told as lost before the partition is ours. The last assignment is
noted in the log: where the group cannot be asked at a start, it stands.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from typing import Final, Protocol

import msgspec
import structlog
from aiokafka.errors import KafkaError

from schemas.lines import Logger

from ..entry import Entry, Mark
from ..errors import LogUnavailable
from ..log import Log
from .ownership import HeldOpen

_LOG: Final[Logger] = structlog.get_logger("meetwire.receiver")

MARK: Final = "assignment"
# A group with a member that died waits for the end of its session, ten seconds, before it gives its partitions away.
STANDS_AFTER_S: Final = 20.0


class Owner(Protocol):
    """What is needed of the supervisor."""

    def assign(self, partitions: frozenset[int]) -> None: ...  # noqa: D102 -- as the supervisor has them
    def revoke(self, partitions: frozenset[int]) -> None: ...  # noqa: D102
    async def take_over(self, held: Iterable[HeldOpen]) -> None: ...  # noqa: D102


class Owning:
    """Follows assignments, one after the other. `look_up` finds what others held open; `came` is told of new ones."""

    def __init__(
        self,
        owner: Owner,
        log: Log,
        *,
        receiver: str,
        look_up: Callable[[Collection[int]], Awaitable[Sequence[HeldOpen]]],
        came: Callable[[], object],
        stands_after_s: float = STANDS_AFTER_S,
    ) -> None:
        self._owner = owner
        self._log = log
        self._receiver = receiver
        self._look_up = look_up
        self._came = came
        self._stands_after_s = stands_after_s
        self._owned: frozenset[int] = frozenset()
        self._assignments: asyncio.Queue[frozenset[int]] = asyncio.Queue()
        self.latest: frozenset[int] | None = None
        """The last assignment that came, followed or not; None: none has."""

    @property
    def share(self) -> frozenset[int]:
        """The partitions that are ours."""
        return self._owned

    def assigned(self, partitions: frozenset[int]) -> None:
        """Take an assignment. What is no longer ours goes at once."""
        self.latest = partitions
        gone = self._owned - partitions
        self._owned -= gone
        if gone:
            self._owner.revoke(gone)
        self._assignments.put_nowait(partitions)

    async def run(self, last: frozenset[int]) -> None:
        """Follow assignments until cancelled; `last` is the one that was noted."""
        try:
            partitions = await asyncio.wait_for(self._assignments.get(), self._stands_after_s)
        except TimeoutError:
            _LOG.warning("ownership.assumed", partitions=sorted(last))
            partitions = last
        while True:
            await self._take(partitions)
            partitions = await self._assignments.get()

    async def _take(self, partitions: frozenset[int]) -> None:
        new = partitions - self._owned if self._assignments.empty() else frozenset()
        if new:
            await self._owner.take_over(await self._found(new))
        # A later assignment may have come meanwhile: then it is its turn.
        if new and self._assignments.empty():
            self._owned |= new
            self._owner.assign(new)
            self._came()
        await self._note()

    async def _found(self, partitions: frozenset[int]) -> list[HeldOpen]:
        try:
            held = await self._look_up(partitions)
        except (KafkaError, OSError) as error:
            # Their spans are told as unseen by whoever was there, once it is again; we must not wait for that.
            _LOG.warning("ownership.failed", kind=type(error).__name__)
            return []
        # What was open of this receiver is in its own log's notes.
        return [one for one in held if one.receiver != self._receiver or one.left != "open"]

    async def _note(self) -> None:
        value = msgspec.json.encode(sorted(self._owned))
        try:
            await self._log.append(Entry((), None, marks=(Mark(MARK, value),)))
        except LogUnavailable:
            return


def noted(marks: dict[str, bytes]) -> frozenset[int]:
    """Return the last assignment that was noted; empty where there is none that can be read."""
    try:
        return frozenset(msgspec.json.decode(marks.get(MARK, b"[]"), type=list[int]))
    except msgspec.DecodeError:
        return frozenset()
