"""A log that runs, for tests: opened in a thread, its writer held where a test has to be first."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from deploy.meters import PrometheusMeters
from receiver.log import Chunk, LogFile, LogReader, SqliteLog
from schemas.ids import Position

from .entries import PARTITIONS

_T = TypeVar("_T")
# A held writer is let go of by the test; this ends a test that went wrong.
_LONG_S: Final = 90.0


@asynccontextmanager
async def log_in(
    folder: Path,
    meters: PrometheusMeters | None = None,
    *,
    min_free_bytes: int = 0,
    reserve_bytes: int = 0,
    wrapped: bool = False,
) -> AsyncIterator[SqliteLog]:
    """Yield the log in `folder`."""
    opening = partial(LogFile, folder, partitions=PARTITIONS, wrapped=wrapped)
    file = await asyncio.to_thread(lambda: opening(min_free_bytes=min_free_bytes, reserve_bytes=reserve_bytes))
    async with SqliteLog.opened(file, meters or PrometheusMeters()) as log:
        yield log


@asynccontextmanager
async def writer_held(log: SqliteLog) -> AsyncIterator[None]:
    """Let nothing be written within this block."""
    loop, began, go_on = asyncio.get_running_loop(), asyncio.Event(), threading.Event()

    def hold(_: LogFile) -> None:
        loop.call_soon_threadsafe(began.set)
        go_on.wait(_LONG_S)

    holding = asyncio.create_task(log.run(hold))
    await began.wait()
    try:
        yield
    finally:
        go_on.set()
        await holding


async def started(*work: Coroutine[Any, Any, _T]) -> list[asyncio.Task[_T]]:
    """Return a task for each, all of them past their first step."""
    tasks = [asyncio.create_task(one) for one in work]
    # Each has run up to its first wait, and what that planned for the next turn of the loop has been done.
    for _ in range(3):
        await asyncio.sleep(0)
    return tasks


async def metric(meters: PrometheusMeters, name: str, **labels: str) -> float | None:
    """Return one sample; in a thread, since the process's own metrics are read from /proc."""
    return await asyncio.to_thread(meters.value, name, **labels)


async def read_back(folder: Path) -> Chunk | None:
    """Return all that is in the log's file."""
    return await asyncio.to_thread(_read, folder)


def _read(folder: Path) -> Chunk | None:
    reader = LogReader(folder)
    try:
        return reader.read(Position(1), 10**6)
    finally:
        reader.close()
