"""Which holdings of a meeting there were, whatever names them and in whatever order they are told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from consumers.captions.evidence.told import Told
from consumers.captions.transcript import Occurrence, occurrences
from schemas.events import (
    MeetingCancelled,
    MeetingClosed,
    MeetingEnded,
    MeetingRescheduled,
    MeetingScheduled,
    MeetingStarted,
    RecordingFinished,
)

from .story import UUID, Lifecycle, Story, at, kept

HOUR = 3_600.0
OTHER = "6" * 32


@dataclass
class Found:
    """What matters of an occurrence here."""

    started: float | None
    ended: float | None
    closed_by: str
    records: list[str]


def found(told: list[Told]) -> list[Found]:
    """Return the occurrences, with times in seconds from nine."""
    return [
        Found(_seconds(one.started_at), _seconds(one.ended_at), one.closed_by, [told.event_id for told in one.told])
        for one in occurrences(told)
    ]


def _seconds(when: datetime | None) -> float | None:
    return None if when is None else (when - at(0)) / timedelta(seconds=1)


def ids(*told: Told) -> list[str]:
    """Return the event IDs as an occurrence has them."""
    return [one.event_id for one in sorted(told, key=lambda one: (one.topic, one.partition, one.offset))]


def test_a_holding_is_what_bears_its_uuid() -> None:
    """Start, captions, end and close of one UUID are one occurrence; who ends it first says when."""
    story = Story()
    story.lifecycle(MeetingStarted, 0)
    story.caption(10, "你好")
    story.lifecycle(MeetingEnded, 600)
    story.lifecycle(MeetingClosed, 900)

    (one,) = occurrences(story.told)

    assert one == Occurrence(
        id="3b76e1d5ef4ebc1f15b3ee01211ccea2",
        enterprise="acme",
        meeting_id="900000001",
        meeting_uuid=UUID,
        day="2026-05-01",
        started_at=at(0),
        ended_at=at(600),
        closed_by="closed",
        last_at=at(900),
        told=sorted(story.told, key=lambda one: (one.topic, one.partition, one.offset)),
    )
    assert repr(one) == "<Occurrence 3b76e1d5ef4ebc1f15b3ee01211ccea2>"


def test_the_same_id_again_the_same_day_is_another_holding() -> None:
    """Two UUIDs are two occurrences, though they overlap."""
    story = Story()
    first = [story.lifecycle(MeetingStarted, 0), story.caption(10, "早")]
    story.uuid = OTHER
    second = [story.lifecycle(MeetingStarted, 500), story.caption(510, "晚", epoch=2)]
    story.uuid = UUID
    first += [story.caption(520, "再见"), story.lifecycle(MeetingEnded, 600)]

    assert found(story.told) == [
        Found(0.0, 600.0, "ended", ids(*first)),
        Found(500.0, None, "silent", ids(*second)),
    ]


def test_a_meeting_that_is_entered_again_is_one() -> None:
    """Ended, then Started with the same UUID: one occurrence, whose end is the second."""
    story = Story()
    for kind, s in ((MeetingStarted, 0), (MeetingEnded, 600), (MeetingStarted, 4_000), (MeetingEnded, 4_600)):
        story.lifecycle(kind, s)

    assert found(story.told) == [Found(0.0, 4_600.0, "ended", ids(*story.told))]


def test_without_uuids_starts_and_ends_part() -> None:
    """Started long after Ended is another holding; frames go by time."""
    story = Story(uuid=None)
    first = [story.lifecycle(MeetingStarted, 0), story.caption(10, "早", epoch=1), story.lifecycle(MeetingEnded, 600)]
    second = [story.lifecycle(MeetingStarted, 4_000), story.caption(4_010, "晚", epoch=2)]

    assert found(story.told) == [
        Found(0.0, 600.0, "ended", ids(*first)),
        Found(4_000.0, None, "silent", ids(*second)),
    ]


def test_without_uuids_a_meeting_is_entered_again_soon_or_before_its_scheduled_end() -> None:
    """Within five minutes of its end, or before the end that the service told, Started goes on with it."""
    story = Story(uuid=None)
    story.lifecycle(MeetingStarted, 0)
    story.lifecycle(MeetingEnded, 600)
    story.lifecycle(MeetingStarted, 700)
    story.state(710, ends_at=at(HOUR), epoch=None)
    story.lifecycle(MeetingEnded, 1_000)
    story.lifecycle(MeetingStarted, 3_000)

    assert found(story.told) == [Found(0.0, None, "silent", ids(*story.told))]


def test_nobody_enters_a_meeting_that_is_closed() -> None:
    """After MeetingClosed a start is another holding, however soon."""
    story = Story(uuid=None)
    first = [story.lifecycle(MeetingStarted, 0), story.lifecycle(MeetingClosed, 600)]
    second = [story.lifecycle(MeetingStarted, 660)]

    assert found(story.told) == [
        Found(0.0, 600.0, "closed", ids(*first)),
        Found(660.0, None, "silent", ids(*second)),
    ]


def test_a_start_that_comes_twice_is_one_unless_all_was_quiet_between() -> None:
    """Without an end between them, two starts are two holdings if nothing came for more than five minutes."""
    story = Story(uuid=None)
    first = [story.lifecycle(MeetingStarted, 0), story.lifecycle(MeetingStarted, 200), story.caption(260, "早")]
    second = [story.lifecycle(MeetingStarted, 600)]

    assert [one.records for one in found(story.told)] == [ids(*first), ids(*second)]


def test_what_the_socket_says_counts_where_the_webhook_says_nothing() -> None:
    """A subscription that is over because the meeting is, and a state that is closed, end it; opened begins another."""
    story = Story(uuid=None)
    first = [
        story.listening("opened", 5),
        story.described(6, started_at=at(0)),
        story.caption(10, "早"),
        story.state(600, state="closed"),
        story.listening("closed", 601, reason="meeting_over"),
    ]
    second = [story.listening("opened", 8_000, epoch=2), story.caption(8_010, "晚", epoch=2)]

    assert found(story.told) == [
        Found(0.0, 600.0, "over", ids(*first)),
        Found(None, None, "silent", ids(*second)),
    ]


def test_a_subscription_that_opens_as_the_meeting_ends_is_of_that_meeting() -> None:
    """Even MeetingClosed can be overtaken by who was about to listen."""
    story = Story(uuid=None)
    story.lifecycle(MeetingStarted, 0)
    story.lifecycle(MeetingClosed, 20)
    story.listening("opened", 21)
    story.listening("closed", 22, reason="meeting_over")

    assert found(story.told) == [Found(0.0, 20.0, "closed", ids(*story.told))]


def test_a_start_that_cannot_be_is_not_believed() -> None:
    """What the service describes is no start where it is in the future, or more than a month ago."""
    story = Story()
    story.described(10, started_at=at(5_000))
    story.described(11, started_at=at(-40 * 24 * HOUR))

    assert found(story.told) == [Found(None, None, "silent", ids(*story.told))]


def test_frames_without_a_uuid_go_with_their_epoch() -> None:
    """The subscription that brought them names the holding, though time alone would say the other."""
    story = Story(uuid=None)
    first = [story.caption(10, "早", epoch=1), story.caption(700, "再见", epoch=1)]
    story.uuid = UUID
    first.append(story.listening("opened", 5, epoch=1))
    story.uuid = OTHER
    second = [story.lifecycle(MeetingStarted, 650)]

    assert [one.records for one in found(story.told)] == [ids(*first), ids(*second)]


def test_an_epoch_of_two_uuids_names_none() -> None:
    """Where one subscription has brought two UUIDs, what has none goes by time."""
    story = Story()
    first = [story.caption(10, "早")]
    story.uuid = OTHER
    second = [story.caption(700, "晚")]
    story.uuid = None
    second.append(story.caption(710, "晚安"))

    assert [one.records for one in found(story.told)] == [ids(*first), ids(*second)]


def test_frames_learn_the_uuid_from_what_comes_after() -> None:
    """A start that is told after the first frames names their holding, too."""
    story = Story(uuid=None)
    story.caption(-20, "听得到吗", epoch=None)
    story.uuid = UUID
    story.lifecycle(MeetingStarted, 0)

    assert [one.meeting_uuid for one in occurrences(story.told)] == [UUID]


@pytest.mark.parametrize(("s", "of_the_second"), [(620.0, False), (1_000.0, False), (1_900.0, True), (2_500.0, True)])
def test_what_lies_between_two_holdings_belongs_to_the_nearer(s: float, of_the_second: bool) -> None:
    """A caption after an end or before a start is with whatever is nearer."""
    story = Story()
    first = [story.lifecycle(MeetingStarted, 0), story.lifecycle(MeetingEnded, 600)]
    story.uuid = OTHER
    second = [story.lifecycle(MeetingStarted, 2_000)]
    story.uuid = None
    stray = story.caption(s, "喂", epoch=None)

    expected = [ids(*first), ids(stray, *second)] if of_the_second else [ids(stray, *first), ids(*second)]
    assert [one.records for one in found(story.told)] == expected


def test_what_comes_within_a_minute_of_an_end_stays_though_a_start_be_nearer() -> None:
    """By then the files are written."""
    story = Story()
    first = [story.lifecycle(MeetingStarted, 0), story.lifecycle(MeetingEnded, 600)]
    story.uuid = OTHER
    second = [story.lifecycle(MeetingStarted, 660)]
    story.uuid = None
    first.append(story.caption(655, "再见", epoch=None))

    assert [one.records for one in found(story.told)] == [ids(*first), ids(*second)]


def test_what_is_far_from_every_holding_is_one_of_its_own() -> None:
    """Half an hour after an end nobody takes a caption for that meeting's, nor after half a day of silence."""
    story = Story(uuid=None)
    first = [story.lifecycle(MeetingStarted, 0), story.lifecycle(MeetingEnded, 600)]
    second = [story.caption(2 * HOUR, "有人吗", epoch=None)]
    third = [story.caption(15 * HOUR, "早", epoch=None)]

    assert [one.records for one in found(story.told)] == [ids(*first), ids(*second), ids(*third)]


def test_a_meeting_that_goes_on_though_it_was_told_to_end_is_one() -> None:
    """Frames that do not stop are of one holding."""
    story = Story(uuid=None)
    story.lifecycle(MeetingStarted, 0)
    story.lifecycle(MeetingEnded, 600)
    for s in range(620, 6_000, 200):
        story.caption(s, "还在", epoch=None)

    assert len(occurrences(story.told)) == 1


def test_a_meeting_that_never_closes_is_silent() -> None:
    """Nobody says that it is over: it says when the last of it came."""
    story = Story()
    story.lifecycle(MeetingStarted, 0)
    story.caption(30, "喂")

    (one,) = occurrences(story.told)

    assert (one.closed_by, one.ended_at, one.last_at) == ("silent", None, at(30))


def test_what_is_late_belongs_to_what_it_tells_of() -> None:
    """A retry of the webhook's, and a close that comes the next day, go to their holding by when they happened."""
    story = Story(uuid=None)
    story.lifecycle(MeetingEnded, 600)
    story.lifecycle(MeetingStarted, 0, late_s=20 * HOUR)
    story.lifecycle(RecordingFinished, 5_000)
    story.lifecycle(MeetingClosed, 24 * HOUR)

    assert found(story.told) == [Found(0.0, 600.0, "closed", ids(*story.told))]


def test_a_time_that_cannot_be_is_replaced_by_when_it_was_received() -> None:
    """A frame that says it is from another year is of the meeting during which it came."""
    story = Story(uuid=None)
    story.lifecycle(MeetingStarted, 0)
    story.caption(-400 * 24 * HOUR, "早", received_s=20, epoch=None)
    story.lifecycle(MeetingEnded, 600)

    assert found(story.told) == [Found(0.0, 600.0, "ended", ids(*story.told))]


def test_what_nobody_can_read_is_of_the_meeting_all_the_same() -> None:
    """An event of a later version goes by when it was received."""
    story = Story()
    story.lifecycle(MeetingStarted, 0)
    story.record("meeting.state.v1", None, 10)

    assert [len(one.told) for one in occurrences(story.told)] == [2]


def test_signs_of_life_are_in_every_occurrence_of_their_partition() -> None:
    """From its start to its end; not those of other partitions."""
    story = Story()
    other = Story("900000002", OTHER, beside=story)
    for each in (story, other):
        each.lifecycle(MeetingStarted, 0)
        each.lifecycle(MeetingEnded, 600)
    elsewhere = Story(partition=4)
    elsewhere.alive(300)
    alive = Story(beside=story)
    alive.alive(-1, 0, 300, 600, 601)

    one, two = occurrences([*story.told, *other.told, *alive.told, *elsewhere.told])

    assert [[sign.time_ms for sign in each.told if sign.enterprise == ""] for each in (one, two)] == [
        [sign.time_ms for sign in alive.told[1:4]]
    ] * 2


def test_what_was_only_scheduled_was_not_held() -> None:
    """A meeting that is scheduled and cancelled is no occurrence."""
    story = Story(uuid=None)
    story.lifecycle(MeetingScheduled, 0)
    story.lifecycle(MeetingCancelled, 60)

    assert occurrences(story.told) == []


def test_what_was_scheduled_is_with_the_holding_that_came_next() -> None:
    """Or with that of its UUID; what is scheduled after the last holding is with none."""
    story = Story()
    first = [story.lifecycle(MeetingStarted, 0), story.lifecycle(MeetingEnded, 600)]
    story.uuid = OTHER
    second = [story.lifecycle(MeetingStarted, 9_000), story.lifecycle(MeetingEnded, 9_600)]
    story.uuid = None
    first.append(story.lifecycle(MeetingScheduled, -3_000))
    second.append(story.lifecycle(MeetingRescheduled, 700))
    story.lifecycle(MeetingRescheduled, 9_700)
    story.uuid = UUID
    first.append(story.lifecycle(MeetingRescheduled, 9_800))

    assert [one.records for one in found(story.told)] == [ids(*first), ids(*second)]


def test_a_record_that_is_given_twice_is_in_it_once() -> None:
    """Two segments may be read that overlap."""
    story = Story()
    story.lifecycle(MeetingStarted, 0)

    assert [len(one.told) for one in occurrences([*story.told, *story.told])] == [1]


def test_meetings_and_enterprises_are_told_apart() -> None:
    """Each has its own occurrences, by their begin."""
    late = Story("900000001")
    early = Story("900000002", OTHER, beside=late)
    late.lifecycle(MeetingStarted, 50)
    early.lifecycle(MeetingStarted, 10)

    assert [one.meeting_id for one in occurrences([*late.told, *early.told])] == ["900000002", "900000001"]


# What comes late moves nothing.


def test_an_occurrence_that_is_kept_keeps_its_id_and_its_records() -> None:
    """Its start comes late, with the UUID that nobody knew: the same occurrence, with one record more."""
    story = Story(uuid=None)
    story.caption(10, "早", epoch=None)
    story.caption(500, "再见", epoch=None)
    (before,) = occurrences(story.told)
    manifest = kept(before.id, before.told)
    story.uuid = UUID
    story.lifecycle(MeetingStarted, 0, late_s=4_000)

    assert [(one.id, one.meeting_uuid, len(one.told)) for one in occurrences(story.told, [manifest])] == [
        (before.id, UUID, 3)
    ]
    assert [one.id for one in occurrences(story.told)] != [before.id]


def test_what_is_kept_stays_though_something_nearer_comes() -> None:
    """A caption that was counted to one holding is not taken from it by the next."""
    story = Story()
    story.lifecycle(MeetingStarted, 0)
    story.lifecycle(MeetingEnded, 600)
    story.uuid = None
    story.caption(1_500, "喂", epoch=None)
    (before,) = occurrences(story.told)
    manifest = kept(before.id, before.told, uuid=UUID)
    story.uuid = OTHER
    story.lifecycle(MeetingStarted, 1_600)

    assert [(one.id == before.id, len(one.told)) for one in occurrences(story.told, [manifest])] == [
        (True, 3),
        (False, 1),
    ]


def test_what_is_kept_apart_is_not_joined() -> None:
    """Two occurrences that are kept stay two, though these rules would make one of them."""
    story = Story(uuid=None)
    first, second = story.caption(0, "早", epoch=None), story.caption(60, "早", epoch=None)
    manifests = [kept("1" * 32, [first]), kept("2" * 32, [second])]

    assert [one.id for one in occurrences(story.told, manifests)] == ["1" * 32, "2" * 32]
    assert len(occurrences(story.told)) == 1


# Any order, any time.

_KINDS: some.SearchStrategy[type[Lifecycle]] = some.sampled_from(
    [MeetingStarted, MeetingEnded, MeetingClosed, MeetingScheduled, RecordingFinished]
)
_TIMES = some.floats(-2 * HOUR, 30 * HOUR)
_UUIDS = some.sampled_from([None, UUID, OTHER])


@some.composite
def stories(draw: some.DrawFn) -> list[Told]:
    """Return the records of any story."""
    story = Story()
    for _ in range(draw(some.integers(1, 12))):
        story.uuid = draw(_UUIDS)
        s, epoch = draw(_TIMES), draw(some.sampled_from([None, 1, 2]))
        match draw(some.integers(0, 4)):
            case 0:
                story.lifecycle(draw(_KINDS), s, late_s=draw(some.sampled_from([0.0, HOUR, 30 * HOUR])))
            case 1:
                story.caption(s, "好", epoch=epoch, received_s=s + draw(some.sampled_from([0.0, -HOUR, HOUR])))
            case 2:
                change = draw(some.sampled_from(["opened", "lost", "closed", "gap"]))
                story.listening(change, s, epoch=epoch or 3, reason=draw(some.sampled_from([None, "meeting_over"])))
            case 3:
                story.alive(s)
            case _:
                story.state(s, state=draw(some.sampled_from([None, "closed"])), ends_at=at(s + HOUR), epoch=epoch)
    return story.told


def places(told: list[Told]) -> list[tuple[str, int]]:
    """Return where the records that belong to somebody stand: not signs of life, not what was scheduled."""
    return sorted(
        (one.topic, one.offset) for one in told if one.enterprise and not isinstance(one.event, MeetingScheduled)
    )


@settings(max_examples=100, deadline=None)
@given(told=stories(), shuffled=some.randoms(use_true_random=False))
def test_the_order_of_the_records_does_not_matter(told: list[Told], shuffled: Random) -> None:
    """And each record is in exactly one occurrence."""
    mixed = list(told)
    shuffled.shuffle(mixed)

    made = occurrences(told)

    assert occurrences(mixed) == made
    assert sorted(place for one in made for place in places(one.told)) == places(told)
    assert len({one.id for one in made}) == len(made)


@settings(max_examples=100, deadline=None)
@given(told=stories(), count=some.integers(0, 12))
def test_what_comes_late_moves_nothing(told: list[Told], count: int) -> None:
    """What is kept has its ID and all its records again, whatever else comes."""
    before = occurrences(told[:count])

    after = {
        one.id: one for one in occurrences(told, [kept(one.id, one.told, uuid=one.meeting_uuid) for one in before])
    }

    assert [after[one.id].id for one in before] == [one.id for one in before]
    for one in before:
        assert set(places(one.told)) <= set(places(after[one.id].told))
