"""The transcript of one occurrence. Pure."""

from collections.abc import Sequence
from math import inf

from schemas.archive.cues import Cue
from schemas.events import MeetingDescribed

from ..evidence.told import Told
from .fold import folded
from .frame import in_order
from .instants import happened_ms, instant, milliseconds
from .names import Names
from .shapes import Heading, Occurrence, Transcript
from .spelling import spellable
from .timing import Timed, timed
from .unseen import unseen


def transcribe(occurrence: Occurrence) -> Transcript:
    """Return what was said in it."""
    frames = in_order(occurrence.told)
    sentences = timed(folded(frames))
    origin_ms = _origin(occurrence, sentences)
    names = Names(occurrence.told)
    made = _Cues(occurrence, origin_ms, names)
    cues = [made.cue(number, one) for number, one in enumerate(sentences, start=1)]
    return Transcript(
        origin=instant(origin_ms),
        cues=cues,
        unseen=unseen(occurrence),
        languages=sorted({text.language for cue in cues for text in cue.texts}),
        captions=len(frames),
        unfinished=sum(not cue.final for cue in cues),
        heading=_heading(occurrence.told, names),
    )


def _origin(occurrence: Occurrence, sentences: Sequence[Timed]) -> int:
    known = [begin_ms for begin_ms, *_ in sentences[:1]]
    if occurrence.started_at is not None:
        known.append(milliseconds(occurrence.started_at))
    return min(known or map(happened_ms, occurrence.told))


class _Cues:
    """Makes cues of sentences."""

    def __init__(self, occurrence: Occurrence, origin_ms: int, names: Names) -> None:
        self._origin_ms = origin_ms
        self._names = names
        started_at, ended_at = occurrence.started_at, occurrence.ended_at
        # Where one is not known, nothing is before or after it.
        self._started_ms = -inf if started_at is None else milliseconds(started_at)
        self._ended_ms = inf if ended_at is None else milliseconds(ended_at)

    def cue(self, number: int, one: Timed) -> Cue:
        begin_ms, end_ms, sentence, doubts = one
        name = self._names.of(sentence.speaker, sentence.spoken_ms)
        odd = [*sentence.doubts(), *doubts]
        if name.is_from_later:
            odd.append("name_from_later")
        if end_ms <= self._started_ms:
            odd.append("before_start")
        if begin_ms >= self._ended_ms:
            odd.append("after_end")
        return Cue(
            cue=number,
            participant_id=None if sentence.speaker is None else spellable(sentence.speaker),
            speaker=name.name,
            begin_ms=begin_ms - self._origin_ms,
            end_ms=end_ms - self._origin_ms,
            spoken_at=instant(sentence.spoken_ms),
            final=sentence.is_final,
            texts=sentence.written(),
            versions=sentence.versions,
            event_ids=sentence.event_ids,
            doubt=sorted(odd),
        )


def _heading(told: Sequence[Told], names: Names) -> Heading:
    described = sorted(
        ((happened_ms(one), one.offset, one.event) for one in told if isinstance(one.event, MeetingDescribed)),
        key=lambda each: each[:2],
    )
    events = [event for _, _, event in reversed(described)]
    return Heading(
        subject=next((spellable(event.subject) for event in events if event.subject), None),
        owner_name=next((spellable(event.owner_name) for event in events if event.owner_name), None),
        scheduled_at=next((event.scheduled_at for event in events if event.scheduled_at), None),
        people=len(names),
    )
