"""Who is in a meeting, as meeting.participants.v1 tells it. Pure."""

from collections.abc import Callable
from datetime import datetime
from sys import intern
from typing import Final

import msgspec

from schemas.events import ParticipantChanged, ParticipantGone, ParticipantsEvent, Person, RosterReplaced

from .gate import Gate, Says
from .timeline import Item, Items, items


class Known(msgspec.Struct, frozen=True, gc=False):
    """What is shown of somebody, and no more: there are a hundred thousand of them."""

    participant_id: str | None = None
    name: str | None = None
    role: str | None = None
    co_host: bool | None = None
    muted: bool | None = None
    hand_raised: bool | None = None
    camera_on: bool | None = None
    sharing: bool | None = None
    client_type: str | None = None
    kind: str | None = None
    department: str | None = None
    joined_at: datetime | None = None

    def __repr__(self) -> str:
        """Show no one's name."""
        return "<Known>"


_FIELDS: Final = Known.__struct_fields__


class _List:
    """One roster, by participant; those without an ID by their number."""

    __slots__ = ("_parts", "_snapshot", "_told", "people")

    def __init__(self) -> None:
        self.people: dict[str, Known] = {}
        self._snapshot: str | None = None
        self._parts: set[int] = set()
        self._told: set[str] = set()

    def replaced(self, event: RosterReplaced) -> None:
        """Take a part of the whole list; once all are there, who is in none of them goes."""
        if self._snapshot != event.snapshot_id:
            self._snapshot, self._parts, self._told = event.snapshot_id, set(), set()
        self._parts.add(event.part)
        for person in event.people:
            self.people[key_of(person)] = _with(None, person)
            self._told.add(key_of(person))
        if len(self._parts) == event.parts:
            self.people = {key: person for key, person in self.people.items() if key in self._told}
            self._snapshot = None

    def changed(self, person: Person) -> Known | None:
        """Take what changed of somebody; return him where he is new."""
        key = key_of(person)
        self._told.add(key)
        known = self.people.get(key)
        self.people[key] = _with(known, person)
        return self.people[key] if known is None else None

    def gone(self, person: Person) -> Known | None:
        """Take somebody out; return what was known of him."""
        self._told.discard(key_of(person))
        return self.people.pop(key_of(person), None)


class Roster:
    """Those who are in one meeting, and how many wait to be let in."""

    __slots__ = ("_in", "_waiting", "gate", "is_known", "timeline")

    def __init__(self) -> None:
        self.gate = Gate()
        self._anew()

    def _anew(self) -> None:
        self._in, self._waiting = _List(), _List()
        self.is_known = False
        """Whether anything came of those who are in it."""
        self.timeline: Items = items()

    @property
    def people(self) -> dict[str, Known]:
        """Who is in it, by participant."""
        return self._in.people

    @property
    def waiting(self) -> int:
        """How many are in the waiting room."""
        return len(self._waiting.people)

    def take(self, event: ParticipantsEvent, epoch: int | None) -> bool:
        """Count one event in; return whether anything changed."""
        if event.roster not in ("participants", "waiting"):
            return False
        says = self.gate.admit(event, epoch)
        if says is Says.NOTHING:
            return False
        if says is Says.ANEW:
            self._anew()
        if event.roster == "waiting":
            _take(self._waiting, event, lambda _what, _who: None)
        else:
            self.is_known = True
            _take(self._in, event, lambda what, who: self._tell(event, what, who))
        return True

    def _tell(self, event: ParticipantsEvent, what: str, who: Known) -> None:
        self.timeline.append(Item(event.occurred_at, what, None, who.participant_id, who.name))


def _take(there: _List, event: ParticipantsEvent, tell: Callable[[str, Known], None]) -> None:
    match event:
        case RosterReplaced():
            there.replaced(event)
        case ParticipantChanged(person=person):
            if (new := there.changed(person)) is not None:
                tell("joined", new)
        case ParticipantGone(person=person):
            if (known := there.gone(person)) is not None:
                tell("left", known)


def key_of(person: Person) -> str:
    """Return by what somebody is known on a roster."""
    return person.participant_id or f"call {person.call_number or ''} {person.name or ''}"


def _with(known: Known | None, told: Person) -> Known:
    """Return what is known now: what was not said stays as it was. Words that many share are kept once."""
    said = [getattr(told, name) for name in _FIELDS]
    if known is not None:
        said = [getattr(known, name) if value is None else value for name, value in zip(_FIELDS, said, strict=True)]
    for place in _SHARED:
        if said[place] is not None:
            said[place] = intern(said[place])
    return Known(*said)


_SHARED: Final = tuple(_FIELDS.index(name) for name in ("role", "client_type", "kind", "department"))
