"""Say which lines of an occurrence an erasure takes. Pure.

A receiver's sign of life is never among them: it is of no meeting and of no person. A roster, or who speaks, names
several people at once; a request of one of them leaves it, or nobody else's words would have a name any more.
"""

from collections.abc import Callable, Iterable, Sequence

from schemas.archive.cues import Cue
from schemas.archive.manifest import Stretch
from schemas.archive.tombstones import ErasedStretch
from schemas.events.captions import CaptionSpoken
from schemas.events.lifecycle import ParticipantJoined, ParticipantLeft
from schemas.events.participants import ParticipantChanged, ParticipantGone

from ..errors import Missing
from ..evidence.index import Index
from ..evidence.told import Told

Wanted = Callable[[Told], bool]


def of_cues(numbers: Iterable[int], cues: Sequence[Cue]) -> Wanted:
    """Return what takes every frame behind these cues. Raises Missing for a number that none has."""
    by_number = {cue.cue: cue for cue in cues}
    chosen = set[str]()
    for number in numbers:
        if number not in by_number:
            raise Missing(f"cue {number}")
        chosen.update(by_number[number].event_ids)
    return lambda told: told.event_id in chosen


def of_participant(participant: str) -> Wanted:
    """Return what takes everything that is of this one person: what they said, how they came and went."""
    return lambda told: _person(told) == participant


def lines_of(stretch: Stretch, index: Index) -> list[int]:
    """Return the occurrence's own lines in a segment, ascending, without the signs of life."""
    alive = {line for first, count in index.alive for line in range(first, first + count)}
    return [line for first, count in stretch.lines for line in range(first, first + count) if line not in alive]


def listed(segment: str, lines: Sequence[int], leaves: Sequence[bytes]) -> ErasedStretch:
    """Return how a tombstone names lines of a segment; `leaves` are those of all its lines."""
    return ErasedStretch(segment=segment, lines=list(lines), leaves=[leaves[line].hex() for line in lines])


def _person(told: Told) -> str | None:
    match told.event:
        case CaptionSpoken(participant_id=participant):
            return participant
        case ParticipantChanged(person=person) | ParticipantGone(person=person):
            return person.participant_id
        case ParticipantJoined(participant=participant) | ParticipantLeft(participant=participant):
            return participant.participant_id
        case _:
            return None
