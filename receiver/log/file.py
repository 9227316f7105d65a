"""The log's file, for the one thread that writes it. No event loop here: every call blocks, up to an fdatasync.

A commit is one transaction: the ids of its pushes and one row with all its records. Either all of it is there after a
crash or nothing. A failed commit leaves the file as it was; the next one may succeed without a restart.
"""

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from schemas import locallog as form
from schemas.ids import Position
from schemas.record import Record

from ..entry import Entry, Mark
from ..errors import LogUnavailable, Reason
from .checkpoint import BRING_OVER
from .fresh import Appended, Committed, arrange
from .opening import lock, open_database
from .room import Room
from .tail import Chunk
from .wrapping import wraps_of

# SQLite's primary result codes (sqlite.org/rescode.html).
_FULL: Final = 13
# The WAL takes whole pages: one for the row, one for the ids, one or two for what is beside them; and the row itself.
_COMMIT_BYTES: Final = 4 * 16_384
_LONG_BYTES: Final = 16_777_216
# What SQLite lets the WAL grow to, in pages, before it checkpoints within a commit: four times what is long.
_LAST_RESORT: Final = "PRAGMA wal_autocheckpoint=4096"


class LogFile:
    """The open file. Raises LogInUse where another process has it, LogMismatch where it is not for us, OSError.

    `wrapped` prepares records for Kafka as they are appended.
    """

    def __init__(
        self, folder: Path, *, partitions: int, min_free_bytes: int, reserve_bytes: int = 0, wrapped: bool = False
    ) -> None:
        self._wrapped = wrapped
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.room = Room(folder, min_free_bytes=min_free_bytes, reserve_bytes=reserve_bytes)
        handle = lock(folder)
        try:
            self._database, self.id, self._next = open_database(folder, partitions=partitions)
        except BaseException:
            os.close(handle)
            raise
        self._lock: int | None = handle
        self._grown = 0

    @property
    def next(self) -> Position:
        """The position that the next record gets."""
        return self._next

    @property
    def wal_is_long(self) -> bool:
        """Whether about 16 MiB went into the WAL since it was last brought over."""
        return self._grown >= _LONG_BYTES

    def write(
        self,
        entries: Sequence[Entry],
        now_ms: int,
        *,
        keep_wraps: bool = True,
        begun: Callable[[Chunk], object] | None = None,
    ) -> Committed:
        """Append `entries` in one commit and return once they are on disk. Raises LogUnavailable; then none is.

        Without `keep_wraps` what is around the records is not made, and not written. `begun` is told what will
        stand in the log if all goes well, just before it is written; it is not told of what takes several statements.
        """
        self._refuse_when_short()
        with self._whole():
            committed = self._write_fresh(entries, now_ms, keep_wraps, begun)
            committed = committed or self._write_some(entries, now_ms, keep_wraps)
        self._next = committed.chunk.end
        return committed

    def prune(self, before: Position, *, rows: int) -> int:
        """Let go of rows whose records all lie before `before`, at most `rows` of them; return how many went."""
        return self._change(form.PRUNE_COMMITS, (before, before, rows))

    def prune_seen(self, start_ms: int, end_ms: int, seen_before_ms: int) -> int:
        """Forget ids of this span of event time that were seen before `seen_before_ms`; return how many went."""
        return self._change(form.PRUNE_SEEN, (_bound(start_ms), _bound(end_ms), seen_before_ms))

    def seen_step(self, start_ms: int, end_ms: int, ids: int) -> int:
        """Return an event time, at most `end_ms`, before which about `ids` ids lie from `start_ms` on."""
        row = self._row(form.SEEN_STEP, _bound(start_ms), _bound(end_ms), ids)
        return min(int.from_bytes(row[0][:8], "big") + 1, end_ms) if row else end_ms

    def last_before(self, at_ms: int, *, rows: int) -> Position:
        """Return the position after the last record, among the `rows` oldest rows, that was appended before `at_ms`."""
        row = self._row(form.LAST_BEFORE, rows, at_ms)
        return Position(row[0] or 0) if row else Position(0)

    def first(self) -> tuple[Position, int] | None:
        """Return position and append time (ms) of the oldest row."""
        row = self._row(form.FIRST_COMMIT)
        return (Position(row[0]), row[1]) if row else None

    def last_written(self) -> int | None:
        """Return when the newest row was appended (ms)."""
        row = self._row(form.ROW_OF, self._next)
        return row[1] if row else None

    def shrink(self, most: int, *, spare: int) -> bool:
        """Give free pages back to the file system, of `most` bytes, but for `spare`; return whether any went."""
        free, size = self._row("PRAGMA freelist_count")[0], self._row("PRAGMA page_size")[0]
        pages: int = min(most // size, free - spare // size)
        if pages > 0:
            with self._whole():
                # Not `execute`: it takes one step of the statement, and each step gives back one page.
                self._database.executescript(f"PRAGMA incremental_vacuum({pages:d})")
        return pages > 0

    def checkpoint(self) -> None:
        """Bring what the WAL holds into the file, and give the WAL's own space back."""
        self._row("PRAGMA wal_checkpoint(TRUNCATE)")

    def leave_checkpoints(self) -> None:
        """Have SQLite checkpoint within a commit as a last resort only: somebody does beside the commits."""
        self._row(_LAST_RESORT)

    def bring_over(self) -> None:
        """Bring the rest of the WAL into the file, so that the next commit begins it anew. Raises LogUnavailable."""
        self._grown = 0
        self._row(BRING_OVER)

    def marks(self, beginning: str) -> dict[str, bytes]:
        """Return the notes whose names begin so."""
        with self._whole():
            return dict(self._database.execute(form.MARKS, (beginning, beginning)).fetchall())

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

    def _write_fresh(
        self, entries: Sequence[Entry], now_ms: int, keep_wraps: bool, begun: Callable[[Chunk], object] | None
    ) -> Committed | None:
        """Write all entries as new, in one statement; None where that cannot be: then nothing is written."""
        fresh = arrange(entries, self._next)
        if fresh is None:
            return None
        row, wraps = self._row_of(fresh.records, now_ms, keep_wraps)
        chunk = Chunk(self._next, fresh.records, wraps)
        if begun is not None:
            begun(chunk)
        try:
            self._database.execute(form.INSERT_FRESH, (*row, fresh.keys))
        except sqlite3.IntegrityError:
            return None
        return Committed(fresh.appended, chunk)

    def _write_some(self, entries: Sequence[Entry], now_ms: int, keep_wraps: bool) -> Committed:
        """Write those entries that are new, one after another."""
        self._database.execute("BEGIN IMMEDIATE")
        records: list[Record] = []
        appended: list[Appended] = []
        for entry in entries:
            position = self._next + len(records) + len(entry.records) - 1
            stands = self._stands(entry, position, now_ms)
            if stands is None:
                records += entry.records
                self._note(entry.marks)
            appended.append(Appended(Position(stands or position), repeated=stands is not None))
        wraps: list[bytes] = []
        if records:
            row, wraps = self._row_of(records, now_ms, keep_wraps)
            self._database.execute(form.INSERT_COMMIT, row)
        self._database.execute("COMMIT")
        return Committed(appended, Chunk(self._next, records, wraps))

    def _row_of(
        self, records: list[Record], now_ms: int, keep_wraps: bool
    ) -> tuple[tuple[int | bytes | None, ...], list[bytes]]:
        """Return the row of a commit, and the wraps of its records where they are in it."""
        wraps = wraps_of(records, self.id, self._next) if self._wrapped and keep_wraps else []
        kept = form.encode_wraps(wraps) if wraps else None
        row = form.encode_records(records)
        self._grown += _COMMIT_BYTES + len(row) + len(kept or b"")
        return (self._next, len(records), now_ms, row, kept), wraps

    def _note(self, marks: Sequence[Mark]) -> None:
        for mark in marks:
            if mark.value is None:
                self._database.execute(form.FORGET_MARK, (mark.name,))
            else:
                self._database.execute(form.SET_MARK, (mark.name, mark.value))

    def _stands(self, entry: Entry, position: int, now_ms: int) -> int | None:
        if entry.seen is None:
            return None
        key = entry.seen.key
        if self._database.execute(form.INSERT_SEEN, (key, position, now_ms)).rowcount == 1:
            return None
        found: int = self._database.execute(form.FIND_SEEN, (key,)).fetchone()[0]
        return found

    def _change(self, statement: str, values: tuple[int | str | bytes, ...]) -> int:
        self._grown += _COMMIT_BYTES
        with self._whole():
            return self._database.execute(statement, values).rowcount

    def _row(self, statement: str, *values: int | bytes) -> Any:
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
        self.room.look()
        if self.room.is_short:
            raise LogUnavailable("disk_full")


def _bound(at_ms: int) -> bytes:
    """Return where the keys of this time begin."""
    return at_ms.to_bytes(8, "big")


def _reason(error: sqlite3.Error) -> Reason:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return "disk_full" if code == _FULL else "log_failed"
