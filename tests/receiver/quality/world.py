"""Meetings and people as the service's client tells of them, and a service that tells of these."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from receiver.cloud import Figure, MeasuredFlow, MeasuredMeeting, MeasuredParticipant, Measurements
from receiver.quality.calls import Call, ListMeetings, ListParticipants, Look, Wait
from receiver.quality.plan import Plan
from receiver.quality.port import Kind
from schemas.ids import MeetingId, MeetingUuid, ParticipantId

NOON: Final = datetime(2026, 3, 2, 12, tzinfo=UTC)


def meeting(number: int, **more: Any) -> MeasuredMeeting:
    """Return a meeting with the ID `m-<number>`."""
    return MeasuredMeeting(
        **{"meeting_id": MeetingId(f"m-{number}"), "meeting_uuid": MeetingUuid(f"uuid-{number}"), **more}
    )


def person(number: int, **more: Any) -> MeasuredParticipant:
    """Return a participant with the ID `p-<number>`."""
    return MeasuredParticipant(**{"participant_id": ParticipantId(f"p-{number}"), **more})


def figures(*values: float, at: datetime = NOON, every_s: float = 60, alarm: bool | None = None) -> tuple[Figure, ...]:
    """Return a series that begins at `at`."""
    return tuple(
        Figure(at=at + timedelta(seconds=every_s * number), value=value, alarm=alarm)
        for number, value in enumerate(values)
    )


def measured(kind: Kind, at: datetime = NOON) -> Measurements:
    """Return one figure of this kind at one time."""
    if kind == "cpu":
        return Measurements(kind=kind, client_cpu_percent=figures(40, at=at))
    return Measurements(kind=kind, sent=MeasuredFlow(latency_ms=figures(30, at=at)))


class World:
    """Meetings with people, whom a plan is driven through. Its clock is the plan's."""

    def __init__(self, plan: Plan, meetings: dict[MeasuredMeeting, Sequence[MeasuredParticipant]]) -> None:
        self.plan = plan
        self.meetings = meetings
        self.now = 0.0
        self.made: list[tuple[float, Call]] = []

    def run(self, seconds: float, answer: Callable[[Call], object] | None = None) -> list[Call]:
        """Make every call of so much time and answer it at once; return them."""
        until, first = self.now + seconds, len(self.made)
        while self.now < until:
            call = self.plan.next(self.now)
            if isinstance(call, Wait):
                assert call.seconds > 0
                self.now += call.seconds
            else:
                self.made.append((self.now, call))
                (answer or self.answer)(call)
        return [call for _, call in self.made[first:]]

    def answer(self, call: Call) -> None:
        """Answer a call as the service does that knows these meetings."""
        match call:
            case ListMeetings():
                self.plan.listed([*self.meetings], self.now)
            case ListParticipants():
                people = {one.meeting_uuid: found for one, found in self.meetings.items()}
                self.plan.rostered(call, people.get(MeetingUuid(call.meeting.meeting_uuid), ()), self.now)
            case Look():
                self.plan.looked(call, self.now)


def told(calls: Sequence[Call]) -> list[str]:
    """Return calls in words."""
    return [_told(call) for call in calls]


def _told(call: Call) -> str:
    match call:
        case ListMeetings():
            return "meetings"
        case ListParticipants():
            return f"people of {call.meeting.meeting_id}"
        case Look():
            return f"{call.kind} of {call.participant.participant_id} in {call.meeting.meeting_id}"


@dataclass
class Ours:
    """Which meetings are this process's, and how much of the budget."""

    others: set[str] = field(default_factory=set)
    share: float = 1.0

    def owned(self, meeting_id: str) -> bool:
        """Whether it is ours."""
        return meeting_id not in self.others


def world(
    meetings: dict[Any, Any], *, ours: Ours | None = None, quality: Any = "rest", calls: int = 60, every_s: float = 60.0
) -> World:
    """Return a world whose plan knows nothing yet."""
    ours = ours or Ours()
    plan = Plan(quality, calls, owned=ours.owned, share=lambda: ours.share, look_every_s=every_s)
    return World(plan, meetings)


def looks(calls: list[Call]) -> list[str]:
    """Return the looks among calls, in words."""
    return told([call for call in calls if isinstance(call, Look)])
