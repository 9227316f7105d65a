"""Transcripts to be written down."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import strategies as some

from consumers.captions.transcript import Heading, Occurrence, Transcript
from schemas.archive.cues import Cue, CueText, CueVersion
from schemas.archive.manifest import Unseen

from ..transcript.story import NINE, UUID, at


def occurrence(**other: Any) -> Occurrence:
    """Return an occurrence of which nothing but its facts is looked at."""
    facts: dict[str, Any] = {
        "id": "0" * 31 + "1",
        "enterprise": "acme",
        "meeting_id": "900000001",
        "meeting_uuid": UUID,
        "day": "2026-05-01",
        "started_at": NINE,
        "ended_at": at(600),
        "closed_by": "ended",
        "last_at": at(601),
        "told": [],
    }
    return Occurrence(**{**facts, **other})


def cue(number: int, begin_s: float, texts: dict[str, str], **other: Any) -> Cue:
    """Return a cue of a second and a half."""
    begin_ms = round(begin_s * 1_000)
    facts: dict[str, Any] = {
        "cue": number,
        "participant_id": "zhang",
        "speaker": "张三",
        "begin_ms": begin_ms,
        "end_ms": begin_ms + 1_500,
        "spoken_at": at(begin_s + 1.5),
        "final": True,
        "texts": written(texts),
        "event_ids": [f"e-{number}"],
    }
    return Cue(**{**facts, **other})


def written(texts: dict[str, str]) -> list[CueText]:
    """Return texts by language."""
    return [CueText(language=language, text=text) for language, text in texts.items()]


def version(texts: dict[str, str], s: float = 1.0) -> CueVersion:
    """Return what a cue said before."""
    return CueVersion(texts=written(texts), event_id="e-0", at=at(s))


def transcript(*cues: Cue, **other: Any) -> Transcript:
    """Return a transcript of these cues."""
    facts: dict[str, Any] = {
        "origin": NINE,
        "cues": list(cues),
        "unseen": [],
        "languages": sorted({text.language for cue in cues for text in cue.texts}),
        "captions": len(cues),
        "unfinished": sum(not cue.final for cue in cues),
        "heading": Heading(subject="季度会", owner_name="王五", scheduled_at=NINE, people=2),
    }
    return Transcript(**{**facts, **other})


SMALL = transcript(
    cue(1, 1, {"English": "Let us look.", "Mandarin": "我们先看一下。"}),
    cue(2, 3.25, {"Mandarin": "预算 <b> & 3 > 2"}, final=False, speaker=None),
    cue(
        3, 3_700, {"Mandarin": "收入\n不错", "English": ""}, versions=[version({"Mandarin": "收如"})], end_ms=3_701_001
    ),
    cue(4, 3_800, {}, speaker=None, participant_id=None, doubt=["times_missing", "without_text"]),
    unseen=[
        Unseen(since=None, until=at(0.5), reason="not_listened"),
        Unseen(since=at(100), until=None, reason="version_gap", push_type="ParticipantsNotify", missed=2),
    ],
)

# 64 KiB in UTF-8.
LONG = "好" * 21_845

# What the issue names, and what else breaks lines, files and pages.
HOSTILE = some.sampled_from(
    [
        "",
        " ",
        "\u3000",
        "-->",
        "--->",
        "00:00:00.000 --> 00:00:01.000",
        "</v>",
        "<v 李四>好</v>",
        "<script>alert(1)</script>",
        "&amp;",
        "&#45;->",
        "WEBVTT",
        "NOTE",
        "STYLE",
        "1",
        "\n1\n 00：00：00 ",
        "\n\n1\n00:00:00,000 --> 00:00:01,000\n假",
        "\r\n\r\n",
        "\u2028\u2029\x85\x0b\x0c\x1c\x1d\x1e",
        "\x00",
        "\x01\x07\x1b[31m\x7f\x9f",
        "\u202e\u2067反\u2069",
        "\u200f\u200b\ufeff",
        "\ufffe\U0010ffff",
        "]]>",
        "{\\an8}",
    ]
)
TEXTS = some.one_of(HOSTILE, some.text(max_size=30), some.lists(HOSTILE, max_size=4).map("".join)).map(
    lambda text: text.encode("utf-8", "replace").decode()
)
_LANGUAGES = some.one_of(some.sampled_from(["Mandarin", "English", "english", "und", "../x", "中文"]), TEXTS)
_TEXTS_OF_A_CUE = some.dictionaries(_LANGUAGES, TEXTS, max_size=3)


@some.composite
def _cues(draw: some.DrawFn) -> list[Cue]:
    cues = []
    for number in range(1, draw(some.integers(0, 6)) + 1):
        begin_s = draw(some.sampled_from([0.0, 0.001, 1.5, 59.999, 3_599.999, 86_400.0 * 5, 400_000.0 * 3_600]))
        cues.append(
            cue(
                number,
                begin_s,
                draw(_TEXTS_OF_A_CUE),
                end_ms=round(begin_s * 1_000) + draw(some.sampled_from([1, 1_000, 10**9])),
                speaker=draw(some.none() | TEXTS),
                participant_id=draw(some.none() | TEXTS),
                final=draw(some.booleans()),
                versions=[version(texts) for texts in draw(some.lists(_TEXTS_OF_A_CUE, max_size=2))],
            )
        )
    return cues


@some.composite
def transcripts(draw: some.DrawFn) -> Transcript:
    """Return any transcript."""
    heading = Heading(subject=draw(some.none() | TEXTS), owner_name=draw(TEXTS), scheduled_at=None, people=0)
    unseen = [Unseen(since=None, until=NINE + timedelta(seconds=1), reason=draw(TEXTS), push_type=draw(TEXTS))]
    return transcript(*draw(_cues()), heading=heading, unseen=unseen)
