"""The loop that asks for the quality of one enterprise's meetings, and publishes what is new of it.

It promises to make no more calls than the settings allow, and not to end by itself. A right that is missing is said
once, and asked for again after an hour; a service that fails, or a log that takes nothing, is left in peace for longer
and longer; while the disk has little room nothing is asked for. What the log did not take is not noted as published,
and comes with the next look.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from schemas.lines import Logger
from schemas.metrics import Meters
from schemas.settings import Subscriber

from ..cloud.errors import CloudError, Forbidden, Throttled, Unauthenticated
from ..cloud.errors import Final as FinalError
from ..forward.backoff import backoff
from ..log import Log
from .calls import Call, ListMeetings, ListParticipants, Look, Wait, asks
from .entry import enter_samples
from .plan import EMPTY_EVERY_S, Plan
from .port import QualityCloud
from .published import Published
from .samples import Whose, sampled

_LOG: Final[Logger] = structlog.get_logger("meetwire.receiver")

# Calls that wait for their answer. More would be a service that hangs.
AT_ONCE: Final = 32
# A right, or an edition, is given by people.
REFUSED_S: Final = 3_600.0
# Keys are replaced in the settings, which are read again while running.
UNAUTHENTICATED_S: Final = 600.0
_NOT_THERE_S: Final = 300.0
_FIRST_BACKOFF_S: Final = 1.0
_MOST_BACKOFF_S: Final = 120.0
_SAY_AGAIN_S: Final = 300.0
# The service keeps what it measured: what is asked for later is not missed.
_TIGHT_S: Final = 10.0
_FRESH: Final = timedelta(seconds=EMPTY_EVERY_S)


class QualitySource:
    """Asks for one enterprise. `owned` and `share` are those of `Plan`; `clock` is monotonic, in seconds."""

    def __init__(
        self,
        cloud: QualityCloud,
        log: Log,
        *,
        enterprise: str,
        settings: Subscriber,
        partitions: int,
        meters: Meters,
        owned: Callable[[str], bool],
        share: Callable[[], float] = lambda: 1.0,
        is_tight: Callable[[], bool] = lambda: False,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        uniform: Callable[[], float] = random.random,
    ) -> None:
        self._cloud = cloud
        self._log = log
        self._enterprise = enterprise
        self._asks = asks(settings.quality)
        self._plan = Plan(
            settings.quality,
            settings.quality_calls_per_minute,
            owned=owned,
            share=share,
            look_every_s=settings.quality_every_s,
        )
        self._published = Published()
        self._mask = settings.mask_contacts
        self._partitions = partitions
        self._samples = meters.counter("meetwire_quality_samples_total", enterprise=enterprise)
        self._late = meters.gauge("meetwire_quality_late_seconds", enterprise=enterprise)
        self._without_right = meters.gauge("meetwire_quality_refused", enterprise=enterprise)
        self._without_right.set(0)
        self._is_tight = is_tight
        self._clock = clock
        self._now = now
        self._sleep = sleep
        self._uniform = uniform
        self._delays = self._backoff()
        self._quiet_until = self._said_at = float("-inf")
        self._refused = self._troubled = False

    def pushed(self, meeting_id: str) -> None:
        """Know that the service pushes a meeting's quality: with "auto" it is not asked for then."""
        self._plan.pushed(meeting_id, self._clock())

    async def run(self) -> None:
        """Ask until cancelled. Returns at once where the settings want no calls."""
        if not self._asks:
            return
        slots = asyncio.Semaphore(AT_ONCE)
        async with asyncio.TaskGroup() as group:
            while True:
                # Before the call is chosen: one that waits with its turn spent would be made in another's minute.
                await slots.acquire()
                call = Wait(_TIGHT_S) if self._is_tight() else self._plan.next(self._clock())
                if isinstance(call, Wait):
                    slots.release()
                    await self._sleep(call.seconds)
                else:
                    group.create_task(self._make(call)).add_done_callback(lambda _: slots.release())

    async def _make(self, call: Call) -> None:
        try:
            if isinstance(call, Look):
                await self._look(call)
            elif isinstance(call, ListParticipants):
                await self._roster(call)
            else:
                await self._list()
        except FinalError as error:
            self._refuse(call, error)
        except CloudError as error:
            self._fail(call, error, (error.retry_after_s or 0.0) if isinstance(error, Throttled) else 0.0)
        # The log takes nothing, or what nobody thought of: neither must end the asking; the line says what it was.
        except Exception as error:
            self._fail(call, error)
        else:
            self._recover(call)

    async def _list(self) -> None:
        meetings = await self._cloud.measured_meetings()
        self._published.keep([meeting.meeting_uuid for meeting in meetings])
        self._plan.listed(meetings, self._clock())

    async def _roster(self, call: ListParticipants) -> None:
        participants = await self._cloud.measured_participants(call.meeting.meeting_uuid)
        self._plan.rostered(call, participants, self._clock())

    async def _look(self, call: Look) -> None:
        self._late.set(call.late_s)
        measured = await self._cloud.measurements(*call.key)
        now = self._now()
        newest = self._published.until(*call.key)
        events = sampled(measured, self._whose(call), after=newest, received_at=now)
        if events:
            await self._log.append(enter_samples(events, call.kind, partitions=self._partitions))
            newest = events[-1].occurred_at
            self._published.note(*call.key, newest)
            self._samples.inc(len(events))
        self._plan.looked(call, self._clock(), empty=newest < now - _FRESH)

    def _whose(self, call: Look) -> Whose:
        return Whose(
            enterprise=self._enterprise,
            meeting_id=call.meeting.meeting_id or "",
            meeting_uuid=call.meeting.meeting_uuid,
            participant=call.participant,
            mask=self._mask,
        )

    def _refuse(self, call: Call, error: FinalError) -> None:
        """Take an answer that another try would not change."""
        now = self._clock()
        if isinstance(error, Unauthenticated):
            self._say_refused(error)
            self._plan.failed(call, now)
            self._plan.pause(now + UNAUTHENTICATED_S)
        elif isinstance(call, ListMeetings):
            self._say_refused(error)
            self._plan.failed(call, now)
            self._plan.pause(now + REFUSED_S)
        elif isinstance(error, Forbidden):
            self._say_refused(error)
            self._plan.leave_alone(call, now + REFUSED_S)
        elif isinstance(call, ListParticipants):
            self._plan.leave_alone(call, now + _NOT_THERE_S)
        else:
            self._plan.looked(call, now, empty=True)

    def _fail(self, call: Call, error: Exception, at_least_s: float = 0.0) -> None:
        """Leave the service in peace for a while, with full jitter; of failures at one time the first counts."""
        now = self._clock()
        self._plan.failed(call, now)
        if now >= self._quiet_until:
            self._quiet_until = now + next(self._delays)
        self._plan.pause(max(self._quiet_until, now + at_least_s))
        if now >= self._said_at + _SAY_AGAIN_S:
            self._said_at, self._troubled = now, True
            _LOG.warning("quality.failed", enterprise=self._enterprise, kind=type(error).__name__)

    def _backoff(self) -> Iterator[float]:
        return backoff(first_s=_FIRST_BACKOFF_S, most_s=_MOST_BACKOFF_S, uniform=self._uniform)

    def _say_refused(self, error: FinalError) -> None:
        """Say it once, until a look has been granted again."""
        self._without_right.set(1)
        if not self._refused:
            self._refused = True
            _LOG.warning(
                "quality.refused", enterprise=self._enterprise, kind=error.outcome, status=error.status, code=error.code
            )

    def _recover(self, call: Call) -> None:
        self._delays = self._backoff()
        if isinstance(call, Look):
            self._without_right.set(0)
            self._troubled = self._troubled or self._refused
            self._refused = False
        if self._troubled:
            self._troubled = False
            _LOG.info("quality.recovered", enterprise=self._enterprise)
