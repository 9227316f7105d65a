"""With the receiver's own plan of whom to ask when: nobody is called silent whose turn has not come."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from consumers.qos.engine.alert import Change
from consumers.qos.engine.engine import Engine
from consumers.qos.engine.state import Input
from deploy.qos_rules import load_rules
from receiver.quality.calls import ListMeetings, ListParticipants, Look, Wait
from receiver.quality.plan import Plan
from schemas.events import Flow, QualitySampled

from .told import alive, at, subscription, told

HOURS = 1.5
CALLS_A_MINUTE = 30
A_MEETING = 10


class Meeting(msgspec.Struct, frozen=True):
    """One that is measured."""

    meeting_id: str
    meeting_uuid: str
    alarm: bool = False
    alarms: tuple[Any, ...] = ()


class Person(msgspec.Struct, frozen=True):
    """One who is in it; every other has a camera."""

    participant_id: str
    has_camera: bool
    alarm: bool = False
    has_measurements: bool = True
    left_at: None = None


def people_of(number: int) -> dict[str, list[Person]]:
    """Return so many people by their meeting's UUID."""
    people = [Person(f"p-{one}", one % 2 == 0) for one in range(number)]
    return {f"u-{first}": people[first : first + A_MEETING] for first in range(0, number, A_MEETING)}


def answers(number: int) -> Iterator[Input]:
    """Yield what a receiver writes of so many people in these hours, signs of life among it."""
    plan, people = Plan("rest", CALLS_A_MINUTE, owned=lambda _: True), people_of(number)
    meetings: list[Any] = [Meeting(uuid.replace("u", "m"), uuid) for uuid in people]
    yield from (subscription("opened", 0, meeting=meeting.meeting_id) for meeting in meetings)
    now, shown = 0.0, 0.0
    while now < HOURS * 3_600:
        while shown <= now:
            yield alive(shown)
            shown += 10.0
        call = plan.next(now)
        if isinstance(call, Wait):
            now += call.seconds
        elif isinstance(call, ListMeetings):
            plan.listed(meetings, now)
        elif isinstance(call, ListParticipants):
            there: list[Any] = people[call.meeting.meeting_uuid]
            plan.rostered(call, there, now)
        else:
            found = sampled(call, now)
            plan.looked(call, now, empty=not found)
            yield from found


def sampled(look: Look, now: float) -> list[Input]:
    """Return what a look finds: voices and processors of all, half of the pictures, nobody's screen."""
    who: Any = look.participant
    if look.kind == "screen" or (look.kind == "video" and not who.has_camera):
        return []
    flows = [Flow(modality=look.kind, direction=one, packet_loss_ratio=0.0) for one in ("sent", "received")]
    blank: dict[str, Any] = dict.fromkeys(QualitySampled.__struct_fields__)
    known = {
        "enterprise": "acme",
        "meeting_id": look.meeting.meeting_id,
        "meeting_uuid": look.meeting.meeting_uuid,
        "occurred_at": at(now - 5),
        "received_at": at(now),
        "source": "rest",
        "participant_id": who.participant_id,
        "over": False,
        "alarms": [],
        "flows": [] if look.kind == "cpu" else flows,
        "client_cpu_ratio": 0.1 if look.kind == "cpu" else None,
    }
    return [told(QualitySampled(**(blank | known)), now)]


def test_nobody_is_silent_whose_turn_takes_longer_than_half_an_hour() -> None:
    """Two hundred people and thirty calls a minute, by the rules that ship."""
    engine, changes, samples = Engine(load_rules()), list[Change](), 0
    for one in answers(200):
        samples += isinstance(one.event, QualitySampled)
        engine.take(one)
        changes += engine.decide()

    assert [(change.alert.level, change.alert.place) for change in changes] == []
    assert samples > 1_000
