"""SRT: read back by a reader that is not ours, whatever was said."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta

import srt  # type: ignore[import-untyped]  # it has no annotations
from hypothesis import example, given, settings

from consumers.captions.formats.plain import plain
from consumers.captions.formats.srt import written as written_of
from consumers.captions.formats.text import block, one_line
from consumers.captions.transcript import Transcript
from schemas.archive.cues import Cue

from .transcripts import LONG, SMALL, cue, transcript, transcripts


def written(made: Transcript, languages: Iterable[str]) -> dict[str, bytes]:
    """Write a transcript."""
    return written_of(plain(made), list(languages))


def read(content: bytes) -> list[tuple[int, int, int, str]]:
    """Read a file: number, begin, end, text. Raises what the reader does where something is left over."""
    ms = timedelta(milliseconds=1)
    return [(one.index, one.start // ms, one.end // ms, one.content) for one in srt.parse(content.decode())]


def expected(one: Cue, language: str) -> list[tuple[int, int, int, str]]:
    """Return how a reader finds a cue, if it says anything in a language."""
    who = one_line(one.speaker or one.participant_id or "")
    return [
        (
            one.cue,
            one.begin_ms,
            one.end_ms,
            _payload(who, block(text.text), one),
        )
        for text in one.texts
        if text.language == language and block(text.text)
    ]


def _payload(who: str, said: str, one: Cue) -> str:
    shown = re.sub(r"\n(?=\s*\d+[,.:，．。：]\d)", " ", said)
    return f"{who}{': ' if who else ''}{shown}{'' if one.final else ' […]'}".replace("-->", "→")


def test_a_file_says_who_says_what() -> None:
    """Who speaks stands before it, and what is not final is marked."""
    files = written(SMALL, ["Mandarin", "English"])

    assert read(files["English"]) == [(1, 1_000, 2_500, "张三: Let us look.")]
    assert read(files["Mandarin"]) == [
        (1, 1_000, 2_500, "张三: 我们先看一下。"),
        (2, 3_250, 4_750, "zhang: 预算 <b> & 3 > 2 […]"),
        (3, 3_700_000, 3_701_001, "张三: 收入\n不错"),
    ]


def test_nobody_in_particular_is_not_named() -> None:
    """The text alone."""
    made = transcript(cue(1, 0, {"und": "好 --> 不好"}, speaker=None, participant_id=None))

    assert read(written(made, ["und"])["und"]) == [(1, 0, 1_500, "好 → 不好")]


def test_a_text_that_looks_like_a_cue_is_none() -> None:
    """A number, and times on the next line: one line, so that nobody reads another cue."""
    made = transcript(
        cue(1, 0, {"und": "好\n\n2\n00:00:05,000 --> 00:00:06,000\n假"}, speaker=None, participant_id=None)
    )

    assert read(written(made, ["und"])["und"]) == [(1, 0, 1_500, "好\n2 00:00:05,000 → 00:00:06,000\n假")]


@settings(max_examples=60, deadline=None)
@given(made=transcripts())
@example(made=transcript(cue(1, 0, {"Mandarin": LONG})))
def test_any_text_makes_a_valid_file(made: Transcript) -> None:
    """A reader finds every cue that says something, and nothing else."""
    names = {text.language for one in made.cues for text in one.texts}

    for language, content in written(made, names).items():
        assert read(content) == [found for one in made.cues for found in expected(one, language)]
