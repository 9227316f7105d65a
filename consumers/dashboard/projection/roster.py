"""Who is in a meeting, as meeting.participants.v1 tells it. Pure."""

from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from schemas.events import ParticipantChanged, ParticipantGone, ParticipantsEvent, Person, RosterReplaced

from .gate import Gate, Says
from .timeline import Item, Items, items

_FIELDS: Final = Person.__struct_fields__


class _List:
    """One roster, by participant; those without an ID by their number."""

    __slots__ = ("_parts", "_snapshot", "_told", "people")

    def __init__(self) -> None:
        self.people: dict[str, Person] = {}
        self._snapshot: str | None = None
        self._parts: set[int] = set()
        self._told: set[str] = set()

    def replaced(self, event: RosterReplaced) -> None:
        """Take a part of the whole list; once all are there, who is in none of them goes."""
        if self._snapshot != event.snapshot_id:
            self._snapshot, self._parts, self._told = event.snapshot_id, set(), set()
        self._parts.add(event.part)
        for person in event.people:
            self.people[key_of(person)] = person
            self._told.add(key_of(person))
        if len(self._parts) == event.parts:
            self.people = {key: person for key, person in self.people.items() if key in self._told}
            self._snapshot = None

    def changed(self, person: Person) -> bool:
        """Take what changed of somebody; return whether he is new."""
        key = key_of(person)
        self._told.add(key)
        known = self.people.get(key)
        self.people[key] = person if known is None else _with(known, person)
        return known is None

    def gone(self, person: Person) -> Person | None:
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
    def people(self) -> dict[str, Person]:
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

    def _tell(self, event: ParticipantsEvent, what: str, who: Person) -> None:
        self.timeline.append(Item(event.occurred_at, what, None, who.participant_id, who.name))


def _take(there: _List, event: ParticipantsEvent, tell: Callable[[str, Person], None]) -> None:
    match event:
        case RosterReplaced():
            there.replaced(event)
        case ParticipantChanged(person=person):
            if there.changed(person):
                tell("joined", person)
        case ParticipantGone(person=person):
            if (known := there.gone(person)) is not None:
                tell("left", known)


def key_of(person: Person) -> str:
    """Return by what somebody is known on a roster."""
    return person.participant_id or f"call {person.call_number or ''} {person.name or ''}"


def _with(known: Person, told: Person) -> Person:
    """Return what is known now: what was not said stays as it was."""
    said = {name: value for name in _FIELDS if (value := getattr(told, name)) is not None}
    return replace(known, **said)
