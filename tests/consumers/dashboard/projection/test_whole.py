"""The present of a meeting, from beginning to end."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import pytest
from msgspec.structs import replace

from consumers.dashboard.projection.over import OVER_FOR
from consumers.dashboard.projection.whole import Changes, Whole
from schemas.api.meetings import Caption, CaptionText, Happening, MeetingDetail, MeetingRow, Overview, UnseenSpan
from schemas.events import MeetingClosed, MeetingDescribed, MeetingEnded, MeetingStarted, RecordingFinished
from schemas.record import content_id

from ..events import (
    Told,
    after,
    alert,
    came,
    caption,
    changed,
    described,
    flow,
    gone,
    lifecycle,
    person,
    roster,
    sampled,
    speaking,
    state,
    subscription,
)

ID = content_id("occurrence", "acme", "m-1", "u-1")
NEXT = content_id("occurrence", "acme", "m-1", "u-2")


def whole_of(told: Iterable[Told], at_s: float = 60) -> Whole:
    """Return the present after these, looked at then."""
    whole = Whole()
    for one in told:
        whole.take(one.event, one.id, one.epoch)
    whole.refresh(after(at_s))
    return whole


def row(whole: Whole) -> MeetingRow:
    """Return the only row."""
    (found,) = whole.rows(None)
    return found


def detail(whole: Whole, meeting: str = ID) -> MeetingDetail:
    """Return all of a meeting."""
    found = whole.detail(meeting, None, captions=True, history=True)
    assert found is not None
    return found


A_MEETING = [
    lifecycle(MeetingStarted, 0),
    came(1, "a"),
    came(2, "b"),
    subscription(3, "opened"),
    described(3, "Budget"),
    state(3, captions_on=True, recording_now=True, locked=False),
    roster(4, person("a", name="Ann", role="host"), person("b", name="Bob")),
    speaking(5, "b"),
    sampled(6, "a", flow(packet_loss_ratio=0.3)),
    sampled(6, "b", flow(packet_loss_ratio=0.0, jitter_ms=5.0)),
    caption(7, "Good mor", final=False),
    caption(8, "Good morning."),
    alert(9),
]


def test_a_meeting_is_shown_with_all_that_is_known_of_it() -> None:
    """Each topic adds its part to one row."""
    whole = whole_of(A_MEETING)

    assert row(whole) == MeetingRow(
        id=ID,
        meeting_id="m-1",
        enterprise="acme",
        subject="Budget",
        scheduler="Ann",
        started_at=after(0),
        ended_at=None,
        state="on",
        people=2,
        bad=1,
        worst=1,
        speakers_now=["Bob"],
        captions_on=True,
        subscription="open",
        alerts=1,
    )
    assert whole.overview(None) == Overview(meetings=1, people=2, bad=1, subscriptions_lost=0, alerts=1, hours=[])


def test_one_meeting_is_shown_in_full() -> None:
    """The worst connected first; sentences as far as they are spoken; what happened, in order."""
    found = detail(whole_of(A_MEETING))

    assert [(one.participant_id, one.name, one.role, one.speaking) for one in found.people] == [
        ("a", "Ann", "host", False),
        ("b", "Bob", None, True),
    ]
    texts = [CaptionText(language="English", text="Good morning.")]
    first = next(one.id for one in A_MEETING if one.topic == "meeting.captions.v1")
    assert found.captions == [Caption(id=first, at=after(7), participant_id="a", name="Ann", final=True, texts=texts)]
    assert [(one.at, one.what, one.name) for one in found.timeline] == [
        (after(0), "started", None),
        (after(1), "joined", "A"),
        (after(2), "joined", "B"),
        (after(3), "captions_on", None),
        (after(3), "recording_on", None),
        (after(3), "subscription_opened", None),
    ]
    assert (found.waiting, found.locked, found.recording, found.unseen) == (0, False, True, [])
    assert len(found.people[0].history) == 1


def test_captions_are_for_those_who_may() -> None:
    """Without the right there are none, not even an empty list."""
    found = whole_of(A_MEETING).detail(ID, None, captions=False, history=False)

    assert found is not None
    assert found.captions is None
    assert [one.history for one in found.people] == [[], []]


def test_other_enterprises_see_nothing() -> None:
    """Not the row, not the meeting, not in the sums."""
    whole, others = whole_of(A_MEETING), frozenset({"other"})

    assert whole.rows(others) == []
    assert whole.detail(ID, others, captions=True, history=True) is None
    assert whole.overview(others) == Overview(meetings=0, people=0, bad=0, subscriptions_lost=0, alerts=0, hours=[])


def test_an_alert_that_spreads_is_none_of_the_first_meeting_any_more() -> None:
    """A site's is about one meeting till a second has it too; the row is made anew when it leaves."""
    whole = whole_of(A_MEETING)
    spread = alert(10, change="updated", meeting_id=None, meetings=2)

    whole.take(spread.event, spread.id, spread.epoch)

    assert [one.alerts for one in whole.refresh(after(61)).rows] == [0]
    assert whole.overview(None).alerts == 1


def test_an_end_is_shown_for_a_while_and_then_it_is_gone() -> None:
    """Somebody who looks at it is not thrown out at once."""
    whole = whole_of([*A_MEETING, lifecycle(MeetingEnded, 30)])
    assert (row(whole).state, row(whole).ended_at, row(whole).people) == ("over", after(30), 0)

    whole.age(after(30) + OVER_FOR)
    # Asked for between the two: it was let go of, and its row is still there.
    assert whole.detail(ID, None, captions=True, history=True) is None

    assert whole.refresh(after(30) + OVER_FOR) == Changes([], [("acme", ID)], frozenset())
    assert whole.rows(None) == []
    assert whole.detail(ID, None, captions=True, history=True) is None


def test_what_comes_late_of_a_meeting_that_is_gone_brings_it_not_back() -> None:
    """Retries of the service come up to a day later, in whatever order."""
    whole = whole_of([*A_MEETING, lifecycle(MeetingEnded, 30)])
    whole.age(after(30) + OVER_FOR)
    whole.refresh(after(30) + OVER_FOR)

    for late in (lifecycle(MeetingStarted, 0), came(20, "c"), sampled(25, "a"), caption(25, "late")):
        whole.take(late.event, late.id, late.epoch)

    assert whole.refresh(after(30) + OVER_FOR) == Changes([], [], frozenset())


def test_a_meeting_is_entered_again() -> None:
    """A start after the end, under the same UUID: it is on."""
    whole = whole_of([*A_MEETING, lifecycle(MeetingEnded, 30), lifecycle(MeetingStarted, 40)])

    assert (row(whole).id, row(whole).state, row(whole).started_at) == (ID, "on", after(40))


def test_the_next_holding_is_another_row() -> None:
    """Under another UUID nothing of the last one is shown, though its topics still tell of it."""
    whole = whole_of(A_MEETING)

    for one in (lifecycle(MeetingStarted, 40, "u-2"), came(41, "c", uuid="u-2")):
        whole.take(one.event, one.id, one.epoch)
    changes = whole.refresh(after(60))

    assert changes.gone == [("acme", ID)]
    assert [(one.id, one.subject, one.people, one.worst) for one in changes.rows] == [(NEXT, None, 1, None)]
    assert detail(whole, NEXT).captions == []


def test_a_late_word_on_the_last_holding_changes_nothing() -> None:
    """The one that began last is the present one."""
    whole = whole_of([lifecycle(MeetingStarted, 40, "u-2"), lifecycle(MeetingStarted, 0), lifecycle(MeetingEnded, 30)])

    assert (row(whole).id, row(whole).state) == (NEXT, "on")


def test_an_older_epoch_changes_nothing() -> None:
    """A replica that comes back late overwrites nothing, in no topic."""
    late = [
        roster(50, person("z", name="Zoe"), epoch=1),
        speaking(50, "z", epoch=1),
        sampled(50, "a", flow(packet_loss_ratio=0.0), epoch=1),
        state(50, epoch=1, captions_on=False),
        caption(50, "late", epoch=1),
        subscription(50, "lost", epoch=1),
    ]
    fresh = [
        subscription(10, "opened", epoch=2),
        described(10, "Budget", epoch=2),
        roster(10, person("a", name="Ann"), epoch=2),
        speaking(10, "a", epoch=2),
        sampled(10, "a", flow(packet_loss_ratio=0.3), epoch=2),
        caption(10, "fresh", epoch=2),
    ]
    before = whole_of([*A_MEETING, *fresh])

    after_all = whole_of([*A_MEETING, *fresh, *late])

    assert row(after_all) == row(before)
    assert detail(after_all) == detail(before)


def test_a_new_connection_goes_on_with_the_same_holding() -> None:
    """The sentences and the history stay."""
    whole = whole_of([*A_MEETING, subscription(20, "opened", epoch=2), caption(21, "again", epoch=2)])

    found = detail(whole).captions

    assert found is not None
    assert [one.texts[0].text for one in found] == ["Good morning.", "again"]


def test_a_meeting_without_a_subscription_is_shown_by_its_pushes() -> None:
    """People are who came and did not leave; the last word of each counts."""
    told = [lifecycle(MeetingStarted, 0), came(1, "a"), came(2, "b"), came(9, "b", is_in=False), came(5, "b")]

    whole = whole_of([*told, lifecycle(RecordingFinished, 20)])

    assert (row(whole).people, row(whole).subscription, row(whole).worst) == (1, "none", None)
    assert [(one.participant_id, one.name) for one in detail(whole).people] == [("a", "A")]
    assert detail(whole).timeline[-1] == Happening(at=after(20), what="recording_finished", detail=None)


def test_a_meeting_without_pushes_is_shown_by_its_subscription() -> None:
    """Who has no enterprise push sees its meetings too, and who came and went by the roster."""
    told = [
        subscription(0, "opened", uuid=None),
        roster(1, person("a", name="Ann"), uuid=None),
        changed(2, person("b", name="Bob"), uuid=None),
        changed(3, person("b", muted=True), uuid=None),
        gone(4, person("a"), uuid=None),
    ]

    whole = whole_of(told)

    assert (row(whole).id, row(whole).people) == (content_id("meeting", "acme", "m-1"), 1)
    found = detail(whole, row(whole).id)
    assert [(one.name, one.muted) for one in found.people] == [("Bob", True)]
    assert [(one.what, one.name) for one in found.timeline] == [
        ("subscription_opened", None),
        ("joined", "Bob"),
        ("left", "Ann"),
    ]


def test_the_service_says_that_it_is_over() -> None:
    """Each of the ways: closed for good, the state, the subscription that ends for that."""
    ends = [
        lifecycle(MeetingClosed, 30),
        state(30, state="closed"),
        subscription(30, "closed", reason="meeting_over"),
    ]

    assert [row(whole_of([*A_MEETING, end])).ended_at for end in ends] == [after(30)] * 3


def test_what_is_silent_for_half_a_day_is_over() -> None:
    """Its end was never told."""
    whole = whole_of(A_MEETING)

    whole.age(after(9) + timedelta(hours=12))
    changes = whole.refresh(after(9) + timedelta(hours=13))

    assert (changes.gone, whole.rows(None)) == ([("acme", ID)], [])


def test_spans_that_were_not_seen_are_shown() -> None:
    """Lost and found again, a hole, and one that is still open."""
    told = [
        subscription(3, "opened", unseen_since=after(0)),
        subscription(10, "lost", reason="socket_closed"),
        subscription(11, "lost", reason="heartbeat_missed"),
        subscription(20, "opened"),
        subscription(30, "gap", reason="version_gap", unseen_since=after(25)),
        subscription(40, "lost", reason="moved", unseen_since=after(39)),
        subscription(41, "paused"),
    ]

    whole = whole_of(told)

    assert detail(whole).unseen == [
        UnseenSpan(since=after(0), until=after(3), reason=None),
        UnseenSpan(since=after(10), until=after(20), reason="socket_closed"),
        UnseenSpan(since=after(25), until=after(30), reason="version_gap"),
        UnseenSpan(since=after(39), until=None, reason="moved"),
    ]
    assert (row(whole).subscription, whole.overview(None).subscriptions_lost) == ("lost", 1)


def test_a_span_ends_with_the_subscription() -> None:
    """What was lost and then given up is not open for ever."""
    whole = whole_of([subscription(3, "opened"), subscription(10, "lost"), subscription(20, "closed", reason="moved")])

    assert detail(whole).unseen == [UnseenSpan(since=after(10), until=after(20), reason=None)]
    assert row(whole).subscription == "none"


def test_only_what_changed_is_told() -> None:
    """A look at what is as it was says nothing."""
    whole = whole_of(A_MEETING)

    again = speaking(20, "b")
    whole.take(again.event, again.id, again.epoch)

    assert whole.refresh(after(60)) == Changes([], [], frozenset({ID}))


def test_hours_count_what_there_is() -> None:
    """The highest within five minutes stands; steps without anything are there."""
    whole = whole_of(A_MEETING)

    whole.age(after(60))
    whole.age(after(60 + 900))

    assert [(one.at, one.meetings, one.people, one.bad) for one in whole.overview(None).hours] == [
        (after(0), 1, 2, 1),
        (after(300), 0, 0, 0),
        (after(600), 0, 0, 0),
        (after(900), 1, 2, 1),
    ]
    assert whole.overview(frozenset({"other"})).hours[0].meetings == 0


def test_a_plan_is_no_meeting() -> None:
    """Nor is a late word on one that nobody saw begin."""
    whole = whole_of([came(5, "a", is_in=False)])

    assert whole.rows(None) == []


def test_where_there_are_many_meetings_fewer_sentences_are_kept() -> None:
    """Of all together no more than so many."""
    whole = Whole()
    for number in range(1_000):
        event = described(0, f"m {number}").event
        assert isinstance(event, MeetingDescribed)
        event = replace(event, meeting_id=str(number))
        whole.take(event, "x", 1)
    whole.refresh(after(0))
    whole.age(after(1))

    for number in range(150):
        one = caption(number, f"{number}.")
        whole.take(one.event, one.id, 1)
    whole.refresh(after(1))

    found = detail(whole).captions
    assert found is not None
    assert (len(found), found[-1].texts[0].text) == (100, "149.")


def test_what_was_over_before_it_was_read_is_let_go_of() -> None:
    """Else all that was on in the last day would stay for good; not while the rest of it may still be read."""
    ended = [*A_MEETING, lifecycle(MeetingEnded, 30)]
    now = after(30) + OVER_FOR
    whole, settled = whole_of(ended, 930), whole_of(ended, 930)

    whole.age(now)
    settled.age(now, is_settled=True)
    for one in (whole, settled):
        again = lifecycle(MeetingStarted, 35)
        one.take(again.event, again.id, again.epoch)
        one.refresh(now)

    assert (row(whole).subject, row(whole).started_at, settled.rows(None)) == ("Budget", after(35), [])
    assert settled._meetings == {}


def test_a_days_meetings_are_let_go_of_part_by_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """There may be tens of thousands, and everybody waits meanwhile; what came back meanwhile is not among them."""
    monkeypatch.setattr("consumers.dashboard.projection.whole._AT_ONCE", 2)
    whole, found = Whole(), []

    def tell(meeting_id: str, kind: type[MeetingStarted | MeetingEnded], at_s: float) -> None:
        event = lifecycle(kind, at_s).event
        assert isinstance(event, MeetingStarted | MeetingEnded)
        whole.take(replace(event, meeting_id=meeting_id), "x", None)

    def age(at_s: float) -> None:
        whole.age(after(at_s), is_settled=True)
        whole.refresh(after(at_s))
        found.append(len(whole._meetings))

    for number in range(6):
        tell(f"{number}", MeetingStarted, 0)
        tell(f"{number}", MeetingEnded, 30)
    whole.refresh(after(930))
    age(930)
    (_, stays), (_, goes), *_ = whole._meetings
    for meeting_id in (stays, goes):
        tell(meeting_id, MeetingStarted, 950)
    tell(goes, MeetingEnded, 960)
    whole.refresh(after(970))
    for _ in range(4):
        age(1_860)

    assert (found[0], found[-1], row(whole).meeting_id) == (4, 1, stays)


def test_late_words_and_what_fell_silent_are_let_go_of() -> None:
    """Once no word of the service's comes that late any more."""
    whole = whole_of([came(5, "a", is_in=False), sampled(6, "a", uuid=None)], 13 * 3_600)
    found = []

    for hours in (13, 25, 26):
        whole.age(after(hours * 3_600), is_settled=True)
        found.append(len(whole._meetings))

    assert (found, whole.rows(None)) == ([1, 1, 0], [])


def test_who_is_shown_is_kept() -> None:
    """However often it is looked for what may go."""
    whole = whole_of(A_MEETING)
    before = detail(whole)

    whole.age(after(3_600), is_settled=True)
    whole.refresh(after(3_600))

    assert detail(whole) == before


def test_what_is_not_told_of_a_state_stays_as_it_was() -> None:
    """The service tells now all of it, and now what changed alone."""
    whole = whole_of([*A_MEETING, state(10, locked=True)])
    closed = whole_of([*A_MEETING, state(10, state="closed"), state(11, locked=True)])

    assert (row(whole).captions_on, detail(whole).recording, detail(whole).locked) == (True, True, True)
    assert [one.what for one in detail(whole).timeline][-1:] == ["locked"]
    assert (row(closed).state, row(closed).ended_at) == ("over", after(10))
