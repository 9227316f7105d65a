"""The catalogue's tables, and how its file is opened. Blocking."""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

# The first kept nothing of what could not be read: whatever such a file lacks is found by reading all again.
VERSION: Final = 2

_TABLES: Final = """
CREATE TABLE stands (position INTEGER NOT NULL);
INSERT INTO stands VALUES (0);
CREATE TABLE unread (
    id INTEGER PRIMARY KEY,
    occurrence TEXT NOT NULL UNIQUE,
    said BLOB NOT NULL,
    why TEXT NOT NULL
);
CREATE TABLE occurrences (
    id INTEGER PRIMARY KEY,
    occurrence TEXT NOT NULL UNIQUE,
    version INTEGER NOT NULL,
    enterprise TEXT NOT NULL,
    meeting_id TEXT NOT NULL,
    meeting_uuid TEXT,
    started_us INTEGER,
    ended_us INTEGER,
    manifest TEXT NOT NULL,
    cues INTEGER NOT NULL
);
CREATE INDEX occurrences_by_meeting ON occurrences (meeting_id);
CREATE TABLE cues (
    id INTEGER PRIMARY KEY,
    occurrence INTEGER NOT NULL,
    cue INTEGER NOT NULL,
    speaker TEXT,
    spoken_us INTEGER NOT NULL,
    begin_ms INTEGER NOT NULL,
    end_ms INTEGER NOT NULL,
    final INTEGER NOT NULL,
    UNIQUE (occurrence, cue)
);
CREATE TABLE texts (
    id INTEGER PRIMARY KEY,
    cue INTEGER NOT NULL,
    language TEXT NOT NULL,
    text TEXT NOT NULL
);
CREATE INDEX texts_by_cue ON texts (cue);
CREATE VIRTUAL TABLE words USING fts5 (
    text, speaker, meeting, content='', columnsize=0, tokenize='unicode61 remove_diacritics 2'
);
"""


_EMPTY: Final = (
    "DELETE FROM texts",
    "DELETE FROM cues",
    "DELETE FROM occurrences",
    "DELETE FROM unread",
    "INSERT INTO words (words) VALUES ('delete-all')",
    "UPDATE stands SET position = 0",
)
# https://www.sqlite.org/rescode.html
_DAMAGED: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class _OtherVersion(sqlite3.DatabaseError):
    """A catalogue that another meetwire made."""


def opened(path: Path, *, patience_s: float = 30.0) -> sqlite3.Connection:
    """Return a connection to the catalogue; one that is damaged or of another version is begun anew. Raises OSError.

    `patience_s`: so long it waits for others who write.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        return _opened(path, patience_s)
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", None) not in _DAMAGED and not isinstance(error, _OtherVersion):
            raise
        for name in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
            name.unlink(missing_ok=True)
        return _opened(path, patience_s)


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Have all of a block, or nothing of it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def clear(connection: sqlite3.Connection) -> None:
    """Begin anew, in the same file: others may have it open."""
    with transaction(connection):
        for statement in _EMPTY:
            connection.execute(statement)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _opened(path: Path, patience_s: float) -> sqlite3.Connection:
    # Before SQLite makes it, so that nobody else can ever read it; what SQLite puts beside it has the same mode.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    connection = sqlite3.connect(path, timeout=patience_s, isolation_level=None, check_same_thread=False)
    try:
        _prepare(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    # Derived: after a power cut some of it may be missing, and is read from the archive again.
    connection.execute("PRAGMA synchronous=NORMAL")
    # What is deleted is overwritten.
    connection.execute("PRAGMA secure_delete=ON")
    connection.execute("PRAGMA cache_size=-32768")
    with transaction(connection):
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version == 0:
            _make(connection)
        elif version != VERSION:
            raise _OtherVersion(f"version {version}")


def _make(connection: sqlite3.Connection) -> None:
    for statement in _TABLES.split(";\n"):
        if statement.strip():
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version={VERSION}")
