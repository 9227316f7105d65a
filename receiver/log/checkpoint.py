"""Bring what the WAL holds into the database beside the commits, so that no push waits for more than its end.

SQLite does it by itself within a commit, each 16 MiB of the WAL: that one then takes ten times as long as the others,
and all who are answered after it wait. Here a second connection in a thread of its own brings over what there is,
which holds up no commit; what was appended meanwhile, a few pages, the writer's own thread brings over, after which
SQLite begins the WAL anew. A pass that failed is nothing: the next one finds more to do, and far behind that is SQLite
itself, which then does within a commit what was not done beside it.
"""

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from schemas import locallog as form

# Waits for nobody: what a reader still needs stays for the next time.
BRING_OVER: Final = "PRAGMA wal_checkpoint(PASSIVE)"


class Checkpoints:
    """Of one log. `finish` brings over the last of it in the writer's thread and returns before that is done."""

    def __init__(self, folder: Path, finish: Callable[[], None]) -> None:
        self._path = folder / form.FILE_NAME
        self._finish = finish
        self._thread = ThreadPoolExecutor(1, "meetwire-checkpoint")
        self._database: sqlite3.Connection | None = None
        self._pass: asyncio.Future[None] | None = None

    def begin(self) -> None:
        """Begin a pass, unless one is under way."""
        if self._pass is None or self._pass.done():
            self._pass = asyncio.get_running_loop().run_in_executor(self._thread, self._bring_over)
            self._pass.add_done_callback(lambda _: self._finish())

    async def close(self) -> None:
        """Wait for what is under way, and close the connection. A second time is nothing."""
        await asyncio.to_thread(self._end)

    def _bring_over(self) -> None:
        # A disk that fails fails for the commits too, and those say it.
        with contextlib.suppress(sqlite3.Error):
            if self._database is None:
                self._database = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
            self._database.execute(BRING_OVER).fetchall()

    def _end(self) -> None:
        self._thread.shutdown()
        if self._database is not None:
            self._database.close()
            self._database = None
