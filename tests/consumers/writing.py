"""Write a local log as the receiver does, from the contract's statements alone."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from schemas import locallog as form
from schemas.ids import LogId, Position
from schemas.record import Record

from .records import LOG, NOON


class LogWriter:
    """A log in `folder`, written by the test."""

    def __init__(self, folder: Path, log: LogId = LOG) -> None:
        self.folder, self.log = folder, log
        folder.mkdir(parents=True, exist_ok=True)
        self.database = sqlite3.connect(folder / form.FILE_NAME, isolation_level=None, check_same_thread=False)
        for statement in (*form.WRITER_PRAGMAS, *form.TABLES):
            self.database.execute(statement)
        for name, value in (("log", log), ("form", form.FORM)):
            self.database.execute(form.SET_META, (name, value))
        self.next = Position(1)

    def append(self, *records: Record, at_ms: int | None = None) -> None:
        """Write one commit; without `at_ms`, appended in the second after the last one was received."""
        appended_ms = records[-1].received_ms + 500 if at_ms is None else at_ms
        row = (self.next, len(records), appended_ms, form.encode_records(list(records)), None)
        self.database.execute(form.INSERT_COMMIT, row)
        self.next = Position(self.next + len(records))

    def prune(self, before: int) -> None:
        """Let go of the commits that lie before a position."""
        self.database.execute(form.PRUNE_COMMITS, (before, before, 1_000_000))

    def close(self) -> None:
        """Close the file."""
        self.database.close()


NOON_MS = int(NOON.timestamp() * 1_000)
