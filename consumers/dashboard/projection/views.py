"""A meeting as the API shows it: its row in the list, and all of it. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from schemas.api.meetings import Caption, MeetingDetail, MeetingRow, PersonNow

from . import captions, history, quality, timeline
from .lifecycle import Came
from .meeting import Meeting, Present
from .quality import Connected
from .ratings import BAD, worst
from .roster import Known

MOST_PEOPLE: Final = 1_000
_NOBODY: Final = Known()


def is_shown(present: Present) -> bool:
    """Whether anything was told but a late word on a meeting that is long over."""
    parts = (present.state, present.roster, present.speakers, present.quality, present.captions)
    if any(part is not None for part in parts):
        return True
    held = present.held
    return held is not None and (held.started_at is not None or any(True for _ in held.inside()))


def row(present: Present, alerts: int, now: datetime) -> MeetingRow:
    """Return its row. `alerts`: how many stand about it."""
    ratings = _ratings(present)
    state = present.state
    described = state.described if state is not None else None
    ended_at = present.ended_at(now)
    return MeetingRow(
        id=present.id,
        meeting_id=present.meeting.meeting_id,
        enterprise=present.meeting.enterprise,
        subject=described.subject if described is not None else None,
        scheduler=described.owner_name if described is not None else None,
        started_at=present.started_at(),
        ended_at=ended_at,
        state="on" if ended_at is None else "over",
        people=0 if ended_at is not None else _count(present),
        bad=sum(rating <= BAD for rating in ratings),
        worst=worst(ratings),
        speakers_now=[] if ended_at is not None else _speakers(present),
        captions_on=state.now.captions_on if state is not None and state.now is not None else None,
        subscription=state.seen.subscription if state is not None else "none",
        alerts=alerts,
    )


def detail(present: Present, shown: MeetingRow, *, with_captions: bool, with_history: bool) -> MeetingDetail:
    """Return all of it. `shown` is its row."""
    names = names_of(present.meeting)
    state = present.state
    now = state.now if state is not None else None
    return MeetingDetail(
        row=shown,
        people=_people(present, with_history=with_history),
        captions=_captions(present, names) if with_captions else None,
        timeline=timeline.shown(_timelines(present), names),
        unseen=state.seen.shown() if state is not None else [],
        waiting=present.roster.waiting if present.roster is not None else 0,
        locked=now.locked if now is not None else None,
        recording=now.recording_now if now is not None else None,
    )


def names_of(meeting: Meeting) -> dict[str, str | None]:
    """Return what people are called, by participant."""
    held = meeting.lifecycle.newest()
    came = {} if held is None else held.people
    names = {one.who.participant_id: one.who.display_name for one in came.values() if one.who.participant_id}
    names.update((key, person.name) for key, person in meeting.roster.people.items() if person.name is not None)
    return names


def _ratings(present: Present) -> list[int]:
    """Return the ratings of those who are in it."""
    people, connected = present.people, present.connected
    there: Iterable[Connected | None] = connected.values() if people is None else (connected.get(key) for key in people)
    return [one.rating for one in there if one is not None and one.rating is not None]


def _count(present: Present) -> int:
    if present.people is not None:
        return len(present.people)
    return 0 if present.held is None else sum(True for _ in present.held.inside())


def _speakers(present: Present) -> list[str]:
    if present.speakers is None:
        return []
    people = present.people or {}
    found = (
        one.name or people.get(one.participant_id or "", _NOBODY).name or one.participant_id
        for one in present.speakers.now
    )
    return [name for name in found if name is not None]


def _captions(present: Present, names: Mapping[str, str | None]) -> list[Caption]:
    if present.captions is None:
        return []
    return [captions.shown(one, dict(names)) for one in present.captions.sentences]


def _timelines(present: Present) -> list[timeline.Items]:
    found = []
    came = present.held is not None and bool(present.held.people)
    if present.held is not None:
        found.append(present.held.timeline)
    if present.state is not None:
        found.append(present.state.timeline)
    # Enterprise pushes tell the same of coming and going, with their own times.
    if present.roster is not None and not came:
        found.append(present.roster.timeline)
    return found


def _people(present: Present, *, with_history: bool) -> list[PersonNow]:
    people = present.people
    if people is None:
        inside = () if present.held is None else present.held.inside()
        people = {came.who.participant_id or key: _as_person(came) for key, came in inside}
    connected = present.connected
    worst_first = sorted(people.items(), key=lambda one: _order(one, connected))
    speaking = {one.participant_id for one in present.speakers.now} if present.speakers is not None else set()
    return [
        _person(key, person, connected.get(key), is_speaking=key in speaking, with_history=with_history)
        for key, person in worst_first[:MOST_PEOPLE]
    ]


def _order(one: tuple[str, Known], connected: Mapping[str, Connected]) -> tuple[int, str, str]:
    key, person = one
    known = connected.get(key)
    rating = known.rating if known is not None and known.rating is not None and known.rating <= BAD else BAD + 1
    return rating, person.name or "", key


def _as_person(came: Came) -> Known:
    who = came.who
    return Known(
        participant_id=who.participant_id,
        name=who.display_name,
        role=who.role,
        client_type=who.client_type,
        joined_at=who.joined_at or came.at,
    )


def _person(
    key: str, person: Known, connected: Connected | None, *, is_speaking: bool, with_history: bool
) -> PersonNow:
    around = connected.surroundings if connected is not None else None
    return PersonNow(
        participant_id=key,
        name=person.name or (around.name if around is not None else None),
        role=person.role or (around.role if around is not None else None),
        co_host=person.co_host,
        muted=person.muted,
        hand_raised=person.hand_raised,
        camera_on=person.camera_on,
        sharing=person.sharing,
        speaking=is_speaking,
        client_type=person.client_type,
        terminal_type=person.kind or (around.terminal_type if around is not None else None),
        department=person.department or (around.department if around is not None else None),
        joined_at=person.joined_at,
        quality=quality.shown(connected) if connected is not None else None,
        history=history.points(connected.history) if connected is not None and with_history else [],
    )
