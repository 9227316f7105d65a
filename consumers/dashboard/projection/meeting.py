"""One meeting ID: what its topics tell, and which holding of it is the present one. Pure.

The present holding is the one that began last, by any topic. A topic that still tells of the one before it is left out
of what is shown; one that knows no UUID is taken to tell of the present one if it told anything since shortly before
that began.
"""

from datetime import datetime, timedelta
from typing import Final, TypeGuard, get_args

from schemas.events import (
    ActiveSpeakersChanged,
    AnyEvent,
    CaptionSpoken,
    LifecycleEvent,
    MeetingDescribed,
    MeetingStateChanged,
    ParticipantChanged,
    ParticipantGone,
    QualitySampled,
    RosterReplaced,
    SubscriptionChanged,
)
from schemas.record import content_id

from .captions import Captions
from .gate import Gate
from .lifecycle import Held, Lifecycle
from .quality import Connected, Quality
from .roster import Known, Roster
from .speakers import Speakers
from .state import State

# Clocks of ours and of the service's differ, and a push is older than the event that names its holding.
_NEAR: Final = timedelta(minutes=5)
# Nothing came of it for so long: it is over, though nobody said so. As the captions archive has it by default.
_SILENT: Final = timedelta(hours=12)

AboutMeeting = (
    LifecycleEvent
    | MeetingDescribed
    | MeetingStateChanged
    | SubscriptionChanged
    | RosterReplaced
    | ParticipantChanged
    | ParticipantGone
    | ActiveSpeakersChanged
    | QualitySampled
    | CaptionSpoken
)
# To look a type up takes a tenth of what asking for each of the union's does.
_ABOUT_MEETINGS: Final = frozenset(get_args(AboutMeeting))


def is_about_meeting(event: AnyEvent) -> TypeGuard[AboutMeeting]:
    """Whether it tells of one meeting."""
    return type(event) in _ABOUT_MEETINGS


class Meeting:
    """All that is known of it."""

    __slots__ = (
        "captions",
        "enterprise",
        "lifecycle",
        "meeting_id",
        "quality",
        "roster",
        "speakers",
        "state",
    )

    def __init__(self, enterprise: str, meeting_id: str) -> None:
        self.enterprise, self.meeting_id = enterprise, meeting_id
        self.lifecycle, self.state, self.roster = Lifecycle(), State(), Roster()
        self.speakers, self.quality, self.captions = Speakers(), Quality(), Captions()

    def take(self, event: AboutMeeting, epoch: int | None) -> bool:
        """Have the part that is concerned take the event; return whether anything changed."""
        match event:
            case QualitySampled():
                return self.quality.take(event, epoch)
            case ActiveSpeakersChanged():
                return self.speakers.take(event, epoch)
            case RosterReplaced() | ParticipantChanged() | ParticipantGone():
                return self.roster.take(event, epoch)
            case MeetingDescribed() | MeetingStateChanged() | SubscriptionChanged():
                return self.state.take(event, epoch)
            case CaptionSpoken():
                return self.captions.take(event, "", epoch) is not None
            case _:
                return self.lifecycle.take(event)


class Present:
    """The present holding, with what of the topics is about it; None and empty where that is nothing."""

    __slots__ = ("began_at", "captions", "held", "meeting", "quality", "roster", "speakers", "state", "uuid")

    def __init__(self, meeting: Meeting) -> None:
        self.meeting = meeting
        self.uuid, self.began_at = _newest(meeting)
        self.held: Held | None = meeting.lifecycle.of(self.uuid) or meeting.lifecycle.of(None)
        self.state = meeting.state if self._is_mine(meeting.state.gate) else None
        self.roster = meeting.roster if self._is_mine(meeting.roster.gate) else None
        self.speakers = meeting.speakers if self._is_mine(meeting.speakers.gate) else None
        self.quality = meeting.quality if self._is_mine(meeting.quality.gate) else None
        self.captions = meeting.captions if self._is_mine(meeting.captions.gate) else None

    def _is_mine(self, gate: Gate) -> bool:
        if gate.last_at is None:
            return False
        if gate.uuid is None or self.uuid is None:
            return self.began_at is None or gate.last_at >= self.began_at - _NEAR
        return gate.uuid == self.uuid

    @property
    def id(self) -> str:
        """The occurrence's ID: the same as the archive's, where the UUID is known."""
        meeting = self.meeting
        if self.uuid is None:
            return content_id("meeting", meeting.enterprise, meeting.meeting_id)
        return content_id("occurrence", meeting.enterprise, meeting.meeting_id, self.uuid)

    @property
    def connected(self) -> dict[str, Connected]:
        """How people are connected, by participant."""
        return {} if self.quality is None else self.quality.people

    @property
    def people(self) -> dict[str, Known] | None:
        """Who is in it by its roster; None where nobody told a roster."""
        return self.roster.people if self.roster is not None and self.roster.is_known else None

    def started_at(self) -> datetime | None:
        """When it began, as far as anybody said."""
        if self.held is not None and self.held.started_at is not None:
            return self.held.started_at
        described = self.state.described if self.state is not None else None
        return described.started_at if described is not None else None

    def ended_at(self, now: datetime) -> datetime | None:
        """When it was over; None: it is on. What began again after an end is on."""
        seen = self.state.seen if self.state is not None else None
        ends = [
            at
            for at in (
                self.held.ended_at if self.held is not None else None,
                self.state.over_at if self.state is not None else None,
                seen.over_at if seen is not None else None,
            )
            if at is not None
        ]
        begins = [
            at
            for at in (
                self.held.started_at if self.held is not None else None,
                seen.opened_at if seen is not None else None,
            )
            if at is not None
        ]
        if ends and max(ends) >= max(begins, default=max(ends)):
            return max(ends)
        last = self.last_at()
        return last if last is not None and now - last > _SILENT else None

    def last_at(self) -> datetime | None:
        """When the last thing happened that anybody told of."""
        parts = (self.state, self.roster, self.speakers, self.quality, self.captions)
        told = [part.gate.last_at for part in parts if part is not None and part.gate.last_at is not None]
        if self.held is not None:
            told.append(self.held.last_at)
        return max(told, default=None)


def _newest(meeting: Meeting) -> tuple[str | None, datetime | None]:
    """Return UUID and begin of the holding that began last; of one that several topics tell of, its earliest begin."""
    parts = (meeting.state, meeting.roster, meeting.speakers, meeting.quality, meeting.captions)
    begins: dict[str, datetime] = {}
    for uuid, at in [(part.gate.uuid, part.gate.first_at) for part in parts] + _held(meeting):
        if uuid is not None and at is not None:
            begins[uuid] = min(begins.get(uuid, at), at)
    if not begins:
        held = meeting.lifecycle.newest()
        return None, held.first_at if held is not None else None
    uuid = max(begins, key=lambda one: (begins[one], one))
    return uuid, begins[uuid]


def _held(meeting: Meeting) -> list[tuple[str | None, datetime | None]]:
    held = meeting.lifecycle.newest()
    return [] if held is None else [(held.uuid, held.first_at)]
