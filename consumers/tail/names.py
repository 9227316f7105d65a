"""Remember who is behind an id: frames of captions and quality tell of people by their ids alone."""

from typing import Final

from schemas.events import (
    ActiveSpeakersChanged,
    AnyEvent,
    ParticipantChanged,
    ParticipantJoined,
    ParticipantLeft,
    QualitySampled,
    RosterReplaced,
)

# A whole webinar, and some meetings beside it; the longest unseen go first.
MOST: Final = 50_000


class Names:
    """The names that went by, by meeting and id. Bounded: those that came first are forgotten first."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._names: dict[tuple[str, str], str] = {}

    def see(self, event: AnyEvent) -> None:
        """Take note of the names in `event`."""
        match event:
            case RosterReplaced(meeting_id=meeting_id, people=people):
                for person in people:
                    self._note(meeting_id, person.participant_id, person.name)
            case ParticipantChanged(meeting_id=meeting_id, person=person):
                self._note(meeting_id, person.participant_id, person.name)
            case ActiveSpeakersChanged(meeting_id=meeting_id, speakers=speakers):
                for speaker in speakers:
                    self._note(meeting_id, speaker.participant_id, speaker.name)
            case QualitySampled(meeting_id=meeting_id, participant_id=who, surroundings=place) if place is not None:
                self._note(meeting_id, who, place.name)
            case (
                ParticipantJoined(meeting_id=meeting_id, participant=person)
                | ParticipantLeft(meeting_id=meeting_id, participant=person)
            ):
                self._note(meeting_id, person.participant_id, person.display_name)
            case _:
                pass

    def of(self, meeting_id: str, participant_id: str | None) -> str | None:
        """Return the name, or None where it did not go by."""
        return None if participant_id is None else self._names.get((meeting_id, participant_id))

    def _note(self, meeting_id: str, participant_id: str | None, name: str | None) -> None:
        if not participant_id or not name:
            return
        key = (meeting_id, participant_id)
        # Said again is young again.
        self._names.pop(key, None)
        self._names[key] = name
        if len(self._names) > self._most:
            del self._names[next(iter(self._names))]
