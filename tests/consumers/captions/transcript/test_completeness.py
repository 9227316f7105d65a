"""What is missing of a meeting's captions, as far as the rest of the evidence shows."""

from __future__ import annotations

from typing import Any

from consumers.captions.transcript import occurrences, transcribe
from consumers.captions.transcript.completeness import Completeness, Finding, completeness
from schemas.events import MeetingEnded, MeetingStarted

from .story import NINE, Story, at


def held() -> Story:
    """Return a meeting of ten minutes that was seen from start to end."""
    story = Story()
    story.lifecycle(MeetingStarted, 0)
    story.lifecycle(MeetingEnded, 600)
    story.listening("opened", 0)
    story.alive(*range(0, 600, 10))
    return story


def report(story: Story, **asked: Any) -> Completeness:
    """Return what is said of the one occurrence."""
    (occurrence,) = occurrences(story.told)
    return completeness(transcribe(occurrence), occurrence, **asked)


def found(story: Story, **asked: Any) -> list[Finding]:
    """Return what is missing."""
    return report(story, **asked).findings


def loud(since: float, until: float, who: str = "zhang", name: str | None = "张三") -> Finding:
    """Return that somebody was loud and has no caption."""
    return Finding(kind="loud_without_caption", since=at(since), until=at(until), participant_id=who, speaker=name)


def test_a_meeting_of_which_nothing_is_missing() -> None:
    """Everything that is known of it, and no finding."""
    story = held()
    story.described(1, captions_supported=True)
    story.state(2, captions_on=True)
    story.speakers(10, ("zhang", "张三"))
    story.caption(15, "好", times=(9_000, 12_000))
    story.speakers(16)

    assert report(story, wanted=True) == Completeness(
        occurrence=occurrences(story.told)[0].id,
        enterprise="acme",
        meeting_id="900000001",
        started_at=NINE,
        ended_at=at(600),
        wanted=True,
        supported=True,
        ran=True,
        captions=1,
        cues=1,
        findings=[],
    )


def test_a_meeting_of_which_nobody_knows_anything() -> None:
    """Not whether captions were wanted, possible, or running; and none came."""
    made = report(held())

    assert (made.wanted, made.supported, made.ran, made.captions, made.findings) == (None, None, None, 0, [])


def test_captions_that_ran_and_never_came() -> None:
    """The service said that they were on."""
    story = held()
    story.state(10, captions_on=True)

    assert found(story) == [Finding(kind="none_came")]


def test_captions_that_were_wanted_and_never_ran() -> None:
    """Off, or not told of at all."""
    off, untold = held(), held()
    off.described(1, captions_supported=False)
    off.state(10, captions_on=False)
    off.state(20)

    assert found(off, wanted=True) == found(untold, wanted=True) == [Finding(kind="not_running")]
    assert (report(off).supported, report(off).ran, report(off, wanted=False).findings) == (False, False, [])


def test_what_was_not_seen_and_what_was_not_final() -> None:
    """Each span with its reason; the cues by their numbers."""
    story = held()
    gap: dict[str, Any] = {"push_type": "ParticipantsNotify", "first_missed": 3, "last_missed": 4, "missed": 2}
    story.listening("lost", 300, reason="socket_failed", since=at(290))
    story.listening("opened", 310, epoch=2, since=at(290))
    story.listening("gap", 400, epoch=2, reason="version_gap", since=at(390), **gap)
    story.caption(20, "我们", final=False, times=(0, 1_000))
    story.caption(30, "好。", times=(9_000, 10_000))
    story.caption(40, "谁", final=False, times=(19_000, 20_000))

    assert found(story) == [
        Finding(kind="unseen", since=at(290), until=at(310), reason="socket_failed"),
        Finding(
            kind="unseen",
            since=at(390),
            until=at(400),
            reason="version_gap",
            push_type="ParticipantsNotify",
            missed=2,
        ),
        Finding(kind="unfinished", cues=[1, 3]),
    ]
    assert repr(found(story)[0]) == "<Finding unseen>"


def test_what_was_not_seen_while_captions_were_off_is_not_missing() -> None:
    """Nobody can listen before a meeting is on; where captions are off then, or stay off, none was missed."""
    story = Story()
    story.lifecycle(MeetingStarted, 0)
    story.lifecycle(MeetingEnded, 600)
    story.listening("opened", 3, since=NINE)
    story.state(3.1, captions_on=False)
    story.alive(*range(3, 600, 10))
    story.listening("lost", 110, reason="socket_failed", since=at(100))
    story.listening("opened", 120, epoch=2, since=at(100))
    story.state(120.1, epoch=2, captions_on=False)
    story.state(200, epoch=2, captions_on=True)
    story.listening("lost", 310, epoch=2, reason="socket_failed", since=at(300))
    story.listening("opened", 320, epoch=3, since=at(300))
    story.state(320.1, epoch=3, captions_on=False)
    story.listening("lost", 590, epoch=3, reason="socket_failed", since=at(580))

    made = report(story)

    assert [(one.kind, one.until) for one in made.findings] == [
        ("none_came", None),
        ("unseen_while_off", at(3)),
        ("unseen_while_off", at(120)),
        ("unseen", at(320)),
        ("unseen", None),
    ]
    assert [one.kind for one in made.missing] == ["none_came", "unseen", "unseen"]


def test_somebody_who_was_loud_and_has_no_caption() -> None:
    """While captions ran, for longer than is asked for; a breath in between does not matter."""
    story = held()
    story.state(0, captions_on=True)
    story.caption(5, "好", pid="li", times=(0, 1_000))
    story.speakers(100, ("zhang", "张三"))
    story.speakers(120)
    story.speakers(122, ("li", None), ("zhang", None))
    story.speakers(140)

    assert found(story) == [loud(100, 140)]
    assert found(story, loud_s=40) == []


def test_only_what_has_no_caption_counts() -> None:
    """Ten seconds around a caption are captioned; what is left must be long enough itself."""
    story = held()
    story.state(0, captions_on=True)
    story.speakers(100, ("zhang", "张三"))
    story.caption(150, "好", times=(49_000, 50_000))
    story.speakers(200)

    assert found(story) == [loud(100, 139), loud(160, 200)]
    assert found(story, loud_s=39.5) == [loud(160, 200)]


def test_only_the_two_loudest_are_captioned() -> None:
    """Of a third the service makes no captions; nor is somebody loud who is below the volume asked for."""
    story = held()
    story.state(0, captions_on=True)
    story.caption(5, "好", times=(0, 1_000))
    story.speakers(100, ("li", "李四"), ("wu", "吴一"), ("zhang", "张三"), (None, "谁"), volume=9)
    story.speakers(200)

    assert found(story) == [loud(100, 200, "li", "李四"), loud(100, 200, "wu", "吴一")]
    assert found(story, volume=10) == []


def test_nobody_misses_a_caption_while_captions_are_off() -> None:
    """Only the time in which they ran counts, to the meeting's end where they were never switched off."""
    story = held()
    story.state(0, captions_on=False)
    story.speakers(10, ("zhang", "张三"))
    story.state(100, captions_on=True)
    story.state(150, captions_on=False)
    story.state(550, captions_on=True)
    story.caption(151, "好", pid="li", times=(0, 1_000))

    assert found(story) == [loud(100, 150), loud(550, 600)]


def test_nobody_misses_a_caption_that_could_not_be_seen() -> None:
    """What was not seen is told already; that a roster has a gap hides no caption."""
    story = Story()
    story.lifecycle(MeetingStarted, 0)
    story.lifecycle(MeetingEnded, 600)
    story.listening("opened", 100, since=NINE)
    story.alive(*range(100, 500, 10))
    story.listening("lost", 510, reason="socket_failed", since=at(500))
    story.listening("gap", 300, reason="version_gap", since=at(101), push_type="ParticipantsNotify")
    story.state(0, captions_on=True)
    story.caption(300, "好", pid="li", times=(0, 1_000))
    story.speakers(10, ("zhang", "张三"))

    assert [one for one in found(story) if one.kind != "unseen"] == [loud(100, 500)]


def test_where_the_service_did_not_say_captions_ran_from_the_first_to_the_last() -> None:
    """Their coming shows it."""
    story = held()
    story.speakers(10, ("zhang", "张三"))
    story.caption(100, "好", pid="li", times=(0, 1_000))
    story.caption(200, "好的", pid="li", times=(100_000, 101_000))

    assert (report(story).ran, found(story)) == (True, [loud(99, 200)])
