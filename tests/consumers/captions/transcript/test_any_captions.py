"""Whatever the service sends: nothing is lost, nothing is twice, and the order of reading does not matter."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as some

from consumers.captions.evidence.told import Told
from consumers.captions.formats import rendered
from consumers.captions.transcript import Transcript, occurrences, transcribe
from schemas.events import CaptionLine, CaptionSpoken, MeetingEnded, MeetingStarted

from .story import Story, at

_TEXTS = some.sampled_from(
    ["", "好", "好的", "好的。", "是的。", "谁", "-->", "</v>", "\x00", "\u202e反", "\ud800", "a\nb"]
)
_LINES = some.lists(
    some.builds(
        CaptionLine,
        language=some.sampled_from([None, "Mandarin", "English"]),
        text=_TEXTS,
        line_id=some.sampled_from([None, "a", "b", "\udfff"]),
    ),
    max_size=3,
)
_MS = some.none() | some.sampled_from([-1, 0, 1, 500, 1_000, 2_000, 60_000, 10**12])
_SECONDS = some.sampled_from([0.0, 0.5, 1.0, 2.0, 20.0, 61.0, 300.0]) | some.floats(-700, 1_300)


@some.composite
def _frames(draw: some.DrawFn) -> list[Told]:
    story = Story()
    story.lifecycle(MeetingStarted, 0)
    for _ in range(draw(some.integers(1, 10))):
        s = draw(_SECONDS)
        story.caption(
            s,
            draw(_LINES),
            pid=draw(some.sampled_from([None, "zhang", "li", "\ud800"])),
            final=draw(some.sampled_from([None, False, False, True, True])),
            times=(draw(_MS), draw(_MS)),
            spoken_at=draw(some.none() | some.sampled_from([at(0), at(s), at(10**7), at(-(10**7))])),
            epoch=draw(some.sampled_from([None, 1, 2])),
            event_id=draw(some.none() | some.sampled_from(["e-1", "e-2"])),
        )
    story.speakers(5, ("zhang", "张三\ud800"))
    story.lifecycle(MeetingEnded, 600)
    return story.told


def captions(told: list[Told]) -> dict[str, CaptionSpoken]:
    """Return the captions by their IDs; of one ID the first that stands."""
    found: dict[str, CaptionSpoken] = {}
    for one in told:
        if isinstance(one.event, CaptionSpoken):
            found.setdefault(one.event_id, one.event)
    return found


def said_at_last(transcript: Transcript) -> dict[str, set[str]]:
    """Return the texts, the earlier ones too, by the frames they are of; lines apart."""
    return {
        event_id: {
            line
            for texts in (cue.texts, *(version.texts for version in cue.versions))
            for text in texts
            for line in text.text.splitlines()
        }
        for cue in transcript.cues
        for event_id in cue.event_ids
    }


def final_lines(event: CaptionSpoken) -> set[str]:
    """Return what a final frame says, as far as it can be written."""
    if event.final is False:
        return set()
    texts = [line.text.encode("utf-8", "replace").decode().replace("?", "�") for line in event.lines]
    return {line for text in texts for line in text.splitlines()}


def _one_frame(text: str) -> list[Told]:
    story = Story()
    story.caption(1, text, times=(0, 1_000))
    return story.told


_LONG = some.just("好" * 21_845).map(_one_frame)


@settings(max_examples=80, deadline=None)
@given(told=_frames() | _LONG, random=some.randoms(use_true_random=False))
def test_nothing_is_lost(told: list[Told], random: Random) -> None:
    """Each frame is in one cue, which has its words if they were final; times can be shown; any order does."""
    (occurrence,) = occurrences(told)
    made = transcribe(occurrence)
    mixed = random.sample(told, len(told))

    assert transcribe(occurrences(mixed)[0]) == made
    assert sorted(event_id for cue in made.cues for event_id in cue.event_ids) == sorted(captions(told))
    said = said_at_last(made)
    assert all(final_lines(event) <= said[event_id] for event_id, event in captions(told).items())
    assert [cue.cue for cue in made.cues] == list(range(1, len(made.cues) + 1))
    assert [cue.begin_ms for cue in made.cues] == sorted(cue.begin_ms for cue in made.cues)
    assert all(0 <= cue.begin_ms < cue.end_ms for cue in made.cues)
    assert made.captions == len(captions(told))
    assert rendered(made, occurrence)
