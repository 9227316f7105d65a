"""Ask the catalogue. Blocking."""

import sqlite3
from collections.abc import Iterator
from typing import Any, Final

from .asked import Asked, Hit, Meeting, Said
from .rows import first_number, instant, microseconds
from .words import expression, has_words, indexed

_HITS: Final = """
    SELECT c.id, t.language, c.occurrence, o.occurrence, o.version, o.enterprise, o.meeting_id, c.cue
    FROM {tables} WHERE {conditions} ORDER BY {number} DESC
"""
_FROM_WORDS: Final = (
    "words w CROSS JOIN texts t ON t.id = w.rowid JOIN cues c ON c.id = t.cue JOIN occurrences o ON o.id = c.occurrence"
)
_FROM_TEXTS: Final = "texts t CROSS JOIN cues c ON c.id = t.cue JOIN occurrences o ON o.id = c.occurrence"
_SAID: Final = """
    SELECT c.cue, c.speaker, c.spoken_us, c.begin_ms, c.end_ms, c.final, t.language, t.text
    FROM cues c LEFT JOIN texts t ON t.cue = c.id
    WHERE c.occurrence = ? AND c.cue BETWEEN ? AND ? ORDER BY c.cue, t.id
"""


_MEETINGS: Final = """
    SELECT occurrence, version, enterprise, meeting_id, meeting_uuid, started_us, ended_us, manifest, cues
    FROM occurrences o WHERE {conditions} ORDER BY started_us DESC, occurrence LIMIT ?
"""


def hits(connection: sqlite3.Connection, asked: Asked) -> list[Hit]:
    """Return what fits, the newest first. Raises NothingAsked."""
    found: dict[int, tuple[int, Hit]] = {}
    for cue, language, inner, occurrence, version, enterprise, meeting_id, number in _rows(connection, asked):
        if cue in found:
            if language not in found[cue][1].languages:
                found[cue][1].languages.append(language)
            continue
        if len(found) == asked.limit:
            break
        found[cue] = (
            inner,
            _hit(connection, asked, inner, number, [language], (occurrence, version, enterprise, meeting_id)),
        )
    return [hit for _, hit in found.values()]


def meetings(connection: sqlite3.Connection, asked: Asked) -> list[Meeting]:
    """Return the occurrences that fit, the newest first; one without times counts as being always."""
    wanted = [(clause, value) for clause, value in _of_meetings(asked) if value is not None]
    conditions = " AND ".join(clause for clause, _ in wanted) or "1"
    rows = connection.execute(
        _MEETINGS.format(conditions=conditions),
        (*(value for _, value in wanted), asked.limit),
    )
    return [_meeting(row) for row in rows]


def said(connection: sqlite3.Connection, occurrence: str, first: int, last: int) -> list[Said]:
    """Return cues of an occurrence, in order."""
    row = connection.execute("SELECT id FROM occurrences WHERE occurrence = ?", (occurrence,)).fetchone()
    return [] if row is None else _said(connection, row[0], first, last)


def beginning(connection: sqlite3.Connection, digits: str) -> list[str]:
    """Return occurrences whose IDs begin so, two at the most."""
    rows = connection.execute(
        "SELECT occurrence FROM occurrences WHERE substr(occurrence, 1, ?) = ? LIMIT 2", (len(digits), digits.lower())
    )
    return [occurrence for (occurrence,) in rows]


def _rows(connection: sqlite3.Connection, asked: Asked) -> Iterator[tuple[Any, ...]]:
    match, number = _match(asked), "w.rowid"
    wanted: list[tuple[str, Any]] = [("words MATCH ?", match)]
    if match is None:
        wanted, number = [], "t.id"
    wanted += _spans(asked, number)
    wanted += [(clause, value) for clause, value in _exactly(asked) if value is not None]
    statement = _HITS.format(
        tables=_FROM_TEXTS if match is None else _FROM_WORDS,
        conditions=" AND ".join(clause for clause, _ in wanted) or "1",
        number=number,
    )
    return connection.execute(statement, [value for _, value in wanted])


def _match(asked: Asked) -> str | None:
    """Return the FTS5 expression. What leaves few rows is part of it: then common words cost nothing."""
    parts = []
    if asked.words is not None:
        parts.append(f"text : ({expression(asked.words)})")
    if asked.speaker is not None:
        parts.append(f"speaker : ({expression(_quoted(asked.speaker))})")
    for meeting in (asked.occurrence, asked.meeting_id):
        if meeting is not None and has_words(meeting):
            parts.append(f"meeting : {_quoted(indexed(meeting))}")
    return " AND ".join(parts) or None


def _quoted(text: str) -> str:
    return '"' + text.replace('"', " ").replace("\0", " ") + '"'


def _spans(asked: Asked, number: str) -> Iterator[tuple[str, Any]]:
    if asked.since is not None:
        yield f"{number} >= ?", first_number(microseconds(asked.since))
        yield "c.spoken_us >= ?", microseconds(asked.since)
    if asked.until is not None:
        # The millisecond in which it ends is in the span.
        yield f"{number} < ?", first_number(microseconds(asked.until) + 1000)
        yield "c.spoken_us < ?", microseconds(asked.until)


def _exactly(asked: Asked) -> Iterator[tuple[str, Any]]:
    yield "o.occurrence = ?", asked.occurrence
    yield "o.meeting_id = ?", asked.meeting_id
    yield "o.enterprise = ?", asked.enterprise
    yield "t.language = ?", asked.language


def _of_meetings(asked: Asked) -> Iterator[tuple[str, Any]]:
    yield "o.occurrence = ?", asked.occurrence
    yield "o.meeting_id = ?", asked.meeting_id
    yield "o.enterprise = ?", asked.enterprise
    yield "coalesce(o.ended_us, o.started_us, 1 << 62) >= ?", None if asked.since is None else microseconds(asked.since)
    yield "coalesce(o.started_us, 0) < ?", None if asked.until is None else microseconds(asked.until)


def _hit(
    connection: sqlite3.Connection,
    asked: Asked,
    inner: int,
    number: int,
    languages: list[str],
    place: tuple[str, int, str, str],
) -> Hit:
    occurrence, version, enterprise, meeting_id = place
    around = _said(connection, inner, number - asked.context, number + asked.context)
    (said,) = [one for one in around if one.cue == number]
    return Hit(
        occurrence=occurrence,
        version=version,
        enterprise=enterprise,
        meeting_id=meeting_id,
        said=said,
        languages=languages,
        before=[one for one in around if one.cue < number],
        after=[one for one in around if one.cue > number],
    )


def _said(connection: sqlite3.Connection, inner: int, first: int, last: int) -> list[Said]:
    found: dict[int, Said] = {}
    for cue, speaker, spoken, begin, end, final, language, text in connection.execute(_SAID, (inner, first, last)):
        if cue not in found:
            found[cue] = Said(
                cue=cue,
                speaker=speaker,
                spoken_at=instant(spoken),
                begin_ms=begin,
                end_ms=end,
                final=bool(final),
                texts=[],
            )
        if language is not None:
            found[cue].texts.append((language, text))
    return list(found.values())


def _meeting(row: tuple[Any, ...]) -> Meeting:
    occurrence, version, enterprise, meeting_id, uuid, started, ended, manifest, cues = row
    return Meeting(
        occurrence=occurrence,
        version=version,
        enterprise=enterprise,
        meeting_id=meeting_id,
        meeting_uuid=uuid,
        started_at=None if started is None else instant(started),
        ended_at=None if ended is None else instant(ended),
        manifest=manifest,
        cues=cues,
    )
