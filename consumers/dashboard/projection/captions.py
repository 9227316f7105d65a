"""What is said in a meeting, as meeting.captions.v1 tells it: the last sentences, each as far as it is spoken. Pure.

Whether an interim text and its final one share an ID is not documented: where they do they are one sentence; else what
a speaker says goes on with his unfinished sentence for half a minute.
"""

from collections import deque
from datetime import datetime, timedelta
from typing import Final

import msgspec

from schemas.api.meetings import Caption, CaptionText
from schemas.events import CaptionSpoken

from .gate import Gate, Says

MOST: Final = 200
_GOES_ON: Final = timedelta(seconds=30)
# How many sentences back a correction is looked for.
_BACK: Final = 20


class Sentence(msgspec.Struct, gc=False):
    """One sentence of one speaker."""

    id: str
    """The event's that began it."""
    last_id: str
    """The last event's: of the same event twice the second says nothing."""
    at: datetime
    last_at: datetime
    participant_id: str | None
    line_ids: tuple[str, ...]
    final: bool
    texts: tuple[tuple[str | None, str], ...]

    def __repr__(self) -> str:
        """Show no one's words."""
        return f"<Sentence {self.id}>"


class Captions:
    """The last sentences of one meeting, the oldest first."""

    __slots__ = ("gate", "sentences")

    def __init__(self) -> None:
        self.gate = Gate()
        self.sentences: deque[Sentence] = deque()

    def take(self, event: CaptionSpoken, event_id: str, epoch: int | None, most: int = MOST) -> Sentence | None:
        """Count one frame in; return the sentence that it is of. `most` are kept."""
        says = self.gate.admit(event, epoch)
        if says is Says.NOTHING or not event.lines:
            return None
        if says is Says.ANEW:
            self.sentences.clear()
        if any(one.last_id == event_id for one in self._latest()):
            return None
        spoken = self._going_on(event)
        if spoken is None:
            spoken = _begun(event, event_id)
            self.sentences.append(spoken)
            while len(self.sentences) > most:
                self.sentences.popleft()
        _say(spoken, event)
        spoken.last_id = event_id
        return spoken

    def _latest(self) -> list[Sentence]:
        return [self.sentences[-back] for back in range(1, min(_BACK, len(self.sentences)) + 1)]

    def _going_on(self, event: CaptionSpoken) -> Sentence | None:
        """Return the sentence that a frame goes on with."""
        ids = {line.line_id for line in event.lines if line.line_id is not None}
        theirs = [one for one in self._latest() if one.participant_id == event.participant_id]
        for one in theirs:
            if ids.intersection(one.line_ids):
                return one
        last = theirs[0] if theirs else None
        if last is None or last.final or event.occurred_at - last.last_at > _GOES_ON:
            return None
        # Both have IDs and share none: they are two.
        return None if ids and last.line_ids else last


def _begun(event: CaptionSpoken, event_id: str) -> Sentence:
    at = event.spoken_at or event.occurred_at
    return Sentence(event_id, event_id, at, event.occurred_at, event.participant_id, (), False, ())


def _say(spoken: Sentence, event: CaptionSpoken) -> None:
    is_final = event.final is not False
    spoken.last_at = max(spoken.last_at, event.occurred_at)
    ids = [line.line_id for line in event.lines if line.line_id is not None]
    spoken.line_ids = tuple(dict.fromkeys((*spoken.line_ids, *ids)))
    if spoken.final and not is_final:
        return
    said = dict(spoken.texts)
    said.update((line.language, line.text) for line in event.lines)
    spoken.texts = tuple(said.items())
    spoken.final = is_final


def shown(spoken: Sentence, names: dict[str, str | None]) -> Caption:
    """Return it as the API shows it."""
    return Caption(
        id=spoken.id,
        at=spoken.at,
        participant_id=spoken.participant_id,
        name=names.get(spoken.participant_id or ""),
        final=spoken.final,
        texts=[CaptionText(language=language, text=text) for language, text in spoken.texts],
    )
