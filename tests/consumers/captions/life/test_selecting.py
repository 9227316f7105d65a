"""What is of one person is what they said and how they came and went, and nothing that names others."""

from __future__ import annotations

import pytest

from consumers.captions.evidence.told import Told
from consumers.captions.life.selecting import of_participant
from schemas.events import AnyEvent

from ...records import joined, person, started
from .building import Happened, meeting


def told(event: AnyEvent | None) -> Told:
    """Return what a line with this event tells."""
    return Told(
        segment="s",
        line=0,
        topic="t",
        partition=0,
        offset=0,
        time_ms=0,
        event_id="e",
        enterprise="acme",
        key="m-1",
        epoch=None,
        event=event,
    )


def of(happened: list[Happened], participant: str) -> list[str]:
    """Return the types of the events that are taken."""
    wanted = of_participant(participant)
    return [type(one.event).__name__ for one in happened if wanted(told(one.event))]  # type: ignore[arg-type]  # all are


def test_what_is_said_and_changed_is_of_one_person() -> None:
    """Captions and changes of this person are taken; rosters, who speaks, and the meeting's own are not."""
    happened = meeting("m-1", [("p-1", "one"), ("p-2", "two"), ("p-1", "three")])

    assert of(happened, "p-1") == ["ParticipantChanged", "CaptionSpoken", "CaptionSpoken"]
    assert of(happened, "p-3") == []


@pytest.mark.parametrize(("participant", "taken"), [("p-1", True), ("p-2", False)])
def test_coming_is_of_who_came(participant: str, taken: bool) -> None:
    """As the enterprise push tells it."""
    assert of_participant(participant)(told(joined(person(participant_id="p-1")))) is taken


@pytest.mark.parametrize("event", [None, started()])
def test_what_is_of_nobody_is_not_taken(event: AnyEvent | None) -> None:
    """Nor what this version cannot read."""
    assert not of_participant("p-1")(told(event))
