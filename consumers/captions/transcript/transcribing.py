"""The transcript of one occurrence. Pure."""

from collections.abc import Sequence

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
    cues = [_cue(number, one, occurrence, origin_ms, names) for number, one in enumerate(sentences, start=1)]
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


def _cue(number: int, one: Timed, occurrence: Occurrence, origin_ms: int, names: Names) -> Cue:
    begin_ms, end_ms, sentence, doubts = one
    name = names.of(sentence.speaker, sentence.spoken_ms)
    odd = sentence.doubts() | set(doubts)
    if name.is_from_later:
        odd.add("name_from_later")
    if occurrence.started_at is not None and end_ms <= milliseconds(occurrence.started_at):
        odd.add("before_start")
    if occurrence.ended_at is not None and begin_ms >= milliseconds(occurrence.ended_at):
        odd.add("after_end")
    return Cue(
        cue=number,
        participant_id=None if sentence.speaker is None else spellable(sentence.speaker),
        speaker=name.name,
        begin_ms=begin_ms - origin_ms,
        end_ms=end_ms - origin_ms,
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
