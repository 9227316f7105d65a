"""JSON Lines and Parquet: read back, row by row."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import msgspec
import pyarrow as pa
from hypothesis import example, given, settings
from pyarrow import parquet

from consumers.captions.formats.jsonl import written as as_lines
from consumers.captions.formats.parquet import SCHEMA
from consumers.captions.formats.parquet import written as as_table
from consumers.captions.transcript import Transcript
from schemas.archive.cues import Cue, CuesHead

from ..transcript.story import NINE, UUID, at
from .transcripts import LONG, SMALL, cue, occurrence, transcript, transcripts


def rows(made: Transcript) -> list[dict[str, Any]]:
    """Return the rows of the table."""
    return parquet.read_table(io.BytesIO(as_table(made, occurrence()))).to_pylist()


def test_lines_are_a_head_and_the_cues() -> None:
    """All there is of each, as the contract has it."""
    head, *cues = as_lines(SMALL, occurrence()).splitlines()

    assert msgspec.json.decode(head, type=CuesHead) == CuesHead(
        format="meetwire-cues/1",
        occurrence="0" * 31 + "1",
        enterprise="acme",
        meeting_id="900000001",
        meeting_uuid=UUID,
        origin=NINE,
        cues=4,
    )
    assert [msgspec.json.decode(line, type=Cue) for line in cues] == SMALL.cues


def test_a_table_has_a_row_for_each_text_of_each_version() -> None:
    """The first one whole; of all others what tells them apart."""
    found = rows(SMALL)

    assert found[0] == {
        "occurrence": "0" * 31 + "1",
        "enterprise": "acme",
        "meeting_id": "900000001",
        "meeting_uuid": UUID,
        "cue": 1,
        "version": 1,
        "current": True,
        "final": True,
        "language": "English",
        "text": "Let us look.",
        "participant_id": "zhang",
        "speaker": "张三",
        "begin_at": at(1),
        "end_at": at(2.5),
        "spoken_at": at(2.5),
        "begin_ms": 1_000,
        "end_ms": 2_500,
        "event_ids": ["e-1"],
        "doubt": [],
    }
    apart = ("cue", "version", "current", "final", "language", "text", "spoken_at")
    assert [tuple(row[name] for name in apart) for row in found[1:]] == [
        (1, 1, True, True, "Mandarin", "我们先看一下。", at(2.5)),
        (2, 1, True, False, "Mandarin", "预算 <b> & 3 > 2", at(4.75)),
        (3, 1, False, True, "Mandarin", "收如", at(1)),
        (3, 2, True, True, "Mandarin", "收入\n不错", at(3_701.5)),
        (3, 2, True, True, "English", "", at(3_701.5)),
        (4, 1, True, True, None, None, at(3_801.5)),
    ]


def test_a_table_of_nothing_has_its_columns() -> None:
    """A meeting without captions can be evaluated like all others."""
    table = parquet.read_table(io.BytesIO(as_table(transcript(), occurrence(meeting_uuid=None))))

    assert (table.num_rows, table.schema.equals(SCHEMA)) == (0, True)


def test_a_table_is_compressed() -> None:
    """With zstd, which every reader of these years has."""
    column = parquet.read_metadata(io.BytesIO(as_table(SMALL, occurrence()))).row_group(0).column(0)

    assert column.compression == "ZSTD"
    assert pa.Codec.is_available("zstd")


@settings(max_examples=50, deadline=None)
@given(made=transcripts())
@example(made=transcript(cue(1, 0, {"Mandarin": LONG})))
def test_any_text_is_in_both_as_it_is(made: Transcript) -> None:
    """Neither changes a character of what was said."""
    cues = [msgspec.json.decode(line, type=Cue) for line in as_lines(made, occurrence()).split(b"\n")[1:-1]]

    assert cues == made.cues
    nothing: list[tuple[str | None, str | None]] = [(None, None)]
    assert [(row["cue"], row["language"], row["text"]) for row in rows(made) if row["current"]] == [
        (one.cue, *said)
        for one in made.cues
        for said in ([(text.language, text.text) for text in one.texts] or nothing)
    ]
    assert all(row["begin_at"] - NINE == timedelta(milliseconds=row["begin_ms"]) for row in rows(made))
