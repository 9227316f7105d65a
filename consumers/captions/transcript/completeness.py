"""What is missing of one occurrence's captions, as far as the rest of its evidence shows. Pure.

It says what does not go together: captions ran and none came, somebody was loud and has no caption, a text that was
never final, a span that was not seen. It makes no claim about what the service heard and never sent.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Literal, NamedTuple

import msgspec

from schemas.archive.cues import Cue
from schemas.archive.manifest import Unseen
from schemas.events import MeetingDescribed, MeetingStateChanged
from schemas.events.lifecycle import Instant

from ..evidence.told import Told
from .extent import extent
from .instants import SECOND, instant, milliseconds
from .loud import loud
from .names import Names
from .shapes import Occurrence, Transcript
from .spans import Span, between, merged, within

Kind = Literal[
    "not_running",  # captions were wanted, but were off all the time as far as the service told
    "none_came",  # captions ran, and not one came
    "unseen",  # a span in which not everything was seen; `reason` says why
    "unseen_while_off",  # the same, but captions were off before and after: none was missed, as far as can be known
    "unfinished",  # cues whose final text never came; `cues` says which
    "loud_without_caption",  # somebody was among the two loudest for long while captions ran, and has no caption
]

# A caption comes some seconds after what is said, and its times may be off by as much.
_LATE: Final = 10 * SECOND


class _State(NamedTuple):
    received_ms: int
    offset: int
    on: bool


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is missing, or may be."""

    kind: Kind
    since: Instant | None = None
    """Null: from the start."""
    until: Instant | None = None
    """Null: to the end."""
    reason: str | None = None
    push_type: str | None = None
    missed: int | None = None
    participant_id: str | None = None
    speaker: str | None = None
    cues: list[int] = []

    def __repr__(self) -> str:
        """Show no one's name."""
        return f"<Finding {self.kind}>"


class Completeness(msgspec.Struct, frozen=True, kw_only=True):
    """Of one occurrence."""

    occurrence: str
    enterprise: str
    meeting_id: str
    started_at: Instant | None
    ended_at: Instant | None
    wanted: bool | None
    """Whether captions were wanted, as whoever asks says; null: not known."""
    supported: bool | None
    """Whether the meeting could have captions, as the service describes it; null: not told."""
    ran: bool | None
    """Whether captions ran at any time, as the service told, or as their coming shows; null: not known."""
    captions: int
    cues: int
    findings: list[Finding]

    @property
    def missing(self) -> list[Finding]:
        """Return the findings that tell of captions that are missing, or may be; empty: none, as far as can be known.

        A meeting can be listened to only once it is on, so that its first seconds are hardly ever seen.
        """
        return [one for one in self.findings if one.kind != "unseen_while_off"]


def completeness(
    transcript: Transcript, occurrence: Occurrence, *, wanted: bool | None = None, loud_s: float = 30.0, volume: int = 1
) -> Completeness:
    """Return what is missing.

    `loud_s`: so long, in seconds, somebody has to be loud without a caption; `volume`: what the service calls a
    speaker's volume has to be so much, where it says one.
    """
    states = _states(occurrence.told)
    running = _running(transcript, occurrence, states)
    ran = None if running is None else bool(transcript.cues or running)
    findings = [
        *_none(transcript, ran=ran, wanted=wanted),
        *(_unseen(span, states) for span in transcript.unseen),
        *_unfinished(transcript.cues),
        *_loud(transcript, occurrence, running or [], round(loud_s * SECOND), volume),
    ]
    return Completeness(
        occurrence=occurrence.id,
        enterprise=occurrence.enterprise,
        meeting_id=occurrence.meeting_id,
        started_at=occurrence.started_at,
        ended_at=occurrence.ended_at,
        wanted=wanted,
        supported=_supported(occurrence.told),
        ran=ran,
        captions=transcript.captions,
        cues=len(transcript.cues),
        findings=findings,
    )


def _supported(told: Sequence[Told]) -> bool | None:
    said = [one.event.captions_supported for one in told if isinstance(one.event, MeetingDescribed)]
    known = [one for one in said if one is not None]
    return any(known) if known else None


def _states(told: Sequence[Told]) -> list[_State]:
    found = [
        _State(one.time_ms, one.offset, one.event.captions_on)
        for one in told
        if isinstance(one.event, MeetingStateChanged) and one.event.captions_on is not None
    ]
    return sorted(found)


def _running(transcript: Transcript, occurrence: Occurrence, states: Sequence[_State]) -> list[Span] | None:
    """Return when captions ran: as the service told, else from the first cue to the last; None where neither says."""
    if not states:
        spans = _spoken(transcript, transcript.cues)
        return [(spans[0][0], max(until for _, until in spans))] if spans else None
    ends = [*(one.received_ms for one in states[1:]), extent(occurrence)[1]]
    return merged((one.received_ms, max(one.received_ms, end)) for one, end in zip(states, ends, strict=True) if one.on)


def _none(transcript: Transcript, *, ran: bool | None, wanted: bool | None) -> Iterator[Finding]:
    if ran and not transcript.captions:
        yield Finding(kind="none_came")
    if wanted and not ran:
        yield Finding(kind="not_running")


def _unseen(span: Unseen, states: Sequence[_State]) -> Finding:
    return Finding(
        kind="unseen_while_off" if _was_off(span, states) else "unseen",
        since=span.since,
        until=span.until,
        reason=span.reason,
        push_type=span.push_type,
        missed=span.missed,
    )


def _was_off(span: Unseen, states: Sequence[_State]) -> bool:
    """Return whether captions were off before and after. A meeting begins without them."""
    if span.until is None:
        return False
    before = [one.on for one in states if span.since is not None and one.received_ms <= milliseconds(span.since)]
    after = [one.on for one in states if one.received_ms >= milliseconds(span.until)]
    return after[:1] == [False] and (before[-1:] == [False] or span.since is None)


def _unfinished(cues: Sequence[Cue]) -> Iterator[Finding]:
    numbers = [cue.cue for cue in cues if not cue.final]
    if numbers:
        yield Finding(kind="unfinished", cues=numbers)


def _loud(
    transcript: Transcript, occurrence: Occurrence, running: Sequence[Span], loud_ms: int, volume: int
) -> Iterator[Finding]:
    """Yield who was loud for long while captions ran and all was seen, and has no caption for it."""
    whole = extent(occurrence)
    names = Names(occurrence.told)
    blind = merged(_blind(transcript.unseen, whole))
    cues: dict[str | None, list[Cue]] = defaultdict(list)
    for cue in transcript.cues:
        cues[cue.participant_id].append(cue)
    for who, spans in loud(occurrence.told, whole, volume).items():
        known = merged([*blind, *_around(_spoken(transcript, cues[who]))])
        for span in (part for each in running for part in within(spans, each)):
            for since, until in between(known, span):
                if until - since > loud_ms:
                    yield Finding(
                        kind="loud_without_caption",
                        since=instant(since),
                        until=instant(until),
                        participant_id=who,
                        speaker=names.of(who, since).name,
                    )


def _blind(unseen: Iterable[Unseen], whole: Span) -> Iterator[Span]:
    """Yield the spans in which a caption could have been missed."""
    for one in unseen:
        if one.push_type is None:
            since = whole[0] if one.since is None else milliseconds(one.since)
            yield since, max(since, whole[1] if one.until is None else milliseconds(one.until))


def _spoken(transcript: Transcript, cues: Iterable[Cue]) -> list[Span]:
    origin_ms = milliseconds(transcript.origin)
    return [(origin_ms + cue.begin_ms, origin_ms + cue.end_ms) for cue in cues]


def _around(spans: Iterable[Span]) -> Iterator[Span]:
    return ((since - _LATE, until + _LATE) for since, until in spans)
