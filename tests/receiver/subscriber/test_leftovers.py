"""What an earlier process, or another receiver, left open."""

from __future__ import annotations

from datetime import datetime

import pytest

from receiver.entry import Entry, Mark
from receiver.subscriber.leftovers import Due, Leftovers
from receiver.subscriber.meeting import Before, Key, Meeting
from receiver.subscriber.notes import Note, entry_of, mark_name, notes_of
from receiver.subscriber.ownership import HeldOpen, Left
from receiver.subscriber.telling import Story
from schemas.events import SubscriptionChanged, decode, encode

from .driving import MEETING, RECEIVER, at


def note(unseen_s: float | None = None, enterprise: str = "acme") -> dict[str, bytes]:
    """Return the mark of meeting 900, opened at the start; lost, if so, at `unseen_s`."""
    noted = Note(
        enterprise=enterprise,
        meeting_id="900",
        meeting_uuid="u-1",
        epoch=7,
        since=at(0).at,
        unseen_since=None if unseen_s is None else at(unseen_s).at,
    )
    return {mark_name(enterprise, "900"): encode(noted)}


def said(dues: list[Due]) -> list[tuple[str, str | None, datetime | None]]:
    """Return what is told: the change, why, and since when nothing was seen."""
    events = [decode(record.value) for due in dues for record in due.entry.records]
    assert events == [due.event for due in dues if due.event is not None]
    return [(e.change, e.reason, e.unseen_since) for e in events if isinstance(e, SubscriptionChanged)]


def anything(_: Key) -> bool:
    """Yes."""
    return True


def nothing(_: Key) -> bool:
    """No."""
    return False


@pytest.mark.parametrize(
    ("unseen_s", "seen_until_s", "told"),
    [
        pytest.param(None, None, [("lost", "restarted", at(0).at)], id="killed"),
        pytest.param(None, 60, [("lost", "restarted", at(55).at)], id="killed, and it is known when"),
        pytest.param(None, 2, [("lost", "restarted", at(0).at)], id="killed as soon as it was open"),
        pytest.param(30, 60, [], id="lost before"),
    ],
)
def test_recovery(unseen_s: float | None, seen_until_s: float | None, told: list[object]) -> None:
    """What was open is told as lost; what was told as lost needs no telling."""
    left = Leftovers(RECEIVER, 4)
    seen_until = None if seen_until_s is None else at(seen_until_s).at

    dues = left.recover(note(unseen_s), at(90).at, seen_until=seen_until, known={"acme"})

    assert said(dues) == told


def test_enterprise_that_is_gone_from_the_settings_is_closed() -> None:
    """Nobody will open its meetings again."""
    left = Leftovers(RECEIVER, 4)

    dues = left.recover(note(), at(90).at, seen_until=None, known=set())

    assert said(dues) == [("lost", "restarted", at(0).at), ("closed", "meeting_over", at(0).at)]
    assert dues[1].entry.marks == (Mark("subscription/acme/900", None),)


@pytest.mark.parametrize(
    ("meeting_uuid", "since_s"), [("u-1", 30), (None, 30), ("u-2", 80)], ids=["the same", "not known", "another"]
)
def test_next_subscription_goes_on(meeting_uuid: str | None, since_s: float) -> None:
    """From where it was lost; of another holding, from its own beginning."""
    left = Leftovers(RECEIVER, 4)
    left.recover(note(30), at(90).at, seen_until=None, known={"acme"})
    meeting = Meeting(enterprise="acme", meeting_id="900", meeting_uuid=meeting_uuid)

    assert left.take(meeting, began_at=at(80).at, floor=5) == Before(7, at(since_s).at, 5)
    assert left.take(meeting, began_at=at(80).at, floor=5) == Before(0, at(80).at, 5)


@pytest.mark.parametrize(("left", "closes"), [("lost", 1), ("moved", 0)])
def test_what_another_receiver_told_itself_needs_no_telling(left: Left, closes: int) -> None:
    """The next subscription goes on from there; where the meeting is over, a loss is closed, what moved away was."""
    theirs = HeldOpen(
        enterprise="acme",
        meeting_id="900",
        meeting_uuid="u-1",
        epoch=7,
        receiver="f" * 32,
        since=at(60).at,
        last_seen=at(50).at,
        left=left,
    )
    mine = Leftovers(RECEIVER, 4)

    assert mine.take_over([theirs], at(90).at) == []
    for _ in range(2):
        mine.listed("acme")
    assert mine.over(at(200).at, is_on=anything, is_ours=anything) == []
    assert [one[0] for one in said(mine.over(at(200).at, is_on=nothing, is_ours=anything))] == ["closed"] * closes
    mine.take_over([theirs], at(90).at)
    assert mine.take(MEETING, began_at=None, floor=5) == Before(7, at(50).at, 5)


@pytest.mark.parametrize(("lists", "enterprise", "told"), [(1, "acme", 0), (2, "acme", 1), (2, "other", 0)])
def test_over_after_two_lists(lists: int, enterprise: str, told: int) -> None:
    """As for any meeting; of its own enterprise."""
    left = Leftovers(RECEIVER, 4)
    left.recover(note(30), at(90).at, seen_until=None, known={"acme"})
    for _ in range(lists):
        left.listed(enterprise)

    assert left.over(at(200).at, is_on=anything, is_ours=anything) == []
    assert len(left.over(at(200).at, is_on=nothing, is_ours=anything)) == told


def test_meeting_of_another_receiver_is_only_forgotten() -> None:
    """It tells of the end; our note goes."""
    left = Leftovers(RECEIVER, 4)
    left.recover(note(30), at(90).at, seen_until=None, known={"acme"})
    left.listed("acme")
    left.listed("acme")

    assert left.over(at(200).at, is_on=nothing, is_ours=nothing) == [
        Due(("acme", "900"), Entry((), None, marks=(Mark("subscription/acme/900", None),)), None)
    ]


def test_meeting_that_moved_away_is_forgotten_without_a_word() -> None:
    """It was closed when it moved."""
    left = Leftovers(RECEIVER, 4)
    left.keep(MEETING, Before(7, at(1).at))
    left.listed("acme")
    left.listed("acme")

    assert left.over(at(200).at, is_on=nothing, is_ours=anything) == []


def test_notes_that_cannot_be_read_are_left_alone() -> None:
    """They are another version's, or something else."""
    assert notes_of({"subscription/acme/1": b"{", "assignment": b"{}"}) == []
    assert [one.key for one in notes_of(note())] == [("acme", "900")]


def test_marks_of_each_change() -> None:
    """Opened and lost are noted, a gap is not, closed takes the note away."""
    story = Story(RECEIVER, Before(1, at(0).at))
    events = [story.opened(MEETING, at(1).at), story.lost(MEETING, "failed", at(2).at, at(3).at)]
    entries = [entry_of(event, partitions=4) for event in [*events, story.closed(MEETING, "meeting_over", at(9).at)]]

    [opened, lost, closed] = [notes_of({m.name: m.value for m in e.marks if m.value}) for e in entries]

    assert [(one.since, one.unseen_since) for one in (*opened, *lost)] == [(at(1).at, None), (at(3).at, at(2).at)]
    assert closed == []
    assert entries[2].marks == (Mark("subscription/acme/900", None),)


def test_what_is_missed_begins_earlier_for_the_next_one() -> None:
    """Frames that could not be kept of a socket that has ended already; while one is open nothing is unseen."""
    story = Story(RECEIVER, Before(1, at(5).at))
    story.missed(at(2).at)

    assert story.left == Before(1, at(2).at)
    story.opened(MEETING, at(6).at)
    story.missed(at(3).at)
    assert story.left == Before(1, None)
