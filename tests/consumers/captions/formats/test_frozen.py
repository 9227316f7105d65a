"""The same records give the same bytes from release to release, or the rules' versions say that they do not."""

from __future__ import annotations

import hashlib
from typing import Final

import msgspec

from consumers.captions.formats import FORMAT_RULES, rendered
from consumers.captions.transcript import FOLD_RULES, OCCURRENCE_RULES, occurrences, transcribe
from schemas.events import MeetingEnded, MeetingStarted

from ..transcript.story import NINE, Story, at
from .transcripts import SMALL, occurrence

# By versions of the rules. Where a test here fails, what is kept would come out otherwise: raise the version that
# changed, and write the new digest under it.
FILES: Final = {
    1: {
        "captions.english.srt": "4228ac8849e23adaab1d04ec7d3658967f1966776e3698b048ad4b7258a904d2",
        "captions.english.vtt": "5f97a906d418b82be93639603a121d7e1f41b01dbcb9a4d19cb96f126dfa4bde",
        "captions.html": "879c1e932577b8dcc73d509ce74054c7001d100ffacddcabd65c19a17c5e5aee",
        "captions.jsonl": "0e7c5930278c5dfb6ec148142e449ae01091f1ae5765006f9d08618bfeb64cea",
        "captions.mandarin.srt": "bf381c116c63830a625e5fa563cef6f4a1cb2abc038bf4e9a7e3229724bea5a3",
        "captions.mandarin.vtt": "d1fffe084fb66b05b5dcf439ccec85bb4ca5cf30e171d53004ec0e5a5602a9ac",
    }
}
TRANSCRIPTS: Final = {(1, 1): "b137950d79d7f4e57446c0cd6c621129b32637800de86048af0394e8161c058a"}


def story() -> Story:
    """Return a meeting with a little of everything that rules decide."""
    made = Story()
    made.lifecycle(MeetingStarted, 0)
    made.listening("opened", 30, since=NINE)
    made.described(31, subject="季度会", owner_name="王五", scheduled_at=NINE)
    made.roster(32, {"zhang": "张三", "li": "李四"})
    made.caption(40, "我们", final=False, line_id="a", times=(9_000, 10_000))
    made.caption(41, {"Mandarin": "我们先看收如。", "English": "Let us look."}, line_id="a", times=(9_000, 11_000))
    made.caption(60, "我们先看收入。", line_id="a", times=(9_000, 11_000))
    made.caption(61, "谁", pid="li", final=False, line_id="b")
    made.caption(62, "", pid="wu", times=(5, 1))
    made.renamed(63, "zhang", "张三丰")
    made.caption(70, "好的。", epoch=2, line_id="c", times=(39_000, 40_000))
    made.listening("lost", 300, reason="socket_failed", since=at(290))
    made.lifecycle(MeetingEnded, 600)
    made.uuid = None
    made.caption(605, "再见", epoch=None, line_id="d", times=(574_000, 575_000))
    return made


def test_files_are_the_same_bytes() -> None:
    """All but Parquet's, which names the release of the library that wrote it."""
    files = [file for file in rendered(SMALL, occurrence()) if not file.name.endswith(".parquet")]

    assert {file.name: hashlib.sha256(file.content).hexdigest() for file in files} == FILES[FORMAT_RULES]


def test_transcripts_are_the_same() -> None:
    """Occurrence and transcript, whole."""
    made = occurrences(story().told)
    whole = [msgspec.to_builtins(transcribe(one)) for one in made]
    facts = [(one.id, one.started_at, one.ended_at, one.closed_by, len(one.told)) for one in made]

    digest = hashlib.sha256(msgspec.json.encode((facts, whole), order="sorted")).hexdigest()
    assert digest == TRANSCRIPTS[OCCURRENCE_RULES, FOLD_RULES]
