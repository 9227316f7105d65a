"""One frame of captions, with what of its figures can be believed. Pure."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from schemas.events import CaptionSpoken

from ..evidence.told import Told
from .doubts import Doubt
from .instants import MINUTE, believed_ms, happened_ms
from .spelling import spellable

UNDETERMINED: Final = "und"
"""ISO 639's word for a language that is not known."""

# Nobody's sentence is longer.
_LONGEST: Final = 10 * MINUTE

Span = tuple[int, int]
"""Begin and end, in the service's own count."""


class Frame(NamedTuple):
    """What one frame says."""

    told: Told
    at_ms: int
    """When it happened; frames are in this order."""
    spoken_ms: int
    speaker: str | None
    texts: dict[str, str]
    """By language."""
    ids: tuple[str, ...]
    is_final: bool
    span: Span | None
    """None where it cannot be."""
    doubts: tuple[Doubt, ...]

    @property
    def content(self) -> tuple[object, ...]:
        """Return what two frames of the same words, sent to two receivers, have in common."""
        return self.speaker, tuple(sorted(self.texts.items())), self.is_final, self.span, self.spoken_ms


def frame(told: Told, event: CaptionSpoken) -> Frame:
    """Return what a record of the captions topic says."""
    span, doubt = _span(event)
    unsaid: tuple[Doubt, ...] = () if event.final is not None else ("final_unsaid",)
    return Frame(
        told,
        happened_ms(told),
        believed_ms(event.spoken_at or event.occurred_at, told),
        event.participant_id,
        _texts(event),
        tuple(dict.fromkeys(line.line_id for line in event.lines if line.line_id)),
        event.final is not False,
        span,
        (*doubt, *unsaid),
    )


def in_order(told: Sequence[Told]) -> list[Frame]:
    """Return the frames among the records, in the order in which they happened; what came twice, once."""
    first: dict[str, Frame] = {}
    for one in told:
        if isinstance(one.event, CaptionSpoken):
            first.setdefault(one.event_id, frame(one, one.event))
    return sorted(first.values(), key=lambda one: (one.at_ms, one.told.offset))


def _texts(event: CaptionSpoken) -> dict[str, str]:
    texts: dict[str, str] = {}
    for line in event.lines:
        language, text = spellable(line.language or UNDETERMINED), spellable(line.text)
        texts[language] = f"{texts[language]}\n{text}" if language in texts else text
    return texts


def _span(event: CaptionSpoken) -> tuple[Span | None, tuple[Doubt, ...]]:
    begin, end = event.begin_ms, event.end_ms
    if begin is None or end is None:
        return None, ("times_missing",)
    if begin < 0 or end < 0:
        return None, ("times_negative",)
    if begin > end:
        return None, ("times_reversed",)
    if end - begin > _LONGEST:
        return None, ("times_apart",)
    return (begin, end), (("times_equal",) if begin == end else ())
