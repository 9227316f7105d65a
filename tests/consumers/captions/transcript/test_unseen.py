"""Which spans were not seen, and why: what no subscription saw while its receiver was alive."""

from __future__ import annotations

from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as some

from consumers.captions.transcript import occurrences, transcribe
from schemas.archive.manifest import Unseen
from schemas.events import MeetingEnded, MeetingStarted

from .story import NINE, Story, at


class Span(NamedTuple):
    """Seconds from nine; None as in the manifest."""

    since: float | None
    until: float | None
    reason: str


def unseen(story: Story) -> list[Unseen]:
    """Return what the one occurrence says."""
    (occurrence,) = occurrences(story.told)
    return transcribe(occurrence).unseen


def spans(story: Story) -> list[Span]:
    """Return the spans in short."""
    return [
        Span(
            None if one.since is None else (one.since - NINE).total_seconds(),
            None if one.until is None else (one.until - NINE).total_seconds(),
            one.reason,
        )
        for one in unseen(story)
    ]


def held(*, alive: tuple[int, int] | None = (0, 600)) -> Story:
    """Return a meeting of ten minutes, with signs of life from one second to the other."""
    story = Story()
    story.lifecycle(MeetingStarted, 0)
    story.lifecycle(MeetingEnded, 600)
    if alive is not None:
        story.alive(*range(alive[0], alive[1], 10))
    return story


def test_a_meeting_that_was_seen_from_start_to_end_has_none() -> None:
    """Opened with nothing missed, closed because it is over, and alive all the time."""
    story = held()
    story.listening("opened", 40)
    story.listening("closed", 601, reason="meeting_over")

    assert spans(story) == []


def test_a_meeting_that_nobody_listened_to_is_unseen() -> None:
    """All of it: no subscription was ever told of."""
    assert spans(held()) == [Span(None, None, "not_listened")]


def test_a_meeting_that_refused_says_why() -> None:
    """A subscription that never opened tells the reason with its end."""
    story = held()
    story.listening("closed", 30, reason="forbidden")

    assert spans(story) == [Span(None, None, "forbidden")]


def test_what_was_before_the_first_subscription_is_unseen() -> None:
    """From the start; with the reason of the opening, where it gives one."""
    known, unknown = held(), held()
    known.listening("opened", 100, since=NINE)
    unknown.listening("opened", 100, reason="start_unknown", since=at(-1_777_000_000))

    assert spans(known) == [Span(None, 100, "not_listened")]
    assert spans(unknown) == [Span(None, 100, "start_unknown")]


def test_what_was_lost_is_unseen_until_it_is_opened_again() -> None:
    """From when nothing may have come any more."""
    story = held()
    story.listening("opened", 0)
    story.listening("lost", 110, reason="socket_failed", since=at(100))
    story.listening("opened", 130, epoch=2, since=at(100))

    assert spans(story) == [Span(100, 130, "socket_failed")]


def test_what_was_lost_for_good_is_unseen_to_the_end() -> None:
    """Closed tells since when; what the meeting had over by then is not missing."""
    story, over = held(), held()
    for each in (story, over):
        each.listening("opened", 0)
    story.listening("lost", 110, reason="socket_failed", since=at(100))
    story.listening("closed", 700, reason="meeting_over", since=at(100))
    over.listening("lost", 610, reason="socket_closed", since=at(605))
    over.listening("closed", 700, reason="meeting_over", since=at(605))

    assert spans(story) == [Span(100, None, "socket_failed")]
    assert spans(over) == []


def test_lost_without_saying_since_when_was_seen_until_it_was_told() -> None:
    """The event's own time counts then."""
    story = held()
    story.listening("opened", 0)
    story.listening("lost", 110, reason="moved")

    assert spans(story) == [Span(110, None, "moved")]


def test_what_another_receiver_saw_was_seen() -> None:
    """Two owners at once: the loss of one is none while the other listens."""
    story = held()
    story.alive(*range(0, 600, 10), receiver="8" * 32)
    story.listening("opened", 0)
    story.listening("opened", 90, epoch=2, receiver="8" * 32, since=at(80))
    story.listening("lost", 110, reason="moved", since=at(100))

    assert spans(story) == []


def test_a_receiver_that_gives_no_sign_of_life_saw_nothing() -> None:
    """For more than half a minute, and nothing was told of it: from its last sign to its next, or to the end."""
    story = held(alive=(0, 200))
    story.listening("opened", 0)
    story.alive(300, 310)
    story.caption(340, "好")
    story.alive(370)

    assert spans(story) == [Span(190, 300, "receiver_silent"), Span(370, None, "receiver_silent")]


def test_signs_of_another_receiver_do_not_count() -> None:
    """That one lives says nothing of the other."""
    story = held(alive=None)
    story.alive(*range(0, 600, 10), receiver="8" * 32)
    story.listening("opened", 0)

    assert spans(story) == [Span(None, None, "receiver_silent")]


def test_a_silence_that_is_explained_later_has_that_reason() -> None:
    """A receiver that died tells what it lost when it is there again."""
    story = held(alive=(0, 200))
    story.listening("opened", 0)
    story.listening("lost", 400, reason="restarted", since=at(190))
    story.listening("opened", 410, epoch=2, since=at(190))
    story.alive(*range(410, 600, 10))

    assert spans(story) == [Span(190, 410, "restarted")]


def test_records_of_a_subscription_whose_opening_is_missing_were_seen() -> None:
    """From the first to where it was lost."""
    story = held()
    story.caption(200, "一")
    story.listening("lost", 310, reason="restarted", since=at(300))

    assert spans(story) == [Span(None, 200, "not_listened"), Span(300, None, "restarted")]


def test_a_gap_tells_the_type_and_how_many() -> None:
    """A span in which not everything was seen, beside those in which nothing was."""
    story = held()
    story.listening("opened", 0)
    gap: dict[str, Any] = {"push_type": "ParticipantsNotify", "first_missed": 3, "last_missed": 4, "missed": 2}
    story.listening("gap", 100, reason="version_gap", since=at(90), **gap)
    story.listening("gap", 200, since=None)
    story.listening("later_word", 250)

    assert unseen(story) == [
        Unseen(since=None, until=at(200), reason="gap"),
        Unseen(since=at(90), until=at(100), reason="version_gap", push_type="ParticipantsNotify", missed=2),
    ]


def test_without_start_and_end_the_records_say_how_long_it_was() -> None:
    """From the first to the last of them, without signs of life."""
    story = Story()
    story.listening("opened", 0)
    story.alive(*range(0, 600, 10))
    story.caption(100, "一")

    assert spans(story) == []


_CHANGES = some.tuples(
    some.sampled_from(["opened", "lost", "closed", "gap"]),
    some.integers(-100, 700),
    some.one_of(some.none(), some.integers(-100, 700)),
    some.integers(1, 3),
)


@settings(max_examples=200, deadline=None)
@given(changes=some.lists(_CHANGES, max_size=8), alive=some.lists(some.integers(-50, 650), max_size=30))
def test_spans_are_in_order_whatever_is_told(changes: list[tuple[str, int, int | None, int]], alive: list[int]) -> None:
    """Those in which nothing was seen do not overlap, do not touch, and begin before they end."""
    story = held(alive=None)
    story.alive(*alive)
    for change, s, since, epoch in changes:
        story.listening(change, s, epoch=epoch, since=None if since is None else at(since))

    found = [one for one in unseen(story) if one.reason != "gap"]

    bounds = [bound for one in found for bound in (one.since or at(0), one.until or at(600))]
    assert bounds == sorted(bounds)
    assert len(set(bounds)) == len(bounds) or found == [Unseen(since=None, until=None, reason=found[0].reason)]
