"""Append one subscription's frames, in order, several on their way at once, so that one commit holds many.

Where the log takes none, nothing more is read: the frames that wait are appended again, in order, for as long as is
sensible; what the socket holds meanwhile waits in the service's buffers. What could not be kept in order is missed.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime
from typing import Final, NamedTuple

from ..entry import Entry
from ..errors import LogUnavailable
from ..forward.backoff import backoff
from ..log import Appended, Log

# What may be on its way at once: a few commits' worth of a busy meeting, and little memory for ten thousand.
MOST_ENTRIES: Final = 64
MOST_BYTES: Final = 1_048_576
# All of them together, while a disk hangs: ten thousand that each had its own most would take all memory there is.
MOST_BYTES_TOGETHER: Final = 67_108_864
# What an entry takes beside the records' values, about.
_ENTRY_BYTES: Final = 1_024
# The service closes a socket after 180 s without a heartbeat, and buffers for it as long as it likes.
PATIENCE_S: Final = 20.0


class _Kept(NamedTuple):
    entry: Entry
    received_at: datetime
    size: int
    task: "asyncio.Task[Appended]"


class Load:
    """What all subscriptions of a process have on its way, in bytes."""

    __slots__ = ("size",)

    def __init__(self) -> None:
        self.size = 0


class Keeping:
    """The entries on their way to the log; `failing` is called once one of them could not be appended."""

    def __init__(
        self,
        log: Log,
        *,
        failing: Callable[[], object],
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[object]],
        load: Load | None = None,
    ) -> None:
        self._log = log
        self._load = Load() if load is None else load
        self._failing = failing
        self._clock = clock
        self._sleep = sleep
        self._kept: deque[_Kept] = deque()
        self._size = 0
        self.is_failing = False
        """An entry could not be appended: `settle` is wanted before anything else."""

    async def put(self, entry: Entry, received_at: datetime) -> bool:
        """Have an entry appended after those before it, at once while there is room; return whether there was none."""
        size = _ENTRY_BYTES + sum(len(record.value) for record in entry.records)
        task = asyncio.create_task(self._log.append(entry))
        task.add_done_callback(self._done)
        self._kept.append(_Kept(entry, received_at, size, task))
        self._weigh(size)
        waited = False
        while self._kept and not self.is_failing and self._is_full():
            waited = True
            await asyncio.wait((self._kept[0].task,))
        return waited

    def _is_full(self) -> bool:
        is_full = len(self._kept) > MOST_ENTRIES or self._size > MOST_BYTES
        return is_full or self._load.size > MOST_BYTES_TOGETHER

    def _weigh(self, size: int) -> None:
        self._size += size
        self._load.size += size

    def over(self) -> None:
        """Take it that nobody waits any more for what is on its way."""
        self._kept.clear()
        self._weigh(-self._size)

    async def settle(self) -> datetime | None:
        """Wait until nothing is on its way; return when the first frame came that was not kept, if there is one."""
        if self._kept:
            await asyncio.wait([kept.task for kept in self._kept])
        failed, missed_at = self._failed()
        self.over()
        self.is_failing = False
        again = await self._append_again(failed)
        return missed_at or again

    def _failed(self) -> tuple[list[_Kept], datetime | None]:
        """Return what may be appended again; and when the first came that may not, as later ones are there already."""
        again: list[_Kept] = []
        missed_at: datetime | None = None
        for kept in self._kept:
            if _has_failed(kept.task):
                again.append(kept)
                continue
            if again and missed_at is None:
                missed_at = again[0].received_at
            again = []
        return again, missed_at

    async def _append_again(self, failed: list[_Kept]) -> datetime | None:
        until, delays = self._clock() + PATIENCE_S, backoff(first_s=0.05, most_s=1.0)
        for kept in failed:
            while True:
                try:
                    await self._log.append(kept.entry)
                except Exception:
                    # Whatever it is: what is not kept has to be told.
                    if self._clock() >= until:
                        return kept.received_at
                    await self._sleep(next(delays))
                else:
                    break
        return None

    def _done(self, task: "asyncio.Task[Appended]") -> None:
        if _has_failed(task):
            self.is_failing = True
            self._failing()
        # Not beyond one that failed: what comes after it matters for whether it can still be appended.
        while self._kept and self._kept[0].task.done() and not _has_failed(self._kept[0].task):
            self._weigh(-self._kept.popleft().size)


def _has_failed(task: "asyncio.Task[Appended]") -> bool:
    return task.cancelled() or task.exception() is not None


async def told_until(stopped: asyncio.Event, all_told: Coroutine[object, object, None]) -> None:
    """Have it told; what is not when `stopped` comes is left to the next start."""
    waits = asyncio.create_task(stopped.wait())
    telling = asyncio.create_task(all_told)
    try:
        await asyncio.wait((telling, waits), return_when=asyncio.FIRST_COMPLETED)
        if telling.done():
            telling.result()
    finally:
        waits.cancel()
        telling.cancel()
        await asyncio.gather(waits, telling, return_exceptions=True)


async def append_surely(log: Log, entry: Entry, sleep: Callable[[float], Awaitable[object]]) -> None:
    """Append what must not be left out, however long the log takes nothing."""
    delays = backoff(first_s=0.05, most_s=2.0)
    while True:
        try:
            await log.append(entry)
        except LogUnavailable:
            await sleep(next(delays))
        else:
            return
