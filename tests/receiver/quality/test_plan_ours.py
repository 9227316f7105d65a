"""Which meetings are asked for at all: those that are ours, and where it is not pushed."""

from __future__ import annotations

from typing import Any

import pytest

from receiver.quality.calls import asks
from receiver.quality.port import KINDS

from .world import Ours, looks, meeting, person, told, world


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
