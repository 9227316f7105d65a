"""One sentence while its frames come in: interim texts, a final one, corrections. Pure."""

from itertools import takewhile
from typing import Final

from schemas.archive.cues import CueText, CueVersion

from .doubts import Doubt
from .frame import Frame, Span
from .instants import SECOND, instant

# Without times of the service's, frames of one sentence follow each other so soon.
_SOON: Final = 30 * SECOND
# Frames that share an ID are of one sentence, though they leave so much out.
_PAUSE: Final = 10 * SECOND


class Sentence:
    """What one speaker said in one go. A final text takes the place of interim ones; of a final one a trace is left."""

    __slots__ = (
        "_event_id",
        "_finals",
        "_of_frame",
        "event_ids",
        "first",
        "is_final",
        "last_ms",
        "oddities",
        "origin_ms",
        "span",
        "speaker",
        "spoken_ms",
        "texts",
        "versions",
    )

    def __init__(self, first: Frame) -> None:
        self.speaker = first.speaker
        self.texts: dict[str, str] = {}
        self.versions: list[CueVersion] = []
        self.event_ids: list[str] = []
        self.oddities: set[Doubt] = set()
        """What stays odd, whatever comes."""
        self._of_frame: tuple[Doubt, ...] = ()
        self.span: Span | None = None
        self.first = first
        self.spoken_ms = self.last_ms = first.at_ms
        self.origin_ms: int | None = None
        """From when the service counted, by the first frame that gave times: a correction comes any time later."""
        self._finals: set[str] = set()
        self._event_id = first.told.event_id
        self.is_final = False

    def take(self, frame: Frame) -> None:
        """Go on with what a frame says."""
        self.event_ids.append(frame.told.event_id)
        self.last_ms = frame.at_ms
        if not frame.is_final and self.is_final:
            self.oddities.add("final_before_interim")
            self.texts = {**frame.texts, **self.texts}
            return
        if self._finals or not all(frame.texts.values()):
            self._keep_version(frame)
        # The rest is in line: this is done for every frame, and calls would be a third of it.
        self.texts |= frame.texts
        self._event_id, self.spoken_ms, self.span = frame.told.event_id, frame.spoken_ms, frame.span
        self._of_frame = frame.doubts
        if self.origin_ms is None and frame.span is not None:
            self.origin_ms = frame.spoken_ms - frame.span[1]
        if frame.is_final:
            self.is_final = True
            self._finals |= frame.texts.keys() or self.texts.keys()

    def note(self, frame: Frame) -> None:
        """Count a frame as evidence, without taking what it says. Frames come in order."""
        self.event_ids.append(frame.told.event_id)
        self.last_ms = frame.at_ms

    def _keep_version(self, frame: Frame) -> None:
        """Keep what stood there where a frame changes a final text, or leaves nothing of an interim one."""
        if any(map(self._is_corrected, frame.texts.items())):
            self.versions.append(CueVersion(texts=self.written(), event_id=self._event_id, at=instant(self.spoken_ms)))

    def _is_corrected(self, text: tuple[str, str]) -> bool:
        language, said = text
        stood = self.texts.get(language)
        return bool(stood) and stood != said and (language in self._finals or not said)

    def written(self) -> list[CueText]:
        """Return the texts by language."""
        return [CueText(language=language, text=text) for language, text in sorted(self.texts.items())]

    def doubts(self) -> list[Doubt]:
        """Return what is odd about it, now that all frames are there."""
        doubts: list[Doubt] = [*self.oddities, *self._of_frame]
        if self.is_final and len(self._finals) < len(self.texts):
            doubts.append("language_not_final")
        if not any(self.texts.values()):
            doubts.append("without_text")
        return doubts

    def is_named_by(self, frame: Frame) -> bool:
        """Return whether a frame that bears an ID of this sentence, of the same speaker, can be of this sentence."""
        if self.span is None or frame.span is None:
            return (self.is_final and frame.texts == self.texts) or self._is_soon(frame, 2 * _SOON)
        return _overlap(self.span, frame.span, 0) or (
            not self.is_final and _overlap(self.span, frame.span, _PAUSE) and self._is_alike(frame)
        )

    def goes_on_with(self, frame: Frame) -> bool:
        """Return whether a frame of the same speaker, without an ID that tells, is of this sentence."""
        if self.is_final and frame.is_final:
            return False
        if self.span is not None and frame.span is not None:
            return _overlap(self.span, frame.span, 0)
        return not self.is_final and self._is_soon(frame, _SOON)

    def _is_soon(self, frame: Frame, soon_ms: int) -> bool:
        return frame.at_ms - self.last_ms <= soon_ms and self._is_alike(frame)

    def is_translated_by(self, frame: Frame) -> bool:
        """Return whether a frame of the same speaker has the same words in other languages."""
        return frame.span is not None and frame.span == self.span and not frame.texts.keys() & self.texts.keys()

    def _is_alike(self, frame: Frame) -> bool:
        """Return whether the texts are alike in some language: interim texts grow, and are corrected at their end.

        Final ones are corrected anywhere, and neither is lost.
        """
        ends = 2 if self.is_final and frame.is_final else 1
        return any(_alike(self.texts[one], frame.texts[one], ends) for one in self.texts.keys() & frame.texts.keys())


def _overlap(one: Span, other: Span, pause_ms: int) -> bool:
    return one[0] == other[0] or (one[0] < other[1] + pause_ms and other[0] < one[1] + pause_ms)


def _alike(one: str, other: str, ends: int) -> bool:
    """Return whether half of the shorter text is the same, from its begin, or from both ends."""
    same = _same(one, other)
    if ends > 1:
        same += _same(one[same:][::-1], other[same:][::-1])
    return 2 * same >= min(len(one), len(other))


def _same(one: str, other: str) -> int:
    """Return with how many characters both texts begin."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
