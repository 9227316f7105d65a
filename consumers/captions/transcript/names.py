"""Who is behind a participant ID, at a time. Pure."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

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


class Name(NamedTuple):
    """A name as it stood."""

    name: str | None
    is_from_later: bool


class Names:
    """The names that the records of an occurrence tell."""

    def __init__(self, told: Sequence[Told]) -> None:
        said: dict[str, list[tuple[int, str, int, str]]] = defaultdict(list)
        for one in told:
            for who, name in _named(one):
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


def _named(told: Told) -> Iterator[tuple[str | None, str | None]]:
    match told.event:
        case RosterReplaced(people=people):
            yield from ((person.participant_id, person.name) for person in people)
        case ParticipantChanged(person=person) | ParticipantGone(person=person):
            yield person.participant_id, person.name
        case ActiveSpeakersChanged(speakers=speakers):
            yield from ((speaker.participant_id, speaker.name) for speaker in speakers)
        case ParticipantJoined(participant=participant) | ParticipantLeft(participant=participant):
            yield participant.participant_id, participant.display_name
        case _:
            pass
