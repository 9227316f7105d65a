"""What is asked for first, and of whom."""

from __future__ import annotations

from receiver.quality.calls import Call, ListMeetings, ListParticipants, Look
from receiver.quality.port import KINDS

from .world import NOON, looks, meeting, person, told, world


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


def test_looks_come_as_often_as_the_settings_ask_for() -> None:
    """The list and the people in their own time all the same."""
    here = world({meeting(1): [person(1)]}, calls=600, every_s=15.0)
    here.run(30)

    calls = here.run(120)

    assert sorted(told(calls)) == sorted(
        [*["meetings"] * 2, "people of m-1", *[f"{kind} of p-1 in m-1" for kind in KINDS for _ in range(8)]]
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
