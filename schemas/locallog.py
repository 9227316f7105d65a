"""The local log's file: tables and statements, for its one writer and its many readers.

One SQLite file in WAL mode. A row of `commits` holds what one commit wrote: the records from `position` on, as one
MessagePack array. Where Kafka lacks many records, `wraps` holds what that has before and after each one's value, for
the forwarder alone; a row without is as good, and slower to publish. `seen` holds the ids of pushes, for the retry
horizon. Its key is the event's own time (8 bytes, big-endian milliseconds) and the id (16 bytes), so that inserts fall
next to each other however large the table is; ids alone would touch a page each. `marks` holds what the writer must
know when it starts again, such as which subscriptions were open; each is written in one commit with the record that
tells of it.
"""

from datetime import datetime
from typing import Annotated, Final

import msgspec

from .ids import LogId, Position
from .record import Record

FILE_NAME: Final = "log.sqlite"
LOCK_NAME: Final = "writer.lock"
READERS_FOLDER: Final = "readers"
SEEN_KEY_BYTES: Final = 24
FORM: Final = "1"
"""The version of this file's form; another one is refused."""

# With synchronous=FULL every commit is one fdatasync of the WAL. Pages of 16 KiB: a row holds many records, and what is
# read, freed or given back costs by the page; writing costs the same.
WRITER_PRAGMAS: Final = (
    "PRAGMA page_size=16384",
    "PRAGMA auto_vacuum=INCREMENTAL",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA cache_size=-8192",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA journal_size_limit=67108864",
    "PRAGMA secure_delete=FAST",
)
READER_PRAGMAS: Final = ("PRAGMA query_only=1", "PRAGMA cache_size=-2048")

TABLES: Final = (
    "CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS commits (position INTEGER PRIMARY KEY, count INTEGER NOT NULL,"
    " at_ms INTEGER NOT NULL, records BLOB NOT NULL, wraps BLOB)",
    "CREATE TABLE IF NOT EXISTS seen (key BLOB PRIMARY KEY, position INTEGER NOT NULL, seen_ms INTEGER NOT NULL)"
    " WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS marks (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
)

# The writer's own, in its connection alone: one INSERT into `fresh` is a whole commit, ids and row. One statement and
# not four: each call into SQLite lets go of the interpreter, and a busy event loop then keeps it for a switch interval.
# `keys` are the ids of the first records end to end; an id that stands there already undoes all of it.
MAX_FRESH: Final = 1_000
"""Pushes in one commit that go this way: as many as `numbers` has."""
WRITER_SETUP: Final = (
    "CREATE TEMP TABLE numbers (i INTEGER PRIMARY KEY)",
    "INSERT INTO numbers WITH RECURSIVE n (i) AS (VALUES (0) UNION ALL SELECT i + 1 FROM n WHERE i + 1 < 1000)"
    " SELECT i FROM n",
    "CREATE TEMP VIEW fresh AS SELECT position, count, at_ms, records, wraps, NULL AS keys FROM commits",
    "CREATE TEMP TRIGGER append_fresh INSTEAD OF INSERT ON fresh BEGIN"
    " INSERT INTO seen (key, position, seen_ms) SELECT substr(NEW.keys, i * 24 + 1, 24), NEW.position + i, NEW.at_ms"
    " FROM numbers WHERE i < length(NEW.keys) / 24;"
    " INSERT INTO commits (position, count, at_ms, records, wraps)"
    " VALUES (NEW.position, NEW.count, NEW.at_ms, NEW.records, NEW.wraps);"
    " END",
)
INSERT_FRESH: Final = "INSERT INTO fresh (position, count, at_ms, records, wraps, keys) VALUES (?, ?, ?, ?, ?, ?)"

SET_MARK: Final = "INSERT OR REPLACE INTO marks (name, value) VALUES (?, ?)"
FORGET_MARK: Final = "DELETE FROM marks WHERE name = ?"
MARKS: Final = "SELECT name, value FROM marks WHERE substr(name, 1, length(?)) = ? ORDER BY name"

GET_META: Final = "SELECT value FROM meta WHERE name = ?"
SET_META: Final = "INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)"
FORGET_META: Final = "DELETE FROM meta WHERE name = ?"

INSERT_COMMIT: Final = "INSERT INTO commits (position, count, at_ms, records, wraps) VALUES (?, ?, ?, ?, ?)"
INSERT_SEEN: Final = "INSERT OR IGNORE INTO seen (key, position, seen_ms) VALUES (?, ?, ?)"
FIND_SEEN: Final = "SELECT position FROM seen WHERE key = ?"
LAST_COMMIT: Final = "SELECT position, count FROM commits ORDER BY position DESC LIMIT 1"
FIRST_COMMIT: Final = "SELECT position, at_ms FROM commits ORDER BY position LIMIT 1"

_FROM: Final = (
    " FROM commits WHERE position >= coalesce((SELECT max(position) FROM commits WHERE position <= ?), 0)"
    " ORDER BY position LIMIT ?"
)
READ_FROM: Final = "SELECT position, records" + _FROM
READ_WRAPPED_FROM: Final = "SELECT position, records, wraps" + _FROM

ROW_FROM: Final = "SELECT position, at_ms FROM commits WHERE position >= ? ORDER BY position LIMIT 1"
ROW_OF: Final = "SELECT position, at_ms FROM commits WHERE position <= ? ORDER BY position DESC LIMIT 1"

# No numbered placeholders anywhere: of a sequence Python 3.12 warns of them, and 3.14 refuses them.
# Pruning goes in steps, so that no append waits long for it, and each looks at the oldest rows alone: a condition that
# no index serves would read the whole file. The newest row stays: it holds the count of positions.
PRUNE_COMMITS: Final = (
    "DELETE FROM commits WHERE position IN (SELECT position FROM commits WHERE position < ? AND position + count <= ?"
    " AND position < (SELECT max(position) FROM commits) ORDER BY position LIMIT ?)"
)
LAST_BEFORE: Final = (
    "SELECT max(position + count) FROM (SELECT position, count, at_ms FROM commits ORDER BY position LIMIT ?)"
    " WHERE at_ms < ?"
)
SEEN_STEP: Final = "SELECT key FROM seen WHERE key >= ? AND key < ? ORDER BY key LIMIT 1 OFFSET ?"
PRUNE_SEEN: Final = "DELETE FROM seen WHERE key >= ? AND key < ? AND seen_ms < ?"

COLUMNS: Final = "SELECT name FROM pragma_table_info('commits')"
ADD_WRAPS: Final = "ALTER TABLE commits ADD COLUMN wraps BLOB"
"""For a log that an older version made; to that version the column is nothing."""

encode_records: Final = msgspec.msgpack.Encoder().encode
encode_wraps: Final = msgspec.msgpack.Encoder().encode
_decoder: Final = msgspec.msgpack.Decoder(list[Record])
_wraps_decoder: Final = msgspec.msgpack.Decoder(list[bytes])


def decode_records(blob: bytes) -> list[Record]:
    """Return the records of one row. Raises msgspec.DecodeError where the file is damaged."""
    return _decoder.decode(blob)


def decode_wraps(blob: bytes | None) -> list[bytes]:
    """Return the wraps of one row, empty where it has none. Raises msgspec.DecodeError where the file is damaged."""
    return [] if blob is None else _wraps_decoder.decode(blob)


class ReaderPlace(msgspec.Struct, frozen=True, kw_only=True):
    """Where a group of readers stands: the file readers/<group>.json, always replaced whole."""

    group: str
    log: LogId
    position: Position
    """The next to read. All before it is done and may be pruned."""
    seen_at: Annotated[datetime, msgspec.Meta(tz=True)]
    """Renewed at least every minute, with progress or without."""
