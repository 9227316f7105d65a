"""What a thread opens for who is cancelled meanwhile is closed."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from receiver.log import LogFile, LogInUse
from receiver.log.threaded import open_in_thread


async def test_the_lock_of_a_log_that_nobody_has_is_let_go(tmp_path: Path) -> None:
    """The next to open it has it."""
    begun, go_on = threading.Event(), threading.Event()

    def late() -> LogFile:
        begun.set()
        assert go_on.wait(10)
        return LogFile(tmp_path, partitions=1, min_free_bytes=0)

    opening = asyncio.create_task(open_in_thread(late))
    await asyncio.to_thread(begun.wait)
    opening.cancel()
    await asyncio.sleep(0)
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await opening

    file = await open_in_thread(lambda: LogFile(tmp_path, partitions=1, min_free_bytes=0))
    with pytest.raises(LogInUse):
        await open_in_thread(lambda: LogFile(tmp_path, partitions=1, min_free_bytes=0))
    await asyncio.to_thread(file.close)
