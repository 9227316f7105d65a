"""One frame of captions, with what of its figures can be believed. Pure."""

from collections.abc import Sequence
from typing import Final

import msgspec

from schemas.events import CaptionLine, CaptionSpoken

from ..evidence.told import Told
from .doubts import Doubt
from .instants import MINUTE, believed_ms
from .spelling import is_spellable, spellable

UNDETERMINED: Final = "und"
"""ISO 639's word for a language that is not known."""

# Nobody's sentence is longer.
_LONGEST: Final = 10 * MINUTE

Span = tuple[int, int]
"""Begin and end, in the service's own count."""


class Frame(msgspec.Struct, frozen=True, gc=False):
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

    content: tuple[object, ...]
    """What two frames of the same words, sent to two receivers, have in common."""

    def __repr__(self) -> str:
        """Show no one's words."""
        return f"<Frame {self.told.event_id}>"


def frame(told: Told, event: CaptionSpoken, *, is_fit: bool) -> Frame:
    """Return what a record of the captions topic says. `is_fit`: all of its texts can be written down as they are."""
    span, doubt = _span(event.begin_ms, event.end_ms)
    at_ms = believed_ms(event.occurred_at, told)
    spoken_ms = at_ms if event.spoken_at is None else believed_ms(event.spoken_at, told)
    texts, is_final = _texts(event.lines, is_fit=is_fit), event.final is not False
    return Frame(
        told,
        at_ms,
        spoken_ms,
        event.participant_id,
        texts,
        _ids(event.lines),
        is_final,
        span,
        doubt if event.final is not None else (*doubt, "final_unsaid"),
        (event.participant_id, spoken_ms, span, is_final, *texts, *texts.values()),
    )


def in_order(told: Sequence[Told]) -> list[Frame]:
    """Return the frames among the records, in the order in which they happened; what came twice, once."""
    spoken = [(one, one.event) for one in told if type(one.event) is CaptionSpoken]
    # Twenty thousand frames a meeting, and hardly a meeting with one that is odd: so they are asked all at once.
    lines = [line for _, event in spoken for line in event.lines]
    is_fit = is_spellable("".join([line.text for line in lines]) + "".join({line.language or "" for line in lines}))
    frames: dict[str, Frame] = {}
    for one, event in spoken:
        if one.event_id not in frames:
            frames[one.event_id] = frame(one, event, is_fit=is_fit)
    return sorted(frames.values(), key=lambda one: (one.at_ms, one.told.offset))


def _texts(lines: Sequence[CaptionLine], *, is_fit: bool) -> dict[str, str]:
    texts = {line.language or UNDETERMINED: line.text for line in lines}
    if is_fit and len(texts) == len(lines):
        return texts
    joined: dict[str, str] = {}
    for line in lines:
        language, text = spellable(line.language or UNDETERMINED), spellable(line.text)
        joined[language] = f"{joined[language]}\n{text}" if language in joined else text
    return joined


def _ids(lines: Sequence[CaptionLine]) -> tuple[str, ...]:
    first = lines[0].line_id if lines else None
    for line in lines:
        if line.line_id != first:
            return tuple({line.line_id: None for line in lines if line.line_id})
    # As a rule: a text in several languages has one.
    return (first,) if first else ()


def _span(begin: int | None, end: int | None) -> tuple[Span | None, tuple[Doubt, ...]]:
    if begin is None or end is None:
        return None, ("times_missing",)
    if begin < 0 or end < 0:
        return None, ("times_negative",)
    if begin > end:
        return None, ("times_reversed",)
    if end - begin > _LONGEST:
        return None, ("times_apart",)
    return (begin, end), (("times_equal",) if begin == end else ())
