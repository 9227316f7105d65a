"""Agree on who leads on a local log: whoever holds the lock beside it. The others stand by, and one follows at once.

Each process has a state folder of its own, and so a lock there says nothing about others: the log's own has to. The
system lets go of it with the process that held it, however that ended.
"""

import asyncio
import contextlib
import fcntl
import os
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path
from typing import Final

from consumers.qos.leading import Leading
from consumers.waiting import in_thread

LOCK_NAME: Final = "qos.lock"
_LOOK_EVERY_S: Final = 0.2


class InLine:
    """Who leads once the lock is free; implements Leading. Made by `in_line`."""

    certain: Final = True

    def __init__(self, handle: int) -> None:
        self._handle, self.leads = handle, False

    def look(self) -> None:
        """Take the lock where it is free; it does not wait."""
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.leads = True

    async def stand(self) -> None:
        """Look again and again, until it leads."""
        while not self.leads:
            await asyncio.sleep(_LOOK_EVERY_S)
            self.look()


@contextlib.asynccontextmanager
async def in_line(folder: Path) -> AsyncIterator[Leading]:
    """Take part within this block, in who leads on the log in `folder`. Raises OSError."""
    async with in_thread(partial(_opened, folder / LOCK_NAME)) as handle:
        member = InLine(handle)
        member.look()
        task = asyncio.create_task(member.stand())
        try:
            yield member
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[int]:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield handle
    finally:
        os.close(handle)
