"""When cues begin and end, whatever the service says."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from consumers.captions.transcript import Transcript, occurrences, transcribe
from schemas.events import MeetingEnded, MeetingStarted

from .story import NINE, Story, at


class Times(NamedTuple):
    """Of a cue: from nine, in seconds."""

    begin: float
    end: float
    doubt: list[str]


def transcript(story: Story) -> Transcript:
    """Return that of the one occurrence."""
    (occurrence,) = occurrences(story.told)
    return transcribe(occurrence)


def times(story: Story) -> list[Times]:
    """Return the times of the cues."""
    made = transcript(story)
    ahead = (made.origin - NINE).total_seconds()
    return [Times(ahead + cue.begin_ms / 1_000, ahead + cue.end_ms / 1_000, cue.doubt) for cue in made.cues]


def test_the_services_own_times_count() -> None:
    """Cues keep the distances that the service gives, however late their frames come."""
    story = Story()
    for s, begin in ((101, 0), (109, 5_000), (112, 10_000), (121.5, 20_000), (131, 30_000)):
        story.caption(s, f"{begin}", times=(begin, begin + 1_000))

    assert times(story) == [
        Times(100.5, 101.5, []),
        Times(105.5, 106.5, []),
        Times(110.5, 111.5, []),
        Times(120.5, 121.5, []),
        Times(130.5, 131.5, []),
    ]


def test_a_correction_moves_nothing() -> None:
    """However late it comes: what is corrected was said when it was said."""
    story = Story()
    story.caption(11, "收如", line_id="a", times=(0, 1_000))
    story.caption(21, "好的", line_id="b", times=(10_000, 11_000))
    story.caption(400, "收入", line_id="a", times=(0, 1_000))

    assert times(story) == [Times(10, 11, []), Times(20, 21, [])]


def test_captions_that_are_switched_on_again_count_anew() -> None:
    """The times of both runs are right, and in order."""
    story = Story()
    for run in (0, 1_000):
        for s in (1, 11, 21):
            story.caption(run + s, f"{run} {s}", times=((s - 1) * 1_000, s * 1_000))

    assert [each.begin for each in times(story)] == [0, 10, 20, 1_000, 1_010, 1_020]


def test_times_count_from_the_start_of_the_meeting() -> None:
    """So that they go with a recording."""
    story = Story()
    story.lifecycle(MeetingStarted, 0)
    story.caption(61, "好", times=(0, 1_000))

    made = transcript(story)

    assert (made.origin, made.cues[0].begin_ms, made.cues[0].end_ms) == (NINE, 60_000, 61_000)


def test_no_time_is_below_zero() -> None:
    """What was said before the start moves the origin there, and is marked; so is what was said after the end."""
    story = Story()
    story.caption(-59, "早", times=(0, 1_000))
    story.lifecycle(MeetingStarted, 0)
    story.lifecycle(MeetingEnded, 600)
    story.caption(611, "再见", times=(670_000, 671_000))

    made = transcript(story)

    assert made.origin == at(-60)
    assert [(cue.begin_ms, cue.end_ms, cue.doubt) for cue in made.cues] == [
        (0, 1_000, ["before_start"]),
        (670_000, 671_000, ["after_end"]),
    ]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ((None, 1_000), Times(10, 12, ["times_missing"])),
        ((0, None), Times(10, 12, ["times_missing"])),
        ((-5, 1_000), Times(10, 12, ["times_negative"])),
        ((-5, -1), Times(10, 12, ["times_negative"])),
        ((2_000, 1_000), Times(10, 12, ["times_reversed"])),
        ((0, 5 * 24 * 3_600_000), Times(10, 12, ["times_apart"])),
        ((1_000, 1_000), Times(12, 13, ["times_equal"])),
        ((0, 0), Times(12, 13, ["times_equal"])),
    ],
)
def test_times_that_cannot_be_are_derived_from_when_the_frames_came(
    said: tuple[int | None, int | None], expected: Times
) -> None:
    """From the first frame to the last; and marked."""
    story = Story()
    story.caption(10, "我们", final=False, line_id="a")
    story.caption(12, "我们先看", line_id="a", times=said)

    assert times(story) == [expected]


def test_a_derived_cue_is_shown_for_a_second_at_least() -> None:
    """One frame alone has no length."""
    story = Story()
    story.caption(10, "好")

    assert times(story) == [Times(10, 11, ["times_missing"])]


def test_times_that_go_astray_are_not_believed() -> None:
    """A frame whose group is carried off by many others stays where it came; its length is believed."""
    story = Story()
    for number in range(9):
        story.caption(100 + 29 * number, f"{number}", times=(100, 1_000), spoken_at=at(100 + 29 * number))

    made = times(story)

    assert [each.end for each in made] == [100, 129, 216, 216, 216, 216, 216, 303, 332]
    assert [each.doubt for each in made] == [["times_astray"]] * 2 + [[]] * 5 + [["times_astray"]] * 2


def test_a_spoken_time_that_cannot_be_is_not_believed() -> None:
    """Years away from when it came: then when it came counts."""
    story = Story()
    story.caption(10, "好", times=(0, 1_000), spoken_at=at(-400 * 86_400))

    assert times(story) == [Times(9, 10, [])]
    assert transcript(story).cues[0].spoken_at == at(10)


def test_cues_are_numbered_by_their_begin() -> None:
    """However their frames came."""
    story = Story()
    story.caption(20, "二", line_id="b", times=(9_000, 10_000))
    story.caption(21, "一", line_id="a", times=(1_000, 11_000))

    assert [(cue.cue, cue.texts[0].text) for cue in transcript(story).cues] == [(1, "一"), (2, "二")]


def test_a_meeting_without_captions_has_an_origin_all_the_same() -> None:
    """Its start, or the first that came of it."""
    story = Story()
    story.described(10)

    made = transcript(story)

    assert (made.origin, made.cues, made.languages, made.captions, made.unfinished) == (at(10), [], [], 0, 0)
