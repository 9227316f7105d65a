"""Tell one channel what waits in its lane, as long as this process leads. A channel that is away holds up itself alone.

A message that was not taken is tried again after a delay drawn between nothing and a bound that doubles: replicas, and
channels on one network, do not come back all at once. A message that will never be taken is tried letter by letter,
so that one letter takes no other with it.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Final, get_args

from schemas.lines import Logger
from schemas.metrics import Meters
from schemas.notify import PER_MINUTE, Notify

from ..notify import ChannelError, Refused, Unavailable
from ..notify.letter import Channel, Letter
from ..notify.window import APART_S, Window
from .heard import Waiting
from .lane import Outcome, Step
from .outbox import Outbox
from .pauses import Delays, pauses

_ROBOTS: Final = frozenset({"dingtalk", "wecom", "feishu", "email"})
Clock = Callable[[], float]
Letters = list[tuple[Waiting, Letter]]


class Worker:
    """One channel's."""

    def __init__(
        self,
        settings: Notify,
        channel: Channel,
        outbox: Outbox,
        *,
        meters: Meters,
        logger: Logger,
        clock: Clock = time.monotonic,
        delays: Delays = pauses,
    ) -> None:
        self.channel = channel
        self._outbox, self._lane = outbox, outbox.lanes[settings.name]
        self._meters, self._logger, self._clock, self._delays = meters, logger, clock, delays
        apart_s = APART_S if settings.kind in _ROBOTS else 0.0
        self._window = Window(settings.per_minute or PER_MINUTE[settings.kind], apart_s=apart_s)
        self._news = outbox.listen()
        self._pauses = delays()
        self._failing = False
        self._resend_at = 0.0
        self._alone = 0
        self._tried_here: set[str] = set()
        # They begin at nought: Prometheus sees no increase from nothing to 1, and given_up is alarmed on.
        self._outcomes = {
            outcome: meters.counter("meetwire_qos_notifications_total", channel=channel.name, outcome=outcome)
            for outcome in get_args(Outcome)
        }

    async def run(self) -> None:
        """Go on until cancelled. Raises StoreUnavailable."""
        while True:
            self._news.clear()
            # What somebody silenced waits for the silence's end, and for nobody's help.
            waiting = sum(not one.silenced for one in self._lane.waiting.values())
            self._meters.gauge("meetwire_qos_notify_waiting", channel=self.channel.name).set(waiting)
            if not self._outbox.leading or not await self._go_on():
                await self._wait()

    async def _go_on(self) -> bool:
        """Do the next thing; return whether there was one."""
        if self._due():
            await self._resend()
        elif not self._lane.told:
            self._resend_at = self._clock() + (self.channel.resend_s or 0.0)
        if not self._lane.waiting:
            # What comes from now on is taken up when its time has come, not while the file is asked in vain.
            return False
        # Before it is chosen what is told: meanwhile there may be more to tell, and another who leads.
        await asyncio.sleep(self._window.wait_s(self._clock()))
        if not self._outbox.leading:
            return False
        step = await self._outbox.next_step(self.channel.name, 1 if self._alone > 0 else self.channel.most)
        self._count(step)
        if step.letters:
            await self._tell(step.letters)
        return bool(step.letters or step.dropped or step.silenced or step.given_up)

    async def _tell(self, letters: Letters) -> None:
        again = sum(waiting.tried and waiting.id not in self._tried_here for waiting, _ in letters)
        self._tried_here |= {waiting.id for waiting, _ in letters}
        if not await self._sent([letter for _, letter in letters], [waiting for waiting, _ in letters]):
            return
        self._tried_here.clear()
        if again:
            self._meters.counter("meetwire_qos_notify_repeated_total", channel=self.channel.name).inc(again)
        await self._outbox.told(self.channel.name, [waiting for waiting, _ in letters])
        self._outcome("told", len(letters))
        self._alone -= len(letters)
        self._recovered()

    async def _sent(self, letters: Sequence[Letter], waiting: Sequence[Waiting] = ()) -> bool:
        """Send one message; return whether it was taken. `waiting`: what these letters are in the lane, if anything."""
        await asyncio.sleep(self._window.wait_s(self._clock()))
        self._window.sent(self._clock())
        begun = time.perf_counter()
        try:
            await self.channel.tell(letters)
        except ChannelError as error:
            await self._failed(error, waiting)
            return False
        self._meters.histogram("meetwire_qos_notify_seconds", channel=self.channel.name).observe(
            time.perf_counter() - begun
        )
        return True

    async def _failed(self, error: ChannelError, waiting: Sequence[Waiting]) -> None:
        self._meters.counter("meetwire_qos_notify_failures_total", channel=self.channel.name).inc()
        if isinstance(error, Refused) and waiting:
            await self._outbox.refused(self.channel.name, waiting)
            await self._refused(error, waiting)
            return
        if not self._failing:
            self._failing = True
            self._logger.warning("channel.failed", channel=self.channel.name, reason=error.reason)
        after_s = error.after_s if isinstance(error, Unavailable) else 0.0
        if self.channel.resend_s is not None:
            # Whoever has to hear again of what stands would take it for over meanwhile.
            after_s = min(after_s, self.channel.resend_s)
        await asyncio.sleep(max(next(self._pauses), after_s))

    async def _refused(self, error: Refused, waiting: Sequence[Waiting]) -> None:
        if len(waiting) > 1:
            self._alone = len(waiting)
            return
        (refused,) = waiting
        self._alone -= 1
        alert = refused.alert.alert_id
        self._logger.error("alert.given_up", channel=self.channel.name, alert=alert, reason=error.reason)
        # Another process may have told it meanwhile.
        left = [one for one in (self._lane.waiting.get(refused.id),) if one is not None]
        await self._outbox.give_up(self.channel.name, left)
        self._outcome("given_up", len(left))

    def _recovered(self) -> None:
        self._pauses = self._delays()
        if self._failing:
            self._failing = False
            self._logger.info("channel.recovered", channel=self.channel.name)

    def _count(self, step: Step) -> None:
        self._outcome("silenced", len(step.silenced))
        self._outcome("given_up", len(step.given_up))
        for waiting in step.given_up:
            alert = waiting.alert.alert_id
            self._logger.error("alert.given_up", channel=self.channel.name, alert=alert, reason="too old")

    def _outcome(self, outcome: Outcome, count: int) -> None:
        self._outcomes[outcome].inc(count)

    def _due(self) -> bool:
        return self.channel.resend_s is not None and self._clock() >= self._resend_at and bool(self._lane.told)

    async def _resend(self) -> None:
        """Tell again of all that stands, so that nobody takes it for over."""
        standing: Sequence[Letter] = list(self._lane.standing())
        if self._outbox.doubtful and self.channel.still is not None:
            # Another may lead by now, and have told of an end that we cannot hear of.
            standing = await self.channel.still(standing)
        for start in range(0, len(standing), self.channel.most):
            if not await self._sent(standing[start : start + self.channel.most]):
                return
        self._resend_at = self._clock() + (self.channel.resend_s or 0.0)
        self._recovered()

    async def _wait(self) -> None:
        """Wait for news, for a silence to begin or end, or for the time to tell again."""
        try:
            async with asyncio.timeout(self._patience_s()):
                await self._news.wait()
        except TimeoutError:
            pass

    def _patience_s(self) -> float | None:
        if not self._outbox.leading:
            return None
        bounds = [self._outbox.until_silence_changes_s()]
        if self.channel.resend_s is not None and self._lane.told:
            bounds.append(max(0.0, self._resend_at - self._clock()))
        return min((bound for bound in bounds if bound is not None), default=None)
