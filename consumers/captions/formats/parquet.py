"""captions.parquet: for evaluating, a row for each text of each version of each cue. Pure, but for what pyarrow does.

Columns: `occurrence`, `enterprise`, `meeting_id`, `meeting_uuid`; `cue` (its number); `version` (1 for what was said
first) and `current` (whether it is what the cue says at last); `final` (the final text came); `language`, `text` (both
null where the service sent no text); `participant_id`, `speaker`; `begin_at`, `end_at`, `spoken_at` (UTC); `begin_ms`,
`end_ms` (from the origin of captions.jsonl); `event_ids` and `doubt` of the whole cue.

The same rows and the same version of pyarrow give the same bytes.
"""

from collections.abc import Iterator
from io import BytesIO
from typing import Any, Final

import pyarrow as pa
from pyarrow import parquet

from schemas.archive.cues import Cue, CueText

from ..transcript.instants import milliseconds
from ..transcript.shapes import Occurrence, Transcript

_STRINGS: Final = pa.list_(pa.string())
_COLUMNS: Final[dict[str, pa.DataType]] = {
    "occurrence": pa.string(),
    "enterprise": pa.string(),
    "meeting_id": pa.string(),
    "meeting_uuid": pa.string(),
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
SCHEMA: Final = pa.schema(_COLUMNS)


def written(transcript: Transcript, occurrence: Occurrence) -> bytes:
    """Return the file."""
    of_all = (occurrence.id, occurrence.enterprise, occurrence.meeting_id, occurrence.meeting_uuid)
    rows = [(*of_all, *row) for cue in transcript.cues for row in _rows(transcript, cue)]
    columns: list[list[Any]] = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in SCHEMA.names]
    table = pa.table(
        [pa.array(column, field.type) for column, field in zip(columns, SCHEMA, strict=True)], schema=SCHEMA
    )
    file = BytesIO()
    parquet.write_table(table, file, compression="zstd")
    return file.getvalue()


def _rows(transcript: Transcript, cue: Cue) -> Iterator[tuple[Any, ...]]:
    begin_at = milliseconds(transcript.origin) + cue.begin_ms
    end_at = begin_at - cue.begin_ms + cue.end_ms
    said = [*((version.texts, version.at) for version in cue.versions), (cue.texts, cue.spoken_at)]
    for number, (texts, spoken_at) in enumerate(said, start=1):
        for language, text in _texts(texts):
            yield (
                cue.cue,
                number,
                number == len(said),
                cue.final,
                language,
                text,
                cue.participant_id,
                cue.speaker,
                begin_at,
                end_at,
                milliseconds(spoken_at),
                cue.begin_ms,
                cue.end_ms,
                cue.event_ids,
                cue.doubt,
            )


def _texts(texts: list[CueText]) -> list[tuple[str | None, str | None]]:
    return [(one.language, one.text) for one in texts] or [(None, None)]
