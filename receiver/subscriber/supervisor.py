"""Have a subscription for each meeting that is on and ours, and none for any other.

What is wanted (events, lists) and what is ours (partitions) comes in by plain calls; `run` opens what is missing and
ends what is over. What was open when an earlier process, or another receiver, died is told as lost before it is opened
again.
"""

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog

from schemas.events import LifecycleEvent
from schemas.ids import LogId
from schemas.lines import Logger
from schemas.metrics import Meters
from schemas.record import partition_of
from schemas.settings import Subscriber

from ..cloud.meetings import OnlineMeeting
from ..errors import raised_at
from ..log import Log
from . import rules
from .around import around_of, right_now
from .cloud_port import CloudPort
from .conversation import ECHO_WITHIN_S
from .counts import Counts
from .inherited import Inherited
from .meeting import Key, Now, Over, Reason
from .ownership import HeldOpen
from .socket import Socket
from .sockets import STOP_WITHIN_S, Held, Sockets
from .subscription import Subscription
from .wanted import Want, Wanted

_LOG: Final[Logger] = structlog.get_logger("meetwire.receiver")

# Everything is looked through so often, for what no call tells of: an end whose last frames have come, a free place.
LOOK_EVERY_S: Final = 2.0
# What is opened because of a list is spread over this time at the most; the pace does the rest.
SPREAD_S: Final = 1.0

# These ends are for good, as far as this holding of the meeting goes. What the service calls a bad request may be none
# at the next list: its codes are not documented.
_FINAL: Final = frozenset[Reason]({"forbidden", "skipped"})


class Supervisor:
    """All subscriptions of a process. Nothing is opened before partitions are assigned."""

    def __init__(
        self,
        clouds: Mapping[str, CloudPort],
        settings: Subscriber,
        log: Log,
        *,
        receiver: LogId,
        partitions: int,
        meters: Meters,
        look_again: Callable[[str], object] = lambda _: None,
        is_tight: Callable[[], bool] = lambda: False,
        now: Callable[[], Now] = right_now,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        uniform: Callable[[], float] = random.random,
        stop_within_s: float = STOP_WITHIN_S,
    ) -> None:
        self._clouds = clouds
        self._settings = settings
        self._partitions = partitions
        self._now = now
        self._uniform = uniform
        self._stop_within_s = stop_within_s
        self._wanted = Wanted()
        self._owned: frozenset[int] = frozenset()
        self._sockets = Sockets(self._over)
        self._touched: dict[Key, None] = {}
        self._all_touched = self._stopping = self._is_limited = False
        self._woken = asyncio.Event()
        self._stopped = asyncio.Event()
        self._counts = Counts(meters, partitions)
        silence = timedelta(seconds=settings.heartbeat_s + ECHO_WITHIN_S)
        self._inherited = Inherited(receiver, log, self._counts, partitions=partitions, silence=silence, sleep=sleep)
        self._terms = rules.terms_of(settings, receiver=receiver, is_tight=is_tight)
        self._around = around_of(
            settings, log, self._counts, partitions=partitions, look_again=look_again, now=now, sleep=sleep
        )

    def lifecycle(self, events: Iterable[LifecycleEvent]) -> None:
        """Take lifecycle events, of whatever partition."""
        at = self._now().at
        for event in events:
            if event.enterprise in self._clouds:
                self._touched[self._wanted.heard(event, at)] = None
                self._touched[event.enterprise, event.meeting_id] = None
        self._woken.set()

    def listed(self, enterprise: str, meetings: Sequence[OnlineMeeting]) -> None:
        """Take a whole list of the meetings that are on."""
        self._wanted.listed(enterprise, meetings, self._now().at, is_open=self._sockets.is_open)
        self._inherited.listed(enterprise)
        self._touch_all()

    def assign(self, partitions: frozenset[int]) -> None:
        """Have these partitions' meetings as well."""
        self._owned |= partitions
        self._touch_all()

    def revoke(self, partitions: frozenset[int]) -> None:
        """Have these partitions' meetings no more: another receiver does."""
        self._owned -= partitions
        self._inherited.revoked(partitions)
        self._touch_all()

    def open_count(self, partition: int | None = None) -> int:
        """Return how many subscriptions are open: all, or a partition's."""
        return self._counts.open_count(partition)

    async def recover(self, marks: Mapping[str, bytes], *, seen_until: datetime | None = None) -> None:
        """Tell that what the log's notes say was open is lost. To be awaited before anything is listed or assigned.

        `seen_until`: when the log was last written to; without it a subscription is unseen since it was opened.
        """
        await self._inherited.recover(marks, self._now().at, seen_until=seen_until, known=self._clouds.keys())

    async def take_over(self, held: Iterable[HeldOpen]) -> None:
        """Tell that what another receiver held open is lost. To be awaited before its partitions are assigned.

        Epochs go on above all that were heard of, whatever our clock says.
        """
        await self._inherited.take_over([*held], self._now().at, is_ours=self._sockets.__contains__)

    def unknown(self, partitions: Iterable[int]) -> None:
        """Take it that what others left in these partitions could not be looked up: it is told as not seen."""
        self._inherited.unknown(partitions, self._now().at)

    def stop(self) -> None:
        """Have `run` end: each open subscription is told as lost, for whoever starts next."""
        self._stopping = True
        self._stopped.set()
        self._woken.set()

    async def run(self) -> None:
        """Open and end subscriptions until stopped or cancelled; then end all, within a deadline."""
        try:
            while not self._stopping:
                await self._wait()
                await self._look_safely()
        finally:
            self._stopping = True
            await self._sockets.end_all(self._stop_within_s)
            await self._around.closed()

    async def _wait(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOK_EVERY_S):
                await self._woken.wait()
                self._woken.clear()
                return
        self._all_touched = True

    async def _look_safely(self) -> None:
        """Look, and go on whatever that fails with: what is open must not end because of one meeting."""
        try:
            await self._look()
        except Exception as error:
            _LOG.error("service.failed", kind=type(error).__name__, where=raised_at(error))
            self._all_touched = True
            await self._around.sleep(LOOK_EVERY_S)

    async def _look(self) -> None:
        touched, self._touched = list(self._touched), {}
        was_limited = self._is_limited
        if self._all_touched:
            self._all_touched = False
            self._is_limited = False
            wants = self._wanted.wants(self._now().at)
            self._reconcile([*self._sockets, *wants], is_spread=True)
            ours = Counter(key[0] for key in wants if self._is_ours(key))
            self._counts.wanted(self._clouds, ours)
            await self._inherited.tell_over(self._now().at, self._stopped, is_on=self._is_on, is_ours=self._is_ours)
        else:
            self._reconcile(touched, is_spread=False)
        if self._is_limited and not was_limited:
            _LOG.warning("subscriptions.limited", most=self._settings.max_subscriptions)

    def _reconcile(self, keys: Iterable[Key], *, is_spread: bool) -> None:
        at = self._now().at
        for key in dict.fromkeys(keys):
            want = self._wanted.want(key, at) if self._is_ours(key) else None
            held = self._sockets.get(key)
            if held is None and want is not None:
                self._open(want, is_spread=is_spread)
            elif held is not None and not held.is_ending:
                self._end_if_over(key, held, want)

    def _open(self, want: Want, *, is_spread: bool) -> None:
        meeting = want.meeting
        if self._stopping or (meeting.is_described and rules.is_skipped(meeting, self._settings.skip)):
            return
        if len(self._sockets) >= self._settings.max_subscriptions:
            self._is_limited = True
            return
        if meeting.password is None or not rules.is_told(meeting, self._settings.skip):
            meeting = meeting.undescribed()
        before = self._inherited.before(meeting, want.began_at)
        subscription = Subscription(meeting, self._terms, before=before, uniform=self._uniform)
        socket = Socket(subscription, self._clouds[meeting.enterprise], self._around)
        self._sockets.open(socket, want.meeting.meeting_uuid, within_s=SPREAD_S if is_spread else 0.0)

    def _end_if_over(self, key: Key, held: Held, want: Want | None) -> None:
        if want is None:
            over: Reason = "room" if self._wanted.is_room(key) else "meeting_over"
            held.end(over if self._is_ours(key) else "moved")
        elif want.meeting.meeting_uuid != held.meeting_uuid:
            found = held.socket.subscription.meeting.meeting_uuid
            if held.meeting_uuid is not None and found != want.meeting.meeting_uuid:
                # It is held again: the one before is over, whatever its socket says. Unless it is on this one already.
                held.end("meeting_over")
            held.meeting_uuid = want.meeting.meeting_uuid

    def _over(self, key: Key, over: Over, subscription: Subscription) -> None:
        at, is_moved = self._now().at, over.reason == "moved"
        self._inherited.ended(subscription.meeting, subscription.left, is_moved=is_moved)
        if over.reason == "room" and over.meeting_id is not None:
            self._wanted.is_room_of(key, over.meeting_id, at)
            self._touched[key[0], over.meeting_id] = None
        elif over.reason not in ("moved", "stopping"):
            self._wanted.over(subscription.meeting, at, is_final=over.reason in _FINAL)
        if over.reason == "not_found":
            # A room's ID, perhaps: the list knows which meeting is on in it.
            self._around.look_again(key[0])
        self._touched[key] = None
        # Where the places were taken, somebody waits for this one.
        self._all_touched = self._all_touched or self._is_limited
        self._woken.set()

    def _is_ours(self, key: Key) -> bool:
        return partition_of(key[1], self._partitions) in self._owned

    def _is_on(self, key: Key) -> bool:
        return key in self._sockets or self._wanted.want(key, self._now().at) is not None

    def _touch_all(self) -> None:
        self._all_touched = True
        self._woken.set()
