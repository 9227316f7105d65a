"""Read the local log, on the machine that it lies on, from the receiver's process or another.

All reading happens in one thread of its own, never in the event loop's. News comes from the log itself where it is in
this process, else by looking every few milliseconds. There is one log here, and it is one sequence: what is read in
order rises by itself, so nothing is ever dropped.
"""

import asyncio
from collections.abc import Awaitable, Callable, Set
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeVar

from schemas.ids import Position
from schemas.lines import Logger
from schemas.metrics import Meters
from schemas.record import Stored

from ..waiting import unless
from . import NOTHING_HELD, Batch, Held, Lag, Places, Reading
from .clock import utc_now
from .logreader import LogReader

_T = TypeVar("_T")

News = Callable[[Position], Awaitable[object]]
"""Returns once there is a record at this position or later: the log's own `news`, where it is in this process."""

# At once to a person's eye, and no load.
LOOK_EVERY_S: Final = 0.02
# Its one sequence has no topic and no partition.
WHOLE: Final = ("", 0)
# The writer's pruner counts on a minute.
RENEW_EVERY: Final = timedelta(seconds=30)


async def between_looks() -> None:
    """Wait before looking for news again."""
    await asyncio.sleep(LOOK_EVERY_S)


class LocalSource:
    """One reader of the log in a folder; implements PlacedSource. `async with` opens and closes it.

    Raises SourceUnavailable where there is no log, or another process reads as the same group.
    """

    def __init__(
        self,
        folder: Path,
        reading: Reading,
        *,
        meters: Meters,
        logger: Logger,
        news: News | None = None,
        pause: Callable[[], Awaitable[object]] = between_looks,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._folder, self._reading, self._logger = folder, reading, logger
        self._news, self._pause, self._now = news or self._look, pause, now
        self._missed = meters.counter("meetwire_consumer_missed_total", consumer=reading.consumer)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="meetwire-read")
        self._busy, self._closing = asyncio.Lock(), asyncio.Event()
        # In memory, not handed out yet; all from `_ahead` on is in the file alone.
        self._buffer: list[Stored] = []
        # All partitions, always.
        self.generation = 0

    async def __aenter__(self) -> Self:
        """Open the log, and take the group's place in it."""
        opening = self._thread.submit(LogReader, self._folder, self._reading, self._now)
        try:
            self._reader = await asyncio.wrap_future(opening)
        except BaseException:
            await asyncio.to_thread(self._thread.shutdown)
            if not opening.cancelled() and opening.exception() is None:
                # It came to be although nobody waits for it any more.
                await asyncio.to_thread(opening.result().close)
            raise
        self._ahead = self._handed = self._saved = self._reader.begin
        self._saved_at = self._now()
        self.cluster: str = self._reader.log
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the log."""
        await self.close()

    async def fetch(self, limit: int, wait_s: float) -> Batch:
        """Return what comes next, as Source says."""
        async with self._busy:
            if self._closing.is_set():
                return Batch()
            if self._now() - self._saved_at >= RENEW_EVERY:
                await self._save(self._saved)
            if not self._buffer:
                await self._read(limit)
            if not self._buffer:
                await unless(self._closing, self._read_news(limit), wait_s)
            return Batch(self._hand_out(limit))

    def has(self, topic: str, partition: int) -> bool:
        """Whether it is read: one reader has all partitions."""
        return topic in self._reading.topics

    async def commit(self, held: Held = NOTHING_HELD) -> None:
        """Make the end of what was handed out, or the first that is held, the group's place."""
        async with self._busy:
            done = Position(max(min(self._handed, *held.values()), self._saved)) if held else self._handed
            if done != self._saved:
                await self._save(done)

    async def lag(self) -> Lag:
        """Say how far behind this reader is."""
        async with self._busy:
            return await self._in_thread(self._reader.lag, self._handed)

    def places(self) -> Places:
        """Return where the next fetch goes on."""
        return {WHOLE: self._handed}

    async def ends(self) -> Places:
        """Return where the log ends by now."""
        async with self._busy:
            return {WHOLE: await self._in_thread(self._reader.end)}

    def hold_back(self, ahead: Set[tuple[str, int]]) -> None:
        """Do nothing: one sequence is never ahead of itself."""

    async def close(self) -> None:
        """End a fetch that waits, and close the log."""
        already = self._closing.is_set()
        self._closing.set()
        async with self._busy:
            if not already:
                await self._in_thread(self._reader.close)
                await asyncio.to_thread(self._thread.shutdown)

    async def _read_news(self, limit: int) -> None:
        while not self._buffer:
            await self._news(self._ahead)
            await self._read(limit)

    async def _look(self, position: Position) -> None:
        while not await self._in_thread(self._reader.has, position):
            await self._pause()

    async def _read(self, limit: int) -> None:
        # Nothing moves before the answer is here: a fetch that is cancelled loses nothing.
        chunk = await self._in_thread(self._reader.read, self._ahead, limit)
        self._buffer, self._ahead = chunk.records, chunk.end
        if chunk.missed:
            self._missed.inc(chunk.missed)
            self._logger.error(
                "records.missed",
                consumer=self._reading.consumer,
                group=self._reading.group,
                records=chunk.missed,
                hint="pruned before they were read: this group was away for longer than log.forget_reader_days",
            )

    def _hand_out(self, limit: int) -> list[Stored]:
        batch, self._buffer = self._buffer[:limit], self._buffer[limit:]
        # Between the two may lie records of other topics: they are passed over with the last that was handed out.
        self._handed = Position(batch[-1].position + 1) if self._buffer else self._ahead
        return batch

    async def _save(self, position: Position) -> None:
        await self._in_thread(self._reader.save, position)
        self._saved, self._saved_at = position, self._now()

    async def _in_thread(self, work: Callable[..., _T], *arguments: object) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, partial(work, *arguments))
