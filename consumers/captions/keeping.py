"""What follows from the segments: closed ones go to the store, meetings that are over are closed, checkpoints signed.

One task, beside the handler. A store that is away is tried again, ever more slowly; meanwhile the spool grows. A
meeting that cannot be closed holds up no other; it is tried again later, and said.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from schemas.archive import EVIDENCE, index_key
from schemas.lines import Logger
from schemas.metrics import Meters

from .archive import Archive
from .closing import Closing
from .errors import ArchiveError, Locked, Missing, StoreUnavailable
from .evidence import reading
from .evidence.index import Index, encode_index
from .evidence.storing import Storing
from .handler import Keeping
from .life.retention import expire
from .stores.backoff import backoff
from .tracking import Standing, Tracked, Tracker

# Receivers' clocks differ by less, and what was received is read by then.
MARGIN_MS: Final = 5_000
_WAIT_S: Final = 1.0
_SAVE_EVERY_S: Final = 30.0
_AGAIN_S: Final = 60.0
_AT_ONCE: Final = 4
_DAY: Final = timedelta(days=1)
_standings: Final = msgspec.json.Decoder(Standing)

Copy = Callable[[bytes], Awaitable[None]]
"""Copies a checkpoint to the witnesses; raises nothing."""
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
        self._topics, self._generation, self._copy = topics, generation, copy
        self._logger, self._now, self._monotonic = logger, now, monotonic
        self._cluster = keeping.spool.cluster
        self._close_ms = int(archive.settings.close_after_s * 1_000)
        self._silent_ms = int(archive.settings.silent_after_h * 3_600_000)
        self._trackers: dict[int, Tracker] = {}
        self._seen = generation()
        self._saved_at: dict[int, float] = {}
        self._expired_at: datetime | None = None
        self._is_unsigned = False
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
            self._trackers.clear()
        clocks = self._clocks()
        await self._keeping.threads.run(self._keeping.spool.end, clocks, MARGIN_MS)
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

    async def store(self) -> None:
        """Put every closed segment into the store."""
        closed = await self._keeping.threads.run(self._keeping.spool.closed)
        places = sorted({piece.place for piece in closed})
        for _, partition in places:
            await self._tracker(partition)
        done = await asyncio.gather(*(self._put_all(*place) for place in places), return_exceptions=True)
        await self._keeping.look()
        for failure in done:
            if failure is not None:
                raise failure

    async def finish(self) -> None:
        """Sign what is said, and keep what is known: nothing else is lost with this process."""
        await self._sign()
        await self.save()

    async def save(self, *, every_s: float = 0.0) -> None:
        """Keep what is known of meetings that are on beside the segments: whoever goes on here reads less."""
        for partition, tracker in self._trackers.items():
            if tracker.is_changed and self._monotonic() - self._saved_at.get(partition, 0.0) >= every_s:
                content = msgspec.json.encode(tracker.standing)
                with contextlib.suppress(Locked):
                    await self._archive.store.replace(_standing_key(self._cluster, partition), content)
                tracker.is_changed = False
                self._saved_at[partition] = self._monotonic()

    async def _expire(self) -> None:
        """Once a day erase what is due, and finish what was begun."""
        now = self._now()
        if self._expired_at is not None and now - self._expired_at < _DAY:
            return
        done = await expire(self._archive, who="meetwire", now=self._now)
        self._expired_at = now
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
                index = await self._storing.put(piece)
                (await self._tracker(partition)).add(topic, index)

    async def _close(self, clocks: dict[int, int]) -> None:
        wrote = False
        for partition, clock_ms in clocks.items():
            waits_ms = await self._keeping.threads.run(self._keeping.spool.first_ms, partition)
            stored_ms = clock_ms if waits_ms is None else min(clock_ms, waits_ms)
            tracker = await self._tracker(partition)
            for tracked in tracker.due(stored_ms, close_ms=self._close_ms, silent_ms=self._silent_ms):
                wrote = await self._close_one(tracker, tracked, stored_ms) or wrote
        self._closing.forget()
        self._open.set(sum(tracker.open for tracker in self._trackers.values()))
        await self._sign()
        await self.save(every_s=0.0 if wrote else _SAVE_EVERY_S)

    async def _sign(self) -> None:
        if self._is_unsigned:
            # Not once a day alone: until then whoever can write to the store could rewrite the end of the log.
            await self._archive.access.seal(self._archive.ledger)
            await self._copy(await self._archive.ledger.checkpoint())
            self._is_unsigned = False

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
        tracker.is_changed = self._is_unsigned = True
        return True

    async def _tracker(self, partition: int) -> Tracker:
        """Return the meetings of a partition number, made of what lies in the store where it is new here."""
        found = self._trackers.get(partition)
        if found is None:
            found = await self._load(partition)
            self._trackers[partition] = found
        return found

    async def _load(self, partition: int) -> Tracker:
        try:
            standing = _standings.decode(await self._archive.store.get(_standing_key(self._cluster, partition)))
        except (Missing, msgspec.MsgspecError, UnicodeDecodeError):
            standing = Standing()
        tracker = Tracker(standing)
        for topic in self._topics:
            prefix = f"{EVIDENCE}{self._cluster}/{topic}/{partition:05d}/"
            after = tracker.stored.get(topic, "")
            segments = [key async for key in self._archive.store.keys(prefix, after=after) if key.endswith(".jsonl")]
            for segment in segments:
                tracker.add(topic, await self._index(segment))
        return tracker

    async def _index(self, segment: str) -> Index:
        """Return a segment's index; whoever put the segment may have been interrupted before he put that."""
        try:
            return await reading.index(self._archive.store, segment)
        except Missing:
            index = await self._storing.index(segment, await reading.lines(self._archive.store, segment))
            await self._archive.store.put(index_key(segment), encode_index(index))
            return index


def _standing_key(cluster: str, partition: int) -> str:
    return f"{EVIDENCE}{cluster}/{partition:05d}.standing"
