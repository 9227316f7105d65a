"""What an answer, or none, makes of the next call."""

from __future__ import annotations

import pytest

from receiver.quality.calls import Call, ListMeetings, ListParticipants, Look, Wait
from receiver.quality.plan import Plan
from receiver.quality.port import KINDS

from .world import Ours, looks, meeting, person, told, world


def test_a_kind_without_figures_is_looked_at_less_often() -> None:
    """Screen has none where nobody shares: then others have the calls."""
    here = world({meeting(1): [person(1)]})

    def answer(call: Call) -> None:
        if isinstance(call, Look) and call.kind == "screen":
            here.plan.looked(call, here.now, empty=True)
        else:
            here.answer(call)

    seen = looks(here.run(599, answer))

    assert (seen.count("screen of p-1 in m-1"), seen.count("audio of p-1 in m-1")) == (2, 10)


def test_a_long_list_costs_what_its_pages_cost() -> None:
    """The service gives 500 at a time: 1,200 are three calls, and the budget has them back before the next."""
    here = world({meeting(1): [person(number) for number in range(1_200)]})

    here.run(6)

    assert [at for at, _ in here.made] == [0.0, 1.0, 4.0, 5.0]


def test_many_meetings_are_listed_less_often() -> None:
    """The list takes an eighth of the budget at most: 1,200 meetings are three calls, and a call takes a minute."""
    here = world({meeting(number): [] for number in range(1_200)}, calls=1)

    here.run(3 * 8 * 60 + 1)

    assert [at for at, call in here.made if isinstance(call, ListMeetings)] == [0.0, 1440.0]


def test_a_share_of_the_budget_is_kept_to() -> None:
    """Three processes with a third each take no more together than one alone; without a share nothing is asked."""
    ours = Ours(share=1 / 3)
    here = world({meeting(1): [person(number) for number in range(40)]}, ours=ours)

    third = here.run(60)
    ours.share = 0.0
    none = here.run(60)

    assert (len(third), none) == (20, [])


def test_what_fails_is_asked_for_again_after_others() -> None:
    """The list after a quarter of a minute, the rest after a minute."""
    here = world({meeting(1): [person(1)]})

    def fail_each_once(call: Call) -> None:
        if told([call])[0] not in told([earlier for _, earlier in here.made[:-1]]):
            here.plan.failed(call, here.now)
        else:
            here.answer(call)

    here.run(141, fail_each_once)

    assert [(at, *told([call])) for at, call in here.made if not isinstance(call, Look) or call.kind == "audio"] == [
        (0.0, "meetings"),
        (15.0, "meetings"),
        (16.0, "people of m-1"),
        (75.0, "meetings"),
        (76.0, "people of m-1"),
        (77.0, "audio of p-1 in m-1"),
        (135.0, "meetings"),
        (137.0, "audio of p-1 in m-1"),
    ]


def test_what_fails_of_a_meeting_that_is_over_is_not_asked_for_again() -> None:
    """The list does not have it any more."""
    here = world({meeting(1): [person(1)]})
    here.run(1.5, lambda call: here.answer(call) if isinstance(call, ListMeetings) else None)
    here.meetings = {}
    here.run(60)

    here.plan.failed(ListParticipants(meeting(1)), here.now)

    assert told(here.run(50)) == []


@pytest.mark.parametrize("kind", [ListParticipants, Look], ids=["its people", "one of them"])
def test_a_meeting_that_the_service_does_not_tell_of_is_left_alone(kind: type) -> None:
    """For as long as it is said; another one is asked for meanwhile."""
    here = world({meeting(1): [person(1)], meeting(2): [person(2)]})

    def refuse(call: Call) -> None:
        if isinstance(call, kind) and isinstance(call, ListParticipants | Look) and call.meeting.meeting_id == "m-1":
            here.plan.leave_alone(call, here.now + 3_600)
        else:
            here.answer(call)

    here.run(30, refuse)

    assert {text[-3:] for text in looks(here.run(3_400))} == {"m-2"}
    assert {text[-3:] for text in looks(here.run(300))} == {"m-1", "m-2"}


def test_a_meeting_that_is_over_when_it_is_not_told_of_leads_to_nothing() -> None:
    """The answer came too late; of the others nothing changes."""
    here = world({meeting(2): [person(2)]})
    here.run(2)

    here.plan.leave_alone(ListParticipants(meeting(1)), here.now + 3_600)

    assert looks(here.run(5)) == [f"{kind} of p-2 in m-2" for kind in KINDS]


def test_a_pause_is_kept() -> None:
    """Nothing is asked until the longest of all pauses is over."""
    here = world({meeting(1): [person(1)]})
    here.plan.pause(100.0)
    here.plan.pause(50.0)

    assert here.plan.next(here.now) == Wait(100.0)
    assert told(here.run(101)) == ["meetings"]


def test_the_list_is_not_asked_for_twice_at_once() -> None:
    """While its answer is awaited there is nothing to do."""
    plan = Plan("rest", 60, owned=lambda _: True)

    assert [plan.next(0.0), plan.next(1.0), plan.next(100.0)] == [ListMeetings(), Wait(1.0), Wait(1.0)]


def test_what_is_asked_for_while_its_meeting_goes_and_comes_back_is_not_asked_for_twice() -> None:
    """The answer that comes then is the one that was awaited."""
    here = world({meeting(1): [person(1)]}, calls=600)
    out: list[Call] = []
    here.run(1, lambda call: here.answer(call) if isinstance(call, ListMeetings) else out.append(call))
    everything, here.meetings = here.meetings, {}
    here.run(60)
    here.meetings = everything
    here.run(60)

    assert told(out) == ["people of m-1"]
    here.answer(out[0])
    assert looks(here.run(1)) == [f"{kind} of p-1 in m-1" for kind in KINDS]


def test_a_look_tells_how_late_it_is() -> None:
    """Of a look that was due at once, since when its participant is known."""
    here = world({meeting(1): [person(1)]})

    calls = here.run(6)

    assert [call.late_s for call in calls if isinstance(call, Look)] == [1.0, 2.0, 3.0, 4.0]


def test_calls_show_no_content() -> None:
    """They stand in tracebacks: no name, no subject."""
    one, other = meeting(1, subject="marker"), person(1, name="marker")

    assert [repr(ListParticipants(one)), repr(Look(one, other, "audio", 0.0))] == [
        "<ListParticipants>",
        "<Look audio>",
    ]
