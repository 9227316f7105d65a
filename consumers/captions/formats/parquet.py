"""captions.parquet: for evaluating, a row for each text of each version of each cue. Pure, but for what pyarrow does.

Columns: `occurrence`, `enterprise`, `meeting_id`, `meeting_uuid`; `cue` (its number); `version` (1 for what was said
first) and `current` (whether it is what the cue says at last); `final` (the final text came); `language`, `text` (both
null where the service sent no text); `participant_id`, `speaker`; `begin_at`, `end_at`, `spoken_at` (UTC); `begin_ms`,
`end_ms` (from the origin of captions.jsonl); `event_ids` and `doubt` of the whole cue.

The same rows and the same version of pyarrow give the same bytes.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from io import BytesIO
from typing import Any, Final, NamedTuple

import pyarrow as pa
from pyarrow import parquet

from schemas.archive.cues import Cue

from ..transcript.instants import milliseconds
from ..transcript.shapes import Occurrence, Transcript

_STRINGS: Final = pa.list_(pa.string())
_OF_A_CUE: Final[dict[str, pa.DataType]] = {
    "cue": pa.int32(),
    "version": pa.int32(),
    "current": pa.bool_(),
    "final": pa.bool_(),
    "language": pa.string(),
    "text": pa.string(),
    "participant_id": pa.string(),
    "speaker": pa.string(),
    "begin_at": pa.timestamp("ms", tz="UTC"),
    "end_at": pa.timestamp("ms", tz="UTC"),
    "spoken_at": pa.timestamp("ms", tz="UTC"),
    "begin_ms": pa.int64(),
    "end_ms": pa.int64(),
    "event_ids": _STRINGS,
    "doubt": _STRINGS,
}
_OF_ALL: Final = ("occurrence", "enterprise", "meeting_id", "meeting_uuid")
_REPEATED: Final = [*_OF_ALL, "language", "participant_id", "speaker"]
SCHEMA: Final = pa.schema({**dict.fromkeys(_OF_ALL, pa.string()), **_OF_A_CUE})


class _Row(NamedTuple):
    cue: Cue
    version: int
    is_current: bool
    at: datetime
    language: str | None
    text: str | None


def written(transcript: Transcript, occurrence: Occurrence) -> bytes:
    """Return the file."""
    rows = [row for cue in transcript.cues for row in _rows(cue)]
    columns = _columns(rows, milliseconds(transcript.origin))
    whose = (occurrence.id, occurrence.enterprise, occurrence.meeting_id, occurrence.meeting_uuid)
    arrays: list[pa.Array[Any]] = [pa.repeat(pa.scalar(one, pa.string()), len(rows)) for one in whose]
    arrays += [pa.array(columns[name], kind) for name, kind in _OF_A_CUE.items()]
    file = BytesIO()
    parquet.write_table(
        pa.table(arrays, schema=SCHEMA),
        file,
        compression="zstd",
        use_dictionary=_REPEATED,  # type: ignore[arg-type]  # it takes a list too, which the stubs do not know
    )
    return file.getvalue()


def _rows(cue: Cue) -> Iterator[_Row]:
    for number, version in enumerate(cue.versions, start=1):
        for one in version.texts:
            yield _Row(cue, number, False, version.at, one.language, one.text)
    for one in cue.texts:
        yield _Row(cue, len(cue.versions) + 1, True, cue.spoken_at, one.language, one.text)
    if not cue.texts:
        yield _Row(cue, len(cue.versions) + 1, True, cue.spoken_at, None, None)


def _columns(rows: Sequence[_Row], origin_ms: int) -> dict[str, list[Any]]:
    return {
        "cue": [row.cue.cue for row in rows],
        "version": [row.version for row in rows],
        "current": [row.is_current for row in rows],
        "final": [row.cue.final for row in rows],
        "language": [row.language for row in rows],
        "text": [row.text for row in rows],
        "participant_id": [row.cue.participant_id for row in rows],
        "speaker": [row.cue.speaker for row in rows],
        "begin_at": [origin_ms + row.cue.begin_ms for row in rows],
        "end_at": [origin_ms + row.cue.end_ms for row in rows],
        "spoken_at": [milliseconds(row.at) for row in rows],
        "begin_ms": [row.cue.begin_ms for row in rows],
        "end_ms": [row.cue.end_ms for row in rows],
        "event_ids": [row.cue.event_ids for row in rows],
        "doubt": [row.cue.doubt for row in rows],
    }
