"""Open the log's file for its one writer: locked, of our form, made where there is none yet. Blocking.

What is there and is not ours is left as it was found.
"""

import fcntl
import os
import sqlite3
import uuid
from pathlib import Path
from typing import Final

from schemas import locallog as form
from schemas.ids import LogId, Position


class LogInUse(Exception):
    """Another process writes this log."""


class LogMismatch(Exception):
    """The folder holds a log of another form or with another number of partitions, a damaged one, or none at all."""


# SQLite's primary result codes (sqlite.org/rescode.html).
_CORRUPT: Final = 11
_NOT_A_DATABASE: Final = 26


def lock(folder: Path) -> int:
    """Return a handle that keeps every other writer out until it is closed. Raises LogInUse."""
    handle = os.open(folder / form.LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise LogInUse(f"another process writes the log in {folder}") from None
    return handle


def open_database(folder: Path, *, partitions: int) -> tuple[sqlite3.Connection, LogId, Position]:
    """Return the database, the log's own name, and the position that the next record gets.

    Raises LogMismatch, OSError, and sqlite3.Error for a disk that does not let us.
    """
    path = folder / form.FILE_NAME
    # Made by us, so readable by us and our group alone: it holds names.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640))
    # The writer thread is the only user after this; sqlite3's own check would tie it to the thread that opened it.
    database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        log = _make_ours(database, path, {"form": form.FORM, "partitions": str(partitions)})
        last = database.execute(form.LAST_COMMIT).fetchone()
    except sqlite3.Error as error:
        database.close()
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in (_CORRUPT, _NOT_A_DATABASE):
            raise LogMismatch(f"{path} is damaged, or no log of ours: {error}") from error
        raise
    except BaseException:
        database.close()
        raise
    sync_folder(folder)
    return database, log, Position(last[0] + last[1]) if last else Position(1)


def _make_ours(database: sqlite3.Connection, path: Path, wanted: dict[str, str]) -> LogId:
    found = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if found and "meta" not in found:
        raise LogMismatch(f"{path} is no log of ours: it has the tables {', '.join(sorted(found))}")
    stands = dict(database.execute("SELECT name, value FROM meta").fetchall()) if found else {}
    for name, value in wanted.items():
        if stands.get(name, value) != value:
            raise LogMismatch(f"the log in {path.parent} has {name} {stands[name]}, here it would be {value}")
    for statement in (*form.WRITER_PRAGMAS, *form.TABLES):
        database.execute(statement).fetchall()
    if ("wraps",) not in database.execute(form.COLUMNS).fetchall():
        database.execute(form.ADD_WRAPS)
    for statement in form.WRITER_SETUP:
        database.execute(statement)
    for name, value in {"log": uuid.uuid4().hex, **wanted}.items():
        if name not in stands:
            database.execute(form.SET_META, (name, value))
            stands[name] = value
    return LogId(stands["log"])


def sync_folder(folder: Path) -> None:
    """See that the folder's own entries are on disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
