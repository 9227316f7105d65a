"""The file of the outbox: SQLite, one writer, each change whole and on disk before it counts. Blocking.

Nobody but the process that has it open may write to it; a second one is refused at start.
"""

import contextlib
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from schemas.events import AlertAcknowledged, AlertChanged, AlertNotified, AlertSilenced

from ..desk.book import Entry
from .heard import Told, Waiting
from .journal import ADD_SINCE, LETTERS_COLUMNS, TABLES, Announcement, Statement

_FILE: Final = "outbox.sqlite"


class StoreUnavailable(OSError):
    """The file cannot be read or written; what was to be kept is not."""


class Kept(msgspec.Struct, frozen=True):
    """Everything in the file."""

    entries: list[Entry]
    remarks: list[AlertSilenced | AlertAcknowledged]
    channels: set[str]
    letters: list[tuple[str, Waiting]]
    told: list[tuple[str, Told]]
    doubted: list[tuple[str, Told]]
    announcements: list[Announcement]


class Store:
    """The open file. Raises StoreUnavailable."""

    def __init__(self, folder: Path) -> None:
        with _told_of():
            folder.mkdir(parents=True, exist_ok=True)
            self._database = _opened(folder / _FILE)

    def kept(self) -> Kept:
        """Return what is in the file."""
        with _told_of():
            return Kept(
                [
                    Entry(decision, key, _alert(event))
                    for decision, key, event in self._rows("SELECT id, key, event FROM alerts")
                ],
                [_remark(event) for (event,) in self._rows("SELECT event FROM remarks")],
                {name for (name,) in self._rows("SELECT name FROM channels")},
                [
                    (channel, Waiting(decision, key, _alert(event), bool(silenced), bool(tried), since_s))
                    for channel, decision, key, silenced, tried, event, since_s in self._rows(
                        "SELECT channel, id, key, silenced, tried, event, since_s FROM letters ORDER BY n"
                    )
                ],
                self._told("SELECT channel, id, event FROM told"),
                self._told("SELECT channel, id, event FROM doubted"),
                [
                    Announcement(one, key, enterprise, _notified(event))
                    for one, key, enterprise, event in self._rows(
                        "SELECT id, key, enterprise, event FROM announcements ORDER BY n"
                    )
                ],
            )

    def _told(self, query: str) -> list[tuple[str, Told]]:
        return [(channel, Told(decision, _alert(event))) for channel, decision, event in self._rows(query)]

    def unseen(self, ids: Iterable[str]) -> set[str]:
        """Return which of these were never taken."""
        with _told_of():
            return {one for one in ids if not any(self._rows("SELECT 1 FROM seen WHERE id = ?", one))}

    def write(self, statements: Sequence[Statement], *, synced: bool = True) -> None:
        """Do all of it or nothing, on disk when this returns.

        Not `synced`: a process that is killed keeps it; a machine that loses power may lose it with what came after.
        """
        with _told_of(), self._as_safe(synced), _transaction(self._database):
            for statement, values in statements:
                self._database.execute(statement, values)

    @contextlib.contextmanager
    def _as_safe(self, synced: bool) -> Iterator[None]:
        if synced:
            yield
            return
        self._database.execute("PRAGMA synchronous = NORMAL")
        try:
            yield
        finally:
            self._database.execute("PRAGMA synchronous = FULL")

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def _rows(self, query: str, *values: object) -> Iterator[Any]:
        return iter(self._database.execute(query, values))


def _opened(path: Path) -> sqlite3.Connection:
    # Before SQLite makes it, so that nobody else can ever read it; what SQLite puts beside it has the same mode.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    database = sqlite3.connect(path, timeout=1.0, isolation_level=None, check_same_thread=False)
    try:
        # The lock stays with us until we close: two outboxes over one file would tell everything twice.
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        with _transaction(database):
            for table in TABLES:
                database.execute(table)
            if ("since_s",) not in database.execute(LETTERS_COLUMNS).fetchall():
                database.execute(ADD_SINCE)
    except BaseException:
        database.close()
        raise
    return database


@contextlib.contextmanager
def _transaction(database: sqlite3.Connection) -> Iterator[None]:
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")


@contextlib.contextmanager
def _told_of() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise StoreUnavailable(f"the outbox: {error}") from error


def _alert(event: bytes) -> AlertChanged:
    return msgspec.json.decode(event, type=AlertChanged)


def _notified(event: bytes) -> AlertNotified:
    return msgspec.json.decode(event, type=AlertNotified)


def _remark(event: bytes) -> AlertSilenced | AlertAcknowledged:
    return msgspec.json.decode(event, type=AlertSilenced | AlertAcknowledged)
