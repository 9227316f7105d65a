"""Let go of what nobody needs any more, in steps so small that no append waits long for one.

Records go when Kafka has them, or without Kafka when they are older than `log.retention_days` or the log is larger than
`log.retention_bytes`; and never before every local reader has read them, unless a reader has not been seen for days.
Ids go by age alone.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from schemas.ids import Position
from schemas.lines import Logger
from schemas.settings import Log as LogSettings

from ..errors import LogUnavailable
from ..kept_going import beside
from ..normalise.enterprise import milliseconds
from ..normalise.set_aside import MAX_AHEAD
from .commit import SqliteLog
from .file import LogFile
from .readers import Readers

_LOG: Final[Logger] = structlog.get_logger("meetwire.receiver")

_EVERY_S: Final = 2.0
_ROWS: Final = 64
_IDS: Final = 4_000
# Between two steps, for those who wait to be answered.
_PAUSE_S: Final = 0.02
# What a step gives back, in some milliseconds; a turn 16 MiB, and as much stays in the file for what comes next.
_STEP_BYTES: Final = 1_048_576
_STEPS: Final = 16
_SPARE_BYTES: Final = 16_777_216
_END_OF_TIME_MS: Final = 10**13


class Retention:
    """Prunes one log. `forwarded` tells up to where Kafka has it; None where there is no Kafka."""

    def __init__(self, log: SqliteLog, settings: LogSettings, forwarded: Callable[[], Position] | None) -> None:
        self._log = log
        self._settings = settings
        self._forwarded = forwarded
        self._readers = Readers(settings.folder, log.id, timedelta(days=settings.forget_reader_days))

    @contextlib.asynccontextmanager
    async def running(self, *, every_s: float = _EVERY_S) -> AsyncIterator[None]:
        """Prune again and again within this block."""
        async with beside(lambda: self._run(every_s)):
            yield

    async def _run(self, every_s: float) -> None:
        while True:
            # A full or broken disk: appends say so; here the next turn tries again.
            with contextlib.suppress(LogUnavailable, OSError):
                await self.turn(datetime.now(UTC))
            await asyncio.sleep(every_s)

    async def turn(self, now: datetime) -> int:
        """Prune once, as if it were `now`; return how many rows of records went.

        Where commits fail, see afterwards whether the disk takes them again: pruning may be what makes the room.
        """
        await self._checkpoint_if_failing()
        pruned = 0
        # Not `finally`: what the probe raises would take the place of a cancellation, and the task go on.
        with contextlib.suppress(LogUnavailable, OSError):
            pruned = await self._prune(now)
        await self._checkpoint_if_failing()
        if self._log.failing:
            await self._log.probe()
        return pruned

    async def _checkpoint_if_failing(self) -> None:
        """Get the space of the WAL back, some MiB that pruning, or the probe, may need."""
        if self._log.failing:
            with contextlib.suppress(LogUnavailable):
                await self._log.run(LogFile.checkpoint)

    async def _prune(self, now: datetime) -> int:
        # First: what was free since the last turn and nobody took. What goes now is taken by what comes next.
        await self._shrink(_SPARE_BYTES)
        await self._forget_ids(now)
        before, pruned = await self._prune_needless(now)
        while await self._log.run(lambda file: file.used_bytes()) > self._settings.retention_bytes:
            gone = await self._log.run(self._prune_oldest)
            pruned += gone
            if not gone:
                break
            await self._pause()
        if self._log.failing:
            await self._shrink(0)
        if pruned:
            _LOG.debug("log.pruned", rows=pruned, before=before)
        return pruned

    async def _prune_needless(self, now: datetime) -> tuple[Position, int]:
        """Let all go that nobody needs; return before which position that is, and how many rows went.

        What becomes needless meanwhile is the next turn's.
        """
        pruned = 0
        while True:
            before = await self._keep_from(now)
            gone = await self._prune_step(before)
            pruned += gone
            if gone < _ROWS:
                return before, pruned
            await self._pause()

    async def _prune_step(self, before: Position) -> int:
        return await self._log.run(lambda file: file.prune(before, rows=_ROWS))

    async def _shrink(self, spare: int) -> None:
        for _ in range(_STEPS):
            if not await self._log.run(lambda file: file.shrink(_STEP_BYTES, spare=spare)):
                break
            await self._pause()

    async def _pause(self) -> None:
        if not self._log.failing:
            await asyncio.sleep(_PAUSE_S)

    async def _keep_from(self, now: datetime) -> Position:
        unread = await asyncio.to_thread(self._first_unread, now)
        if self._forwarded is not None:
            return min(self._forwarded(), unread)
        cut_ms = milliseconds(now - timedelta(days=self._settings.retention_days))
        return min(await self._log.run(lambda file: file.last_before(cut_ms, rows=_ROWS)), unread)

    def _prune_oldest(self, file: LogFile) -> int:
        """Make room by size: without Kafka the oldest rows go, though not what a reader still needs."""
        unread = self._first_unread(datetime.now(UTC))
        before = file.next if self._forwarded is None else self._forwarded()
        return file.prune(min(before, unread), rows=_ROWS)

    def _first_unread(self, now: datetime) -> Position:
        return self._readers.first_unread(now) or self._log.next

    async def _forget_ids(self, now: datetime) -> None:
        cut_ms = milliseconds(now - timedelta(hours=self._settings.retry_horizon_h))
        await self._forget_span(0, cut_ms, cut_ms)
        # A push further ahead of our clock is set aside under its own time, which may never come to pass.
        await self._forget_span(milliseconds(now + MAX_AHEAD), _END_OF_TIME_MS, cut_ms)

    async def _forget_span(self, start_ms: int, end_ms: int, seen_before_ms: int) -> None:
        while True:
            start_ms = await self._log.run(_forget_step(start_ms, end_ms, seen_before_ms))
            if start_ms >= end_ms:
                return
            await self._pause()


def _forget_step(start_ms: int, end_ms: int, seen_before_ms: int) -> Callable[[LogFile], int]:
    def step(file: LogFile) -> int:
        stop_ms = file.seen_step(start_ms, end_ms, _IDS)
        file.prune_seen(start_ms, stop_ms, seen_before_ms)
        return stop_ms

    return step
