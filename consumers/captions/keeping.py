"""What follows from the segments: closed ones go to the store, meetings that are over are closed, checkpoints signed.

One task, beside the handler. A store that is away is tried again, ever more slowly; meanwhile the spool grows. A
meeting that cannot be closed holds up no other; it is tried again later, and said.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from schemas.lines import Logger
from schemas.metrics import Meters

from .archive import Archive
from .closing import Closing
from .errors import ArchiveError, StoreUnavailable
from .evidence.storing import Storing
from .handler import Keeping
from .life.retention import expire
from .moving import Moving
from .signing import Copy, Signing
from .stores.backoff import backoff
from .trackers import Trackers
from .tracking import Tracked, Tracker

# Receivers' clocks differ by less, and what was received is read by then.
MARGIN_MS: Final = 5_000
_WAIT_S: Final = 1.0
_SAVE_EVERY_S: Final = 30.0
_AGAIN_S: Final = 60.0
_AT_ONCE: Final = 4
_DAY: Final = timedelta(days=1)
_HOUR: Final = timedelta(hours=1)

Generation = Callable[[], int]
"""Rises whenever partitions may have come or gone, as Source.generation."""


class Work:
    """The task. `run` ends with what it cannot go on after."""

    def __init__(
        self,
        archive: Archive,
        keeping: Keeping,
        storing: Storing,
        closing: Closing,
        *,
        topics: Sequence[str],
        generation: Generation,
        copy: Copy,
        meters: Meters,
        logger: Logger,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._archive, self._keeping, self._storing, self._closing = archive, keeping, storing, closing
        self._generation = generation
        self._logger, self._now, self._monotonic = logger, now, monotonic
        cluster = keeping.spool.cluster
        self.signing = Signing(
            archive, storing, cluster, copy=copy, meters=meters, logger=logger, now=now, monotonic=monotonic
        )
        self.trackers = Trackers(
            archive.store, storing, topics=topics, meters=meters, logger=logger, monotonic=monotonic
        )
        storing.trust.root_of, storing.trust.is_lost = self.trackers.root_of, archive.ledger.is_lost
        self._moving = Moving(
            archive, storing, topics=topics, meters=meters, logger=logger, now=now, monotonic=monotonic
        )
        self._close_ms = int(archive.settings.close_after_s * 1_000)
        self._silent_ms = int(archive.settings.silent_after_h * 3_600_000)
        self._seen = generation()
        self._expire_at: datetime | None = None
        self._again_at: dict[tuple[str, str], float] = {}
        self._limit = asyncio.Semaphore(_AT_ONCE)
        self._conflicts = meters.counter("meetwire_captions_conflicts_total")
        self._failures = meters.counter("meetwire_captions_store_failures_total")
        self._unclosed = meters.counter("meetwire_captions_unclosed_total")
        self._expired = meters.counter("meetwire_captions_expired_total")
        self._open = meters.gauge("meetwire_captions_meetings_open")

    async def run(self) -> None:
        """Work until cancelled."""
        delays = backoff()
        failing = False
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_WAIT_S):
                    await self._keeping.news.wait()
            self._keeping.news.clear()
            try:
                await self.step()
            except StoreUnavailable as error:
                self._failures.inc()
                if not failing:
                    self._logger.warning("store.failed", reason=str(error))
                failing = True
                await asyncio.sleep(next(delays))
            else:
                if failing:
                    self._logger.info("store.recovered", store=self._archive.store.address)
                failing, delays = False, backoff()

    async def step(self) -> None:
        """Do all that can be done now. Raises StoreUnavailable, OSError."""
        if self._seen != self._generation():
            # Others may have read our partitions meanwhile: what they stored has to be looked at.
            self._seen = self._generation()
            self.trackers.clear()
        clocks = self._clocks()
        await self._keeping.threads.run(self._keeping.spool.end, clocks, MARGIN_MS)
        while self._keeping.spool.damaged:
            file = self._keeping.spool.damaged.pop()
            hint = "a file of it is not what was written; what it held is read from the source again"
            self._logger.error("spool.damaged", file=file, hint=hint)
        for topic, partition, offset in await self._keeping.threads.run(self._keeping.spool.conflicted):
            self._conflicts.inc()
            self._logger.error(
                "record.conflicted",
                record=f"{topic}/{partition} offset {offset}",
                hint="it came again as another record, or under other settings; the first that was written stays",
            )
        await self.store()
        await self._close(clocks)
        await self._expire()
        if await self.signing.is_founded():
            # Last: what another cluster left, and is wrong with it, holds up nothing of this one.
            with _waiting():
                await self._moving.store()

    async def store(self) -> None:
        """Put every closed segment into the store, once it is known which lie there."""
        if not await self.signing.is_founded():
            return
        closed = await self._keeping.threads.run(self._keeping.spool.closed)
        places = sorted({piece.place for piece in closed})
        for _, partition in places:
            await self.trackers.of(partition)
        done = await asyncio.gather(*(self._put_all(*place) for place in places), return_exceptions=True)
        await self._keeping.look()
        for failure in done:
            if failure is not None:
                raise failure

    async def finish(self) -> None:
        """Sign what is said, and keep what is known: nothing else is lost with this process."""
        await self.signing.sign()
        await self.trackers.save()

    async def _expire(self) -> None:
        """Once a day erase what is due, and finish what was begun."""
        now = self._now()
        if self._expire_at is not None and now < self._expire_at:
            return
        self._expire_at = now + _HOUR
        try:
            done = await expire(self._archive, who="meetwire", now=self._now)
        except StoreUnavailable:
            self._expire_at = None
            raise
        except ArchiveError as error:
            # Nothing is erased on the word of a ledger that was altered; evidence goes on being kept.
            self._logger.warning("erasure.deferred", reason=str(error))
            return
        self._expire_at = now + _DAY
        self._expired.inc(len(done.erased))
        if done.unfinished:
            self._logger.warning("erasure.deferred", unfinished=len(done.unfinished), held=len(done.held))

    def _clocks(self) -> dict[int, int]:
        """Return the time up to which everything of each partition number was read; none while reading is behind."""
        lag = self._keeping.lag
        if lag is None:
            return {}
        read_ms = int((self._now().timestamp() - lag.oldest_s) * 1_000) - MARGIN_MS if lag.records else None
        clocks = self._keeping.clocks
        return {at: clock if read_ms is None else min(clock, read_ms) for at, clock in clocks.items()}

    async def _put_all(self, topic: str, partition: int) -> None:
        spool, threads = self._keeping.spool, self._keeping.threads
        async with self._limit:
            while (piece := await threads.run(spool.next_closed, topic, partition)) is not None:
                before = await self.trackers.before(piece)
                with _waiting():
                    index = await self._storing.put(piece, before)
                (await self.trackers.of(partition)).add(topic, index)

    async def _close(self, clocks: dict[int, int]) -> None:
        wrote = False
        for partition, clock_ms in clocks.items() if await self.signing.is_founded() else ():
            waits_ms = await self._keeping.threads.run(self._keeping.spool.first_ms, partition)
            stored_ms = clock_ms if waits_ms is None else min(clock_ms, waits_ms)
            tracker = await self.trackers.of(partition)
            due = tracker.due(stored_ms, close_ms=self._close_ms, silent_ms=self._silent_ms)
            if due and await self.signing.is_open():
                for tracked in due:
                    wrote = await self._close_one(tracker, tracked, stored_ms) or wrote
        self._closing.forget()
        self._open.set(self.trackers.open)
        await self.signing.sign()
        await self.trackers.save(every_s=0.0 if wrote else _SAVE_EVERY_S)

    async def _close_one(self, tracker: Tracker, tracked: Tracked, clock_ms: int) -> bool:
        """Return whether the ledger may have grown."""
        key = (tracked.enterprise, tracked.meeting_id)
        if self._monotonic() < self._again_at.get(key, 0.0):
            return False
        try:
            await self._closing.close_meeting(tracker, tracked, clock_ms)
        except StoreUnavailable:
            raise
        # One meeting's records must not hold up all the others', whatever is wrong with them or with us.
        except Exception as error:
            self._again_at[key] = self._monotonic() + _AGAIN_S
            self._unclosed.inc()
            reason = str(error) if isinstance(error, ArchiveError) else type(error).__name__
            self._logger.error("meeting.unclosed", meeting=tracked.meeting_id, reason=reason)  # noqa: TRY400 -- no text
            return False
        self._again_at.pop(key, None)
        tracker.is_changed = self.signing.is_unsigned = True
        return True


@contextlib.contextmanager
def _waiting() -> Iterator[None]:
    """Have whatever is wrong tried again: what is not in the store is in the spool."""
    try:
        yield
    except ArchiveError as error:
        raise StoreUnavailable(str(error)) from error
