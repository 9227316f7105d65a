"""What is asked for, in which order, and what is not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from receiver.quality.calls import Call, ListMeetings, ListParticipants, Look, Wait, asks
from receiver.quality.plan import Plan
from receiver.quality.port import KINDS

from .world import NOON, World, meeting, person, told


@dataclass
class Ours:
    """Which meetings are this process's, and how much of the budget."""

    others: set[str] = field(default_factory=set)
    share: float = 1.0

    def owned(self, meeting_id: str) -> bool:
        """Whether it is ours."""
        return meeting_id not in self.others


def world(meetings: dict[Any, Any], *, ours: Ours | None = None, quality: Any = "rest", calls: int = 60) -> World:
    """Return a world whose plan knows nothing yet."""
    ours = ours or Ours()
    return World(Plan(quality, calls, owned=ours.owned, share=lambda: ours.share), meetings)


def looks(calls: list[Call]) -> list[str]:
    """Return the looks among calls, in words."""
    return told([call for call in calls if isinstance(call, Look)])


def test_meetings_are_asked_for_first_then_their_people_then_their_figures() -> None:
    """Nothing is known at the start; each answer tells what to ask for next, everybody's voice first."""
    calls = world({meeting(1): [person(1), person(2)]}).run(10)

    assert told(calls) == [
        "meetings",
        "people of m-1",
        "audio of p-1 in m-1",
        "audio of p-2 in m-1",
        "video of p-1 in m-1",
        "video of p-2 in m-1",
        "screen of p-1 in m-1",
        "screen of p-2 in m-1",
        "cpu of p-1 in m-1",
        "cpu of p-2 in m-1",
    ]


def test_each_thing_is_asked_for_again_in_its_time() -> None:
    """The list and the looks each minute, the people every two."""
    here = world({meeting(1): [person(1)]}, calls=600)
    here.run(30)

    calls = here.run(120)

    assert sorted(told(calls)) == sorted(
        [*["meetings"] * 2, "people of m-1", *[f"{kind} of p-1 in m-1" for kind in KINDS for _ in range(2)]]
    )


def test_what_is_in_alarm_goes_first() -> None:
    """Meetings in alarm have their people asked for before others, and people in alarm are looked at before others."""
    bad = meeting(2, alarm=True, alarms=frozenset({"audio", "video"}))
    here = world({meeting(1): [person(1)], bad: [person(3), person(4, alarm=True)]})

    calls = here.run(7)

    assert told(calls) == [
        "meetings",
        "people of m-2",
        "audio of p-4 in m-2",
        "video of p-4 in m-2",
        "audio of p-3 in m-2",
        "people of m-1",
        "video of p-3 in m-2",
    ]


def test_an_alarm_is_for_every_kind_where_the_meeting_does_not_say_for_which() -> None:
    """The service may tell that something is bad, and not what: then all of it is looked at."""
    here = world({meeting(1, alarm=True): [person(1), person(2, alarm=True)]})

    calls = here.run(6)

    assert [text for text in looks(calls) if "p-2" in text] == [
        "audio of p-2 in m-1",
        "video of p-2 in m-1",
        "screen of p-2 in m-1",
    ]


def test_a_meeting_that_comes_into_alarm_has_its_people_asked_for_at_once() -> None:
    """Who it is that is in alarm is not on the list."""
    here = world({meeting(1): [person(1)]}, calls=600)
    here.run(59)
    here.meetings = {meeting(1, alarm=True): [person(1, alarm=True)]}

    calls = here.run(3)

    assert told(calls)[:2] == ["meetings", "people of m-1"]


def test_a_meeting_that_is_new_goes_before_those_that_were_looked_at() -> None:
    """Of a new meeting nothing is known; the others were looked at minutes ago."""
    here = world({meeting(number): [person(number)] for number in range(30)}, calls=60)
    here.run(300)
    here.meetings = {**here.meetings, meeting(99): [person(99)]}

    calls = here.run(90)

    new = [text for text in looks(calls) if "m-99" in text]
    assert new == [f"{kind} of p-99 in m-99" for kind in KINDS]


def test_new_meetings_do_not_hold_up_old_ones_for_ever() -> None:
    """However many begin, what waits for ten minutes more than they do goes before them."""
    old = person(0)
    here = world({meeting(0): [old]}, calls=10)
    here.run(60)
    seen: list[str] = []
    for minute in range(1, 40):
        here.meetings = {**here.meetings, meeting(minute): [person(minute)] * 3}
        seen += [text for text in looks(here.run(60)) if "m-0" in text]

    assert {f"{kind} of p-0 in m-0" for kind in KINDS} <= set(seen)


def test_only_whom_the_service_measures_is_looked_at() -> None:
    """`existQos` is false of a telephone: a call for it would be for nothing."""
    here = world({meeting(1): [person(1, has_measurements=False), person(2)]})

    calls = here.run(30)

    assert looks(calls) == [f"{kind} of p-2 in m-1" for kind in KINDS]


def test_one_who_has_left_is_looked_at_once_more_and_never_again() -> None:
    """How it was at the end may be why; after that there is nothing new. Who had left before we came is left out."""
    here = world({meeting(1): [person(1), person(2, left_at=NOON)]}, calls=600)
    here.run(119)
    here.meetings = {meeting(1): [person(1, left_at=NOON), person(2, left_at=NOON)]}
    here.plan.rostered(ListParticipants(meeting(1)), here.meetings[meeting(1)], here.now)

    calls = here.run(600)

    assert looks(calls) == [f"{kind} of p-1 in m-1" for kind in KINDS]


def test_one_who_is_gone_from_the_list_is_looked_at_no_more() -> None:
    """Also where the answer to a look comes after that."""
    here = world({meeting(1): [person(1), person(2)]}, calls=600)
    out: list[Look] = []

    def keep_back(call: Call) -> None:
        if isinstance(call, Look) and call.participant.participant_id == "p-1" and not out:
            out.append(call)
        else:
            here.answer(call)

    here.run(30, keep_back)
    here.meetings = {meeting(1): [person(2)]}
    here.run(100)
    here.plan.looked(out[0], here.now)

    calls = here.run(300)

    assert {text for text in looks(calls) if "p-1" in text} == set()
    assert looks(calls)


def test_a_meeting_that_is_over_is_forgotten() -> None:
    """What of it was still waiting, or was asked for and is answered now, leads to nothing."""
    here = world({meeting(1): [person(number) for number in range(40)]})
    here.run(10)
    here.meetings = {}
    out: list[Call] = []
    here.run(51.5, lambda call: here.answer(call) if isinstance(call, ListMeetings) else out.append(call))
    for call in out:
        here.answer(call)

    calls = here.run(120)

    assert out
    assert told(calls) == ["meetings", "meetings"]


def test_a_list_of_people_that_comes_after_its_meeting_is_over_is_not_taken() -> None:
    """Nobody in it is looked at."""
    here = world({meeting(1): [person(1)]})
    here.run(1.5, lambda call: here.answer(call) if isinstance(call, ListMeetings) else None)
    call = ListParticipants(meeting(1))
    here.meetings = {}
    here.run(60)
    here.plan.rostered(call, [person(1)], here.now)

    assert looks(here.run(60)) == []


def test_a_meeting_of_another_process_is_left_to_it() -> None:
    """From the moment on in which it is the other's, and back."""
    ours = Ours()
    here = world({meeting(1): [person(1)]}, ours=ours)
    here.run(10)
    ours.others.add("m-1")

    assert told(here.run(190)) == ["meetings"] * 3

    ours.others.clear()
    assert looks(here.run(65)) == [f"{kind} of p-1 in m-1" for kind in KINDS]


def test_a_meeting_that_goes_to_another_process_before_its_people_were_asked_for_is_left_to_it() -> None:
    """The next one in turn is asked for in its place."""
    ours = Ours()
    here = world({meeting(number): [] for number in range(1, 5)}, ours=ours)
    here.run(1)
    ours.others |= {"m-1", "m-2"}

    assert told(here.run(5)) == ["people of m-3", "people of m-4"]


def test_a_meeting_without_an_id_is_left_out() -> None:
    """Nobody could say whose it is, and its events had no key."""
    here = world({meeting(1, meeting_id=None): [person(1)]})

    assert told(here.run(30)) == ["meetings"]


def test_auto_leaves_out_what_is_pushed() -> None:
    """Quality is asked for where no push came for five minutes."""
    here = world({meeting(1): [person(1)], meeting(2): [person(2)]}, quality="auto")
    here.plan.pushed("m-1", here.now)

    pushed = looks(here.run(290))
    silent = looks(here.run(100))

    assert {text[-3:] for text in pushed} == {"m-2"}
    assert {text[-3:] for text in silent} == {"m-1", "m-2"}


def test_auto_stops_asking_when_pushes_begin() -> None:
    """What waits is not asked for either."""
    here = world({meeting(1): [person(number) for number in range(40)]}, quality="auto")
    here.run(10)
    here.plan.pushed("m-1", here.now)

    assert told(here.run(45)) == []


def test_rest_asks_for_what_is_pushed_as_well() -> None:
    """Whoever wants both has both."""
    here = world({meeting(1): [person(1)]})
    here.plan.pushed("m-1", here.now)

    assert looks(here.run(30))


@pytest.mark.parametrize(("quality", "wanted"), [("auto", True), ("rest", True), ("push", False), ("off", False)])
def test_two_of_the_settings_ask(quality: Any, wanted: bool) -> None:
    """The other two never do."""
    assert asks(quality) is wanted


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
