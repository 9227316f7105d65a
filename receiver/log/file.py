"""The log's file, for the one thread that writes it. No event loop here: every call blocks, up to an fdatasync.

A commit is one transaction: the ids of its pushes and one row with all its records. Either all of it is there after a
crash or nothing. A failed commit leaves the file as it was; the next one may succeed without a restart.
"""

import contextlib
import os
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from schemas import locallog as form
from schemas.ids import Position
from schemas.record import Record

from ..entry import Entry
from ..errors import LogUnavailable, Reason
from .opening import lock, open_database


class Appended(msgspec.Struct, frozen=True, gc=False):
    """Where an entry stands: the position of its last record."""

    position: Position
    repeated: bool
    """It stood there before; nothing was appended now."""


class Committed(msgspec.Struct, frozen=True, gc=False):
    """What one commit did: for each entry where it stands, and the records that are new, from `first` on."""

    appended: list[Appended]
    first: Position
    records: list[Record]


# SQLite's primary result codes (sqlite.org/rescode.html).
_FULL: Final = 13


class LogFile:
    """The open file. Raises LogInUse where another process has it, LogMismatch where it is not for us, OSError."""

    def __init__(self, folder: Path, *, partitions: int, min_free_bytes: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._min_free_bytes = min_free_bytes
        handle = lock(folder)
        try:
            self._database, self.id, self._next = open_database(folder, partitions=partitions)
        except BaseException:
            os.close(handle)
            raise
        self._lock: int | None = handle

    @property
    def next(self) -> Position:
        """The position that the next record gets."""
        return self._next

    def write(self, entries: Sequence[Entry], now_ms: int) -> Committed:
        """Append `entries` in one commit and return once they are on disk. Raises LogUnavailable; then none is."""
        self._refuse_when_short()
        with self._whole():
            self._database.execute("BEGIN IMMEDIATE")
            committed = self._write_new(entries, now_ms) or self._write_some(entries, now_ms)
            self._database.execute("COMMIT")
        self._next = Position(self._next + len(committed.records))
        return committed

    def prune(self, before: Position, *, rows: int) -> int:
        """Let go of rows whose records all lie before `before`, at most `rows` of them; return how many went."""
        return self._change(form.PRUNE_COMMITS, (before, rows))

    def prune_seen(self, start_ms: int, end_ms: int, seen_before_ms: int) -> int:
        """Forget ids of this span of event time that were seen before `seen_before_ms`; return how many went."""
        return self._change(form.PRUNE_SEEN, (start_ms, end_ms, seen_before_ms))

    def seen_step(self, start_ms: int, end_ms: int, ids: int) -> int:
        """Return an event time, at most `end_ms`, before which about `ids` ids lie from `start_ms` on."""
        row = self._row(form.SEEN_STEP, start_ms, end_ms, ids)
        return min(row[0] + 1, end_ms) if row else end_ms

    def last_before(self, at_ms: int) -> Position:
        """Return the position after the last record that was appended before `at_ms`."""
        row = self._row(form.LAST_BEFORE, at_ms)
        return Position(row[0] or 0) if row else Position(0)

    def first(self) -> tuple[Position, int] | None:
        """Return position and append time (ms) of the oldest row."""
        row = self._row(form.FIRST_COMMIT)
        return (Position(row[0]), row[1]) if row else None

    def shrink(self, pages: int, *, spare: int) -> bool:
        """Give up to `pages` free pages back to the file system, but for `spare` of them; return whether any went."""
        pages = min(pages, self._row("PRAGMA freelist_count")[0] - spare)
        if pages > 0:
            with self._whole():
                # Not `execute`: it takes one step of the statement, and each step gives back one page.
                self._database.executescript(f"PRAGMA incremental_vacuum({pages:d})")
        return pages > 0

    def checkpoint(self) -> None:
        """Bring what the WAL holds into the file, and give the WAL's own space back."""
        self._row("PRAGMA wal_checkpoint(TRUNCATE)")

    def free_bytes(self) -> int:
        """Return the space left where the log lies."""
        room = os.statvfs(self.folder)
        return room.f_bavail * room.f_frsize

    def used_bytes(self) -> int:
        """Return what records and ids take, without the pages that are free for new ones."""
        pages, free, size = (self._row(f"PRAGMA {name}") for name in ("page_count", "freelist_count", "page_size"))
        return int((pages[0] - free[0]) * size[0])

    def probe(self) -> None:
        """Write a word and take it back, to see whether the disk takes it. Raises LogUnavailable."""
        self._refuse_when_short()
        self._change(form.SET_META, ("probe", "1"))
        self._change(form.FORGET_META, ("probe",))

    def size_bytes(self) -> int:
        """Return what the log's files take."""
        names = (form.FILE_NAME, form.FILE_NAME + "-wal")
        return sum((self.folder / name).stat().st_size for name in names if (self.folder / name).exists())

    def close(self) -> None:
        """Close the file and let another process have it. A second time is nothing."""
        self._database.close()
        # A number of a file that is closed may be another file's already.
        handle, self._lock = self._lock, None
        if handle is not None:
            os.close(handle)

    def _write_new(self, entries: Sequence[Entry], now_ms: int) -> Committed | None:
        """Write all entries as new; None where one of them is not, with nothing written."""
        records: list[Record] = []
        appended: list[Appended] = []
        seen: list[tuple[int, bytes, int, int]] = []
        for entry in entries:
            records += entry.records
            position = self._next + len(records) - 1
            appended.append(Appended(Position(position), repeated=False))
            if entry.seen is not None:
                seen.append((entry.seen.at_ms, entry.seen.id, position, now_ms))
        self._database.execute("SAVEPOINT ids")
        if self._database.executemany(form.INSERT_SEEN, seen).rowcount not in (len(seen), -1):
            self._database.execute("ROLLBACK TO ids")
            return None
        self._insert(records, now_ms)
        return Committed(appended, self._next, records)

    def _write_some(self, entries: Sequence[Entry], now_ms: int) -> Committed:
        records: list[Record] = []
        appended: list[Appended] = []
        for entry in entries:
            position = self._next + len(records) + len(entry.records) - 1
            stands = self._stands(entry, position, now_ms)
            if stands is None:
                records += entry.records
            appended.append(Appended(Position(stands or position), repeated=stands is not None))
        if records:
            self._insert(records, now_ms)
        return Committed(appended, self._next, records)

    def _stands(self, entry: Entry, position: int, now_ms: int) -> int | None:
        if entry.seen is None:
            return None
        key = (entry.seen.at_ms, entry.seen.id)
        if self._database.execute(form.INSERT_SEEN, (*key, position, now_ms)).rowcount == 1:
            return None
        found: int = self._database.execute(form.FIND_SEEN, key).fetchone()[0]
        return found

    def _insert(self, records: list[Record], now_ms: int) -> None:
        row = (self._next, len(records), now_ms, form.encode_records(records))
        self._database.execute(form.INSERT_COMMIT, row)

    def _change(self, statement: str, values: tuple[int | str, ...]) -> int:
        with self._whole():
            return self._database.execute(statement, values).rowcount

    def _row(self, statement: str, *values: int) -> Any:
        with self._whole():
            return self._database.execute(statement, values).fetchone()

    @contextlib.contextmanager
    def _whole(self) -> Iterator[None]:
        """Leave nothing half done, whatever fails; what SQLite reports becomes LogUnavailable."""
        try:
            yield
        except BaseException as error:
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error):
                raise LogUnavailable(_reason(error)) from error
            raise

    def _refuse_when_short(self) -> None:
        if self._min_free_bytes and self.free_bytes() < self._min_free_bytes:
            raise LogUnavailable("disk_full")


def _reason(error: sqlite3.Error) -> Reason:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return "disk_full" if code == _FULL else "log_failed"
