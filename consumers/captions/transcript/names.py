"""Who is behind a participant ID, at a time. Pure."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import Any, Final, NamedTuple

from schemas.events import (
    ActiveSpeakersChanged,
    ParticipantChanged,
    ParticipantGone,
    ParticipantJoined,
    ParticipantLeft,
    RosterReplaced,
)

from ..evidence.told import Told
from .instants import happened_ms
from .spelling import spellable

_Named = Iterable[tuple[str | None, str | None]]
"""IDs and names, as they are told."""


def _of_a_person(event: ParticipantChanged | ParticipantGone) -> _Named:
    return [(event.person.participant_id, event.person.name)]


def _of_a_participant(event: ParticipantJoined | ParticipantLeft) -> _Named:
    return [(event.participant.participant_id, event.participant.display_name)]


def _of_a_roster(event: RosterReplaced) -> _Named:
    return ((person.participant_id, person.name) for person in event.people)


def _of_speakers(event: ActiveSpeakersChanged) -> _Named:
    return ((speaker.participant_id, speaker.name) for speaker in event.speakers)


_TOLD_BY: Final[dict[type, Callable[[Any], _Named]]] = {
    RosterReplaced: _of_a_roster,
    ParticipantChanged: _of_a_person,
    ParticipantGone: _of_a_person,
    ActiveSpeakersChanged: _of_speakers,
    ParticipantJoined: _of_a_participant,
    ParticipantLeft: _of_a_participant,
}


class Name(NamedTuple):
    """A name as it stood."""

    name: str | None
    is_from_later: bool


class Names:
    """The names that the records of an occurrence tell."""

    def __init__(self, told: Sequence[Told]) -> None:
        said: dict[str, list[tuple[int, str, int, str]]] = defaultdict(list)
        for one in told:
            tell = _TOLD_BY.get(type(one.event))
            for who, name in tell(one.event) if tell is not None else ():
                if who and name:
                    said[who].append((happened_ms(one), one.topic, one.offset, spellable(name)))
        self._said = {who: _changes(sorted(names)) for who, names in said.items()}

    def __len__(self) -> int:
        """Return of how many people a name was told."""
        return len(self._said)

    def of(self, who: str | None, at_ms: int) -> Name:
        """Return the last name told until then; else the first one told after."""
        said = self._said.get(who or "")
        if said is None:
            return Name(None, is_from_later=False)
        place = bisect_right(said, at_ms, key=lambda one: one[0])
        return Name(said[max(place - 1, 0)][1], is_from_later=place == 0)


def _changes(said: Sequence[tuple[int, str, int, str]]) -> list[tuple[int, str]]:
    # Who speaks is told many times a minute.
    return [(same[0], name) for name, group in groupby(said, key=lambda one: one[3]) for same in [next(group)]]
