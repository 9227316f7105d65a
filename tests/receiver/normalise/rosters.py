"""Fold the events of a roster, as a reader would: for the tests alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from schemas.events import AnyEvent, ParticipantChanged, ParticipantGone, Person, RosterReplaced

Known = dict[str, dict[str, Any]]


class Fold:
    """Who is on one roster, as far as the events say."""

    def __init__(self) -> None:
        self.people: Known = {}
        self._snapshot: dict[int, RosterReplaced] = {}

    def take(self, events: Iterable[AnyEvent]) -> None:
        """Take events in their order."""
        for event in events:
            match event:
                case RosterReplaced():
                    self._take_part(event)
                case ParticipantChanged():
                    known = self.people.setdefault(_key(event.person), {})
                    known.update(_said(event.person))
                case ParticipantGone():
                    self.people.pop(_key(event.person), None)
                case _:
                    raise AssertionError("no event of a roster")

    def _take_part(self, event: RosterReplaced) -> None:
        if any(part.snapshot_id != event.snapshot_id for part in self._snapshot.values()):
            self._snapshot = {}
        self._snapshot[event.part] = event
        if len(self._snapshot) == event.parts:
            everyone = [person for _, part in sorted(self._snapshot.items()) for person in part.people]
            self.people = {_key(person): _said(person) for person in everyone}


def _key(person: Person) -> str:
    return person.participant_id or person.call_number or ""


def _said(person: Person) -> dict[str, Any]:
    return {name: value for name, value in msgspec.structs.asdict(person).items() if value is not None}
