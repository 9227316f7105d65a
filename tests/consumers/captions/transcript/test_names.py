"""Who said it: the name as it stood then."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from consumers.captions.transcript import Heading, Transcript, occurrences, transcribe
from schemas.events import MeetingStarted

from .story import Story, at


def transcript(story: Story) -> Transcript:
    """Return that of the one occurrence."""
    (occurrence,) = occurrences(story.told)
    return transcribe(occurrence)


def named(story: Story) -> list[str | None]:
    """Return the speakers of the cues."""
    return [cue.speaker for cue in transcript(story).cues]


def test_a_name_is_that_of_the_time() -> None:
    """Whoever is renamed was called otherwise before; who only speaks on is not told anew."""
    story = Story()
    story.roster(0, {"zhang": "张三", "li": "李四"})
    story.caption(10, "一", times=(0, 1_000))
    story.renamed(20, "zhang", "张三（财务）")
    story.caption(30, "二", times=(20_000, 21_000))
    story.renamed(40, "zhang", None)
    story.caption(50, "三", times=(40_000, 41_000))
    story.caption(51, "四", pid="li", times=(41_000, 42_000))

    assert named(story) == ["张三", "张三（财务）", "张三（财务）", "李四"]


@pytest.mark.parametrize(
    "tell",
    [
        lambda story: story.roster(0, {"zhang": "张三"}),
        lambda story: story.renamed(0, "zhang", "张三"),
        lambda story: story.renamed(0, "zhang", "张三", gone=True),
        lambda story: story.speakers(0, ("zhang", "张三"), ("li", None)),
        lambda story: story.joined(0, "zhang", "张三"),
        lambda story: story.joined(0, "zhang", "张三", left=True),
    ],
    ids=["roster", "changed", "gone", "speakers", "joined", "left"],
)
def test_every_record_with_a_name_tells_it(tell: Callable[[Story], object]) -> None:
    """Rosters, changes, speakers, and who joins or leaves."""
    story = Story()
    tell(story)
    story.caption(10, "一", times=(0, 1_000))

    assert named(story) == ["张三"]


def test_a_name_that_was_told_only_later_is_marked() -> None:
    """Better than none; and who is never named has none."""
    story = Story()
    story.caption(10, "一", times=(0, 1_000))
    story.caption(12, "二", pid="li", times=(2_000, 3_000))
    story.roster(20, {"zhang": "张三"})
    story.roster(30, {"zhang": "张三丰"})

    assert [(cue.speaker, cue.doubt) for cue in transcript(story).cues] == [
        ("张三", ["name_from_later"]),
        (None, []),
    ]


def test_the_heading_says_what_the_meeting_was_called_at_last() -> None:
    """By the latest description that says so; and how many people were named."""
    story = Story()
    story.lifecycle(MeetingStarted, 0)
    story.described(20, subject="季度会", scheduled_at=at(0))
    story.described(10, subject="例会", owner_name="王五")
    story.described(30)
    story.roster(31, {"zhang": "张三", "li": "李四"})

    made = transcript(story)

    assert made.heading == Heading(subject="季度会", owner_name="王五", scheduled_at=at(0), people=2)
    assert (repr(made), repr(made.heading)) == ("<Transcript of 0 cues>", "<Heading>")
