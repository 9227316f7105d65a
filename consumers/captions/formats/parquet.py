"""captions.parquet: for evaluating, a row for each text of each version of each cue. Pure, but for what pyarrow does.

Columns: `occurrence`, `enterprise`, `meeting_id`, `meeting_uuid`; `cue` (its number); `version` (1 for what was said
first) and `current` (whether it is what the cue says at last); `final` (the final text came); `language`, `text` (both
null where the service sent no text); `participant_id`, `speaker`; `begin_at`, `end_at`, `spoken_at` (UTC); `begin_ms`,
`end_ms` (from the origin of captions.jsonl); `event_ids` and `doubt` of the whole cue.

The same rows and the same version of pyarrow give the same bytes.
"""

from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any, Final

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


_Row = tuple[int, int, bool, int, str | None, str | None]
"""What differs from one text of a cue to the next: the cue's place, from 0, then the columns of `_OF_A_ROW`."""

_OF_A_ROW: Final = ("version", "current", "spoken_at", "language", "text")


def written(transcript: Transcript, occurrence: Occurrence) -> bytes:
    """Return the file."""
    cues = transcript.cues
    rows = [row for place, cue in enumerate(cues) for row in _rows(place, cue)]
    whose = (occurrence.id, occurrence.enterprise, occurrence.meeting_id, occurrence.meeting_uuid)
    arrays: list[pa.Array[Any]] = [pa.repeat(pa.scalar(one, pa.string()), len(rows)) for one in whose]
    columns = _columns(cues, rows, milliseconds(transcript.origin))
    arrays += [columns[name] for name in _OF_A_CUE]
    file = BytesIO()
    parquet.write_table(
        pa.table(arrays, schema=SCHEMA),
        file,
        compression="zstd",
        use_dictionary=_REPEATED,  # type: ignore[arg-type]  # it takes a list too, which the stubs do not know
    )
    return file.getvalue()


def _rows(place: int, cue: Cue) -> Iterator[_Row]:
    for number, version in enumerate(cue.versions, start=1):
        at_ms = milliseconds(version.at)
        for one in version.texts:
            yield place, number, False, at_ms, one.language, one.text
    last, at_ms = len(cue.versions) + 1, milliseconds(cue.spoken_at)
    for one in cue.texts:
        yield place, last, True, at_ms, one.language, one.text
    if not cue.texts:
        yield place, last, True, at_ms, None, None


def _columns(cues: Sequence[Cue], rows: Sequence[_Row], origin_ms: int) -> "dict[str, pa.Array[Any]]":
    """Return all of `_OF_A_CUE`. What is the same in all rows of a cue is made once, and repeated by pyarrow."""
    of_rows: list[tuple[Any, ...]] = list(zip(*rows, strict=True)) or [()] * (1 + len(_OF_A_ROW))
    places = pa.array(of_rows[0], pa.int32())
    columns = {
        name: pa.array(column, _OF_A_CUE[name]).take(places) for name, column in _of_cues(cues, origin_ms).items()
    }
    return columns | {
        name: pa.array(column, _OF_A_CUE[name]) for name, column in zip(_OF_A_ROW, of_rows[1:], strict=True)
    }


def _of_cues(cues: Sequence[Cue], origin_ms: int) -> dict[str, list[Any]]:
    return {
        "cue": [cue.cue for cue in cues],
        "final": [cue.final for cue in cues],
        "participant_id": [cue.participant_id for cue in cues],
        "speaker": [cue.speaker for cue in cues],
        "begin_at": [origin_ms + cue.begin_ms for cue in cues],
        "end_at": [origin_ms + cue.end_ms for cue in cues],
        "begin_ms": [cue.begin_ms for cue in cues],
        "end_ms": [cue.end_ms for cue in cues],
        "event_ids": [cue.event_ids for cue in cues],
        "doubt": [cue.doubt for cue in cues],
    }
