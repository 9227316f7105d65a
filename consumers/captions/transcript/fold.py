"""Frames into sentences. Pure.

Whether interim texts and their final one share a line ID is not documented (meeting-push.md, 5.8). So it is seen from
the frames: where an ID comes back with another text, IDs are of sentences and decide; where none does, speaker and
time decide. In doubt there are two cues rather than one: what is set apart is not lost, what is merged could be.
"""

from collections.abc import Sequence

from .frame import Frame
from .sentence import Sentence


def folded(frames: Sequence[Frame]) -> list[Sentence]:
    """Return the sentences of frames that are in order, each frame in exactly one of them."""
    fold = _Fold(ids_tell=_ids_tell(frames))
    for frame in frames:
        fold.take(frame)
    return fold.sentences


def _ids_tell(frames: Sequence[Frame]) -> bool:
    """Return whether some ID comes back with something else: then IDs are of sentences, not of frames."""
    said: dict[str, Frame] = {}
    for frame in frames:
        for line_id in frame.ids:
            other = said.setdefault(line_id, frame)
            if other.texts != frame.texts or other.is_final != frame.is_final:
                return True
    return False


class _Fold:
    def __init__(self, *, ids_tell: bool) -> None:
        self.sentences: list[Sentence] = []
        self._ids_tell = ids_tell
        self._by_id: dict[tuple[str | None, str], Sentence] = {}
        self._speakers: dict[str, str | None] = {}
        self._last: dict[str | None, Sentence] = {}
        self._by_content: dict[tuple[object, ...], Sentence] = {}
        self._epochs: dict[tuple[object, ...], set[int | None]] = {}

    def take(self, frame: Frame) -> None:
        """Count a frame to its sentence, or begin another with it."""
        copied = self._by_content.get(frame.content)
        if copied is not None and self._is_copy(frame):
            copied.note(frame)
            return
        home = self._home(frame) or self._begin(frame)
        home.take(frame)
        self._by_content[frame.content] = home
        if frame.span is None:
            self._epochs[frame.content] = {frame.told.epoch}
        for line_id in frame.ids:
            self._by_id[frame.speaker, line_id] = home
            self._speakers[line_id] = frame.speaker

    def _is_copy(self, frame: Frame) -> bool:
        """Return whether a frame of known content is the same: two owners were subscribed, or it was sent again.

        Without times, what comes twice in one epoch was said twice.
        """
        if frame.span is not None:
            return True
        epochs = self._epochs[frame.content]
        if frame.told.epoch in epochs:
            return False
        epochs.add(frame.told.epoch)
        return True

    def _home(self, frame: Frame) -> Sentence | None:
        for line_id in frame.ids:
            named = self._by_id.get((frame.speaker, line_id))
            if named is not None and named.is_named_by(frame):
                return named
        last = self._last.get(frame.speaker)
        if last is None:
            return None
        if last.is_translated_by(frame):
            return last
        is_told_apart = self._ids_tell and bool(frame.ids)
        return last if not is_told_apart and last.goes_on_with(frame) else None

    def _begin(self, frame: Frame) -> Sentence:
        sentence = Sentence(frame)
        if any((frame.speaker, line_id) in self._by_id for line_id in frame.ids):
            sentence.oddities.add("same_id_other_text")
        if any(self._speakers.get(line_id, frame.speaker) != frame.speaker for line_id in frame.ids):
            sentence.oddities.add("same_id_other_speaker")
        self.sentences.append(sentence)
        self._last[frame.speaker] = sentence
        return sentence
