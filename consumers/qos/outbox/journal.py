"""The journal: what changed in memory, as statements for one transaction. Pure."""

from collections.abc import Iterable
from typing import Final

import msgspec

from schemas.events import AlertAcknowledged, AlertNotified, AlertSilenced, encode

from ..desk.book import Entry
from .heard import Told, Waiting

Statement = tuple[str, tuple[object, ...]]

TABLES: Final = (
    "CREATE TABLE IF NOT EXISTS seen (id TEXT PRIMARY KEY, at_ms INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS seen_at ON seen (at_ms)",
    "CREATE TABLE IF NOT EXISTS alerts (alert TEXT PRIMARY KEY, id TEXT, key TEXT, event BLOB) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS remarks (kind TEXT, id TEXT, event BLOB, PRIMARY KEY (kind, id)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS channels (name TEXT PRIMARY KEY) WITHOUT ROWID",
    # The order is that of n: a letter that changes keeps its place.
    """CREATE TABLE IF NOT EXISTS letters (
        n INTEGER PRIMARY KEY AUTOINCREMENT, channel TEXT NOT NULL, id TEXT NOT NULL, key TEXT NOT NULL,
        silenced INTEGER NOT NULL, tried INTEGER NOT NULL, event BLOB NOT NULL, since_s REAL, UNIQUE (channel, id))""",
    """CREATE TABLE IF NOT EXISTS told (
        channel TEXT, alert TEXT, id TEXT, event BLOB, PRIMARY KEY (channel, alert)) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS doubted (
        channel TEXT, alert TEXT, id TEXT, event BLOB, PRIMARY KEY (channel, alert)) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS announcements (
        n INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, key TEXT NOT NULL, enterprise TEXT NOT NULL,
        event BLOB NOT NULL)""",
)
LETTERS_COLUMNS: Final = "SELECT name FROM pragma_table_info('letters')"
ADD_SINCE: Final = "ALTER TABLE letters ADD COLUMN since_s REAL"
"""For a file that an older version made; to that version the column is nothing."""
_PUT: Final = """INSERT INTO letters (channel, id, key, silenced, tried, event, since_s) VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (channel, id) DO UPDATE
    SET silenced = excluded.silenced, tried = excluded.tried, since_s = excluded.since_s"""


class Announcement(msgspec.Struct, frozen=True):
    """What is to be said on the topic of what a channel was told."""

    id: str
    key: str
    enterprise: str
    event: AlertNotified


class Journal:
    """Collects statements until somebody takes them."""

    def __init__(self) -> None:
        self._statements: list[Statement] = []

    def take(self) -> list[Statement]:
        """Return what was collected, and begin anew."""
        taken, self._statements = self._statements, []
        return taken

    def see(self, ids: Iterable[tuple[str, int]]) -> None:
        """Note records that were taken, with their times."""
        self._statements += (("INSERT OR IGNORE INTO seen VALUES (?, ?)", one) for one in ids)

    def forget_seen(self, before_ms: int) -> None:
        """Let go of what the topic itself has let go of."""
        self._note("DELETE FROM seen WHERE at_ms < ?", before_ms)

    def know(self, channel: str) -> None:
        """Note that there is a channel."""
        self._note("INSERT OR IGNORE INTO channels VALUES (?)", channel)

    def unknow(self, channel: str) -> None:
        """Let go of a channel that is no longer in the settings."""
        for table in ("letters", "told", "doubted"):
            self._note(f"DELETE FROM {table} WHERE channel = ?", channel)  # noqa: S608 -- names of our own
        self._note("DELETE FROM channels WHERE name = ?", channel)

    def enter(self, entry: Entry) -> None:
        """Keep the newest decision on an alert."""
        self._note("REPLACE INTO alerts VALUES (?, ?, ?, ?)", *(entry.alert.alert_id, entry.id, entry.key), entry.alert)

    def strike(self, alert: str) -> None:
        """Let go of an alert."""
        self._note("DELETE FROM alerts WHERE alert = ?", alert)

    def remark(self, event: AlertSilenced | AlertAcknowledged) -> None:
        """Keep what somebody said."""
        self._note("REPLACE INTO remarks VALUES (?, ?, ?)", *_name(event), event)

    def unremark(self, event: AlertSilenced | AlertAcknowledged) -> None:
        """Let go of it."""
        self._note("DELETE FROM remarks WHERE kind = ? AND id = ?", *_name(event))

    def put(self, channel: str, waiting: Waiting) -> None:
        """Keep a letter as it is."""
        flags = (int(waiting.silenced), int(waiting.tried))
        self._note(_PUT, channel, waiting.id, waiting.key, *flags, waiting.alert, waiting.since_s)

    def drop(self, channel: str, decision: str) -> None:
        """Let go of a letter."""
        self._note("DELETE FROM letters WHERE channel = ? AND id = ?", channel, decision)

    def hear(self, channel: str, alert: str, told: Told | None, doubted: Told | None) -> None:
        """Keep what a channel was told of an alert last, and what it may have been told; None lets go of it."""
        for table, one in (("told", told), ("doubted", doubted)):
            if one is None:
                self._note(f"DELETE FROM {table} WHERE channel = ? AND alert = ?", channel, alert)  # noqa: S608 -- ours
            else:
                self._note(f"REPLACE INTO {table} VALUES (?, ?, ?, ?)", channel, alert, one.id, one.alert)  # noqa: S608

    def announce(self, one: Announcement) -> None:
        """Keep what the topic is still to be told."""
        columns = "INSERT OR IGNORE INTO announcements (id, key, enterprise, event) VALUES (?, ?, ?, ?)"
        self._note(columns, one.id, one.key, one.enterprise, one.event)

    def announced(self, one: str) -> None:
        """Let go of it: the topic has it."""
        self._note("DELETE FROM announcements WHERE id = ?", one)

    def _note(self, statement: str, *values: object) -> None:
        told = (encode(value) if isinstance(value, msgspec.Struct) else value for value in values)
        self._statements.append((statement, tuple(told)))


def _name(event: AlertSilenced | AlertAcknowledged) -> tuple[str, str]:
    if isinstance(event, AlertSilenced):
        return "silence", event.silence_id
    return "acknowledgement", event.alert_id
