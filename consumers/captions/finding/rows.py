"""Put an occurrence into the catalogue's tables, and take it out again. Blocking."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Final, NamedTuple

from schemas.archive.cues import Cue
from schemas.archive.manifest import Manifest

from .tables import transaction
from .unread import Unread, note
from .words import indexed

# A text's number is the millisecond at which it was said, and its place among those said in the same one.
_PLACE_BITS: Final = 20
_LAST_MS: Final = 2**43 - 1
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# Number; then text, speaker and meeting as they are indexed.
_Indexed = tuple[int, str, str, str]
_WORDS_OF: Final = """
    SELECT t.id, t.text, c.speaker, o.occurrence, o.meeting_id
    FROM occurrences o JOIN cues c ON c.occurrence = o.id JOIN texts t ON t.cue = c.id
    WHERE o.id = ? ORDER BY t.id
"""


def microseconds(at: datetime) -> int:
    """Return a time as the tables have it."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def instant(microseconds: int) -> datetime:
    """Return the time that the tables have."""
    return _EPOCH + timedelta(microseconds=microseconds)


def first_number(at_us: int) -> int:
    """Return the lowest number of what was said at a time or later."""
    return min(max(at_us // 1000, 0), _LAST_MS) << _PLACE_BITS


class Version(NamedTuple):
    """One version of an occurrence."""

    key: str
    """The manifest's."""
    manifest: Manifest
    cues: Sequence[Cue]


def add(connection: sqlite3.Connection, versions: Sequence[Version]) -> None:
    """Have each, in place of a lower version or the same one."""
    with transaction(connection):
        erased = _add(connection, versions)
    if erased:
        _purge(connection)


def forget(connection: sqlite3.Connection, occurrence: str) -> None:
    """Have nothing of it, in no page of the file."""
    with transaction(connection):
        _take_out(connection, occurrence)
    _purge(connection)


def has(connection: sqlite3.Connection, occurrence: str) -> bool:
    """Say whether there is any version of it."""
    found = connection.execute("SELECT 1 FROM occurrences WHERE occurrence = ?", (occurrence,))
    return found.fetchone() is not None


def position(connection: sqlite3.Connection) -> int:
    """Return how far the ledger was read."""
    (found,) = connection.execute("SELECT position FROM stands").fetchone()
    return int(found)


def stand(connection: sqlite3.Connection, before: int, position: int, tried: Mapping[str, Unread | None]) -> None:
    """Note how far the ledger was read, and what came of it; nothing where others have read on from `before`."""
    with transaction(connection):
        moved = connection.execute("UPDATE stands SET position = ? WHERE position = ?", (position, before))
        if moved.rowcount:
            note(connection, tried)


def _add(connection: sqlite3.Connection, versions: Sequence[Version]) -> bool:
    """Return whether words have to be purged."""
    changed = [version for version in versions if _rises(connection, version.manifest)]
    fresh: list[_Indexed] = []
    for version in changed:
        _take_out(connection, version.manifest.occurrence)
        fresh += _put_in(connection, version)
    # By rising number: FTS5 writes out all that it has gathered where one is lower than the last.
    connection.executemany(
        "INSERT INTO words (rowid, text, speaker, meeting) VALUES (?, ?, ?, ?)", sorted(fresh, key=itemgetter(0))
    )
    return any(version.manifest.because == "erased" for version in changed)


def _rises(connection: sqlite3.Connection, manifest: Manifest) -> bool:
    found = connection.execute("SELECT version FROM occurrences WHERE occurrence = ?", (manifest.occurrence,))
    return all(version <= manifest.version for (version,) in found)


def _put_in(connection: sqlite3.Connection, version: Version) -> list[_Indexed]:
    """Return what goes into the index."""
    occurrence = _put_occurrence(connection, version)
    (last,) = connection.execute("SELECT coalesce(max(id), 0) FROM cues").fetchone()
    rows = list(enumerate(sorted(version.cues, key=lambda cue: (cue.spoken_at, cue.cue)), last + 1))
    connection.executemany(
        "INSERT INTO cues VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (row, occurrence, cue.cue, _clean(cue.speaker), microseconds(cue.spoken_at), *_bounded(cue), cue.final)
            for row, cue in rows
        ],
    )
    numbered = list(_numbered(connection, rows))
    connection.executemany(
        "INSERT INTO texts VALUES (?, ?, ?, ?)",
        [(number, row, language, text) for number, row, _, language, text in numbered],
    )
    meeting = _meeting(version.manifest.occurrence, version.manifest.meeting_id)
    return [(number, indexed(text), indexed(cue.speaker or ""), meeting) for number, _, cue, _, text in numbered]


def _put_occurrence(connection: sqlite3.Connection, version: Version) -> int:
    manifest = version.manifest
    times = [None if at is None else microseconds(at) for at in (manifest.started_at, manifest.ended_at)]
    named = (manifest.occurrence, manifest.version, manifest.enterprise, manifest.meeting_id, manifest.meeting_uuid)
    row = connection.execute(
        "INSERT INTO occurrences VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*named, *times, version.key, len(version.cues)),
    )
    return row.lastrowid or 0


def _numbered(
    connection: sqlite3.Connection, rows: Iterable[tuple[int, Cue]]
) -> Iterator[tuple[int, int, Cue, str, str]]:
    """Yield number, row, cue, language and text of all that was said."""
    number = 0
    for row, cue in rows:
        first = first_number(microseconds(cue.spoken_at))
        for language, text in _texts(cue):
            number = _free(connection, max(first, number + 1))
            yield number, row, cue, language, text


def _bounded(cue: Cue) -> tuple[int, int]:
    """Return begin and end as SQLite takes them: signed 64-bit integers."""
    return min(max(cue.begin_ms, -_LAST_MS), _LAST_MS), min(max(cue.end_ms, -_LAST_MS), _LAST_MS)


def _meeting(occurrence: str, meeting_id: str) -> str:
    return indexed(f"{occurrence} {meeting_id}")


def _texts(cue: Cue) -> Iterator[tuple[str, str]]:
    """Yield what a cue says, and what it said before it was corrected: that was said too, and has to be found."""
    for said in [cue.texts, *(version.texts for version in cue.versions)]:
        for text in said:
            yield _clean(text.language) or "", _clean(text.text) or ""


def _clean(text: str | None) -> str | None:
    """SQLite takes no lone surrogates."""
    return None if text is None else text.encode("utf-8", "replace").decode()


def _free(connection: sqlite3.Connection, number: int) -> int:
    """Return the first number from `number` on that is followed by no other of its millisecond."""
    while True:
        last = number | ((1 << _PLACE_BITS) - 1)
        (found,) = connection.execute("SELECT max(id) FROM texts WHERE id BETWEEN ? AND ?", (number, last)).fetchone()
        if found is None:
            return number
        number = found + 1


def _take_out(connection: sqlite3.Connection, occurrence: str) -> None:
    found = connection.execute("SELECT id FROM occurrences WHERE occurrence = ?", (occurrence,)).fetchone()
    if found is None:
        return
    # The index keeps no content: it has to be told what it was, to the letter.
    connection.executemany(
        "INSERT INTO words (words, rowid, text, speaker, meeting) VALUES ('delete', ?, ?, ?, ?)",
        _as_indexed(connection, found[0]),
    )
    connection.execute("DELETE FROM texts WHERE cue IN (SELECT id FROM cues WHERE occurrence = ?)", (found[0],))
    connection.execute("DELETE FROM cues WHERE occurrence = ?", (found[0],))
    connection.execute("DELETE FROM occurrences WHERE id = ?", (found[0],))


def _as_indexed(connection: sqlite3.Connection, occurrence: int) -> list[_Indexed]:
    return [
        (number, indexed(text), indexed(speaker or ""), _meeting(name, meeting_id))
        for number, text, speaker, name, meeting_id in connection.execute(_WORDS_OF, (occurrence,))
    ]


def _purge(connection: sqlite3.Connection) -> None:
    """Leave no word that is in no row: a deletion is only noted in the index until its parts are merged into one."""
    connection.execute("INSERT INTO words (words) VALUES ('optimize')")
    # What was written before still lies in the journal.
    (busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise sqlite3.OperationalError("somebody reads the catalogue for so long that nothing can be forgotten")
