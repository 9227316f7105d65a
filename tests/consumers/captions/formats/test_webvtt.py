"""WebVTT: read back by a reader that is not ours, whatever was said."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import Final, NamedTuple

import webvtt
from hypothesis import example, given, settings

from consumers.captions.formats import rendered
from consumers.captions.formats.plain import plain
from consumers.captions.formats.text import block, one_line
from consumers.captions.formats.webvtt import written as written_of
from consumers.captions.transcript import Occurrence, Transcript
from schemas.archive.cues import Cue

from .transcripts import LONG, SMALL, cue, occurrence, transcript, transcripts

# W3C WebVTT, section 4.2.2: a cue's text has no unescaped & or <, and tags that are closed.
_VOICE: Final = re.compile(r"<v((?:\.[a-z]+)*) ([^<>\n]+)>((?:[^<&]|&(?:amp|lt|gt);)*)</v>")
_PLAIN: Final = re.compile(r"(?:<c((?:\.[a-z]+)+)>)?((?:[^<&]|&(?:amp|lt|gt);)*)(?:</c>)?")


class Read(NamedTuple):
    """What a reader finds."""

    identifier: str | None
    start_ms: int
    end_ms: int
    classes: str
    voice: str | None
    text: str


def written(made: Transcript, occurrence: Occurrence, languages: Iterable[str]) -> dict[str, bytes]:
    """Write a transcript."""
    return written_of(made, occurrence, plain(made), list(languages))


def read(content: bytes) -> list[Read]:
    """Read a file strictly."""
    return [_read(caption) for caption in webvtt.from_string(content.decode(), strict=True).captions]


def _read(caption: webvtt.Caption) -> Read:
    times = (_ms(caption.start), _ms(caption.end))
    voice = _VOICE.fullmatch(caption.raw_text)
    if voice is not None:
        return Read(caption.identifier, *times, voice[1], html.unescape(voice[2]), html.unescape(voice[3]))
    plain = _PLAIN.fullmatch(caption.raw_text)
    assert plain is not None, caption.raw_text
    return Read(caption.identifier, *times, plain[1] or "", None, html.unescape(plain[2]))


def _ms(time: str) -> int:
    hours, minutes, seconds = time.split(":")
    return round((int(hours) * 3_600 + int(minutes) * 60 + float(seconds)) * 1_000)


def expected(one: Cue, language: str) -> list[Read]:
    """Return how a reader finds a cue, if it says anything in a language."""
    classes = ("" if one.final else ".unfinished") + (".corrected" if one.versions else "")
    voice = one_line(one.speaker or one.participant_id or "") or None
    return [
        Read(str(one.cue), one.begin_ms, one.end_ms, classes, voice, block(text.text))
        for text in one.texts
        if text.language == language and block(text.text)
    ]


def test_a_file_says_who_says_what() -> None:
    """Voices, times, what is not final and what was corrected; cues without a text in the language are left out."""
    files = written(SMALL, occurrence(), ["Mandarin", "English"])

    assert list(files) == ["Mandarin", "English"]
    assert read(files["English"]) == [Read("1", 1_000, 2_500, "", "张三", "Let us look.")]
    assert read(files["Mandarin"]) == [
        Read("1", 1_000, 2_500, "", "张三", "我们先看一下。"),
        Read("2", 3_250, 4_750, ".unfinished", "zhang", "预算 <b> & 3 > 2"),
        Read("3", 3_700_000, 3_701_001, ".corrected", "张三", "收入\n不错"),
    ]


def test_a_file_begins_with_what_has_to_be_known() -> None:
    """The meeting, from when times count, and what was not seen: as a note."""
    (content,) = written(SMALL, occurrence(), ["Mandarin"]).values()

    assert content.decode().split("\n\n")[:2] == [
        "WEBVTT",
        "NOTE\n"
        "Meeting: 900000001, of acme\n"
        "Subject: 季度会\n"
        "UUID: 55555555555555555555555555555555\n"
        "Occurrence in the archive: 00000000000000000000000000000001\n"
        "Started: 2026-05-01T09:00:00.000Z\n"
        "Ended: 2026-05-01T09:10:00.000Z\n"
        "Times count from: 2026-05-01T09:00:00.000Z\n"
        "Language, as the service calls it: Mandarin\n"
        "Cues whose final text never came: 1 (class unfinished)\n"
        "Cues that were corrected later: 1 (class corrected)\n"
        "Not seen:\n"
        "from the start to 2026-05-01T09:00:00.500Z: not_listened\n"
        "from 2026-05-01T09:01:40.000Z to the end: version_gap, ParticipantsNotify alone",
    ]


def test_what_is_not_known_is_said() -> None:
    """No subject, no UUID, no start, no end; and where all was seen, that."""
    heading = transcript().heading
    blank = transcript(heading=type(heading)(subject=None, owner_name=None, scheduled_at=None, people=0))
    (content,) = written(blank, occurrence(meeting_uuid=None, started_at=None, ended_at=None), ["Mandarin"]).values()

    assert content.decode().count("not known") == 4
    assert "Not seen: nothing" in content.decode()


def test_nobody_in_particular_has_no_voice() -> None:
    """But keeps the mark."""
    made = transcript(
        cue(1, 0, {"und": "好"}, speaker=None, participant_id=None),
        cue(2, 2, {"und": "好"}, speaker=" \n", participant_id=None, final=False),
    )

    assert [one[3:] for one in read(written(made, occurrence(), ["und"])["und"])] == [
        ("", None, "好"),
        (".unfinished", None, "好"),
    ]


@settings(max_examples=50, deadline=None)
@given(made=transcripts())
@example(made=transcript(cue(1, 0, {"Mandarin": LONG})))
@example(made=transcript(cue(1, 0, {"Mandarin": "-->\n\n2\n00:00:00.000 --> 00:00:01.000\n</v>"})))
def test_any_text_makes_a_valid_file(made: Transcript) -> None:
    """A strict reader finds every cue that says something, and its text but for control characters and blank lines."""
    names = {text.language for one in made.cues for text in one.texts}

    for language, content in written(made, occurrence(), names).items():
        assert read(content) == [found for one in made.cues for found in expected(one, language)]


@settings(max_examples=25, deadline=None)
@given(made=transcripts())
@example(made=transcript(cue(1, 0, {"Mandarin": LONG})))
def test_any_transcript_is_written_down(made: Transcript) -> None:
    """Always the same bytes, under names that a store can have."""
    files = rendered(made, occurrence())

    assert rendered(made, occurrence()) == files
    assert len({file.name for file in files}) == len(files)
    assert all(re.fullmatch(r"captions\.[a-z0-9.-]{1,40}", file.name) for file in files)
    assert {"captions.html", "captions.jsonl", "captions.parquet"} <= {file.name for file in files}
