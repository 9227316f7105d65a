"""Leave names and phrases out of what is handed over. Pure.

What is replaced is replaced everywhere in the transcript, whatever its case and width. A line of evidence cannot be
changed without breaking its proof, so it is shown as it is or not at all: lines that are no caption, and captions with
anything in them that has to go, are left out, and their leaves stay.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from schemas.archive.cues import Cue, CueText, CueVersion

# Always as long: the length would tell something of what was there.
BLOCK: Final = "█████"
_ESCAPED: Final = re.compile(r"\\u([0-9a-fA-F]{4})")
# Escapes of JSON inside JSON inside JSON: the value, the service's frame in it, and a text in that.
_LEVELS: Final = 4


class Redaction:
    """What has to go. Names of one character are replaced where they stand as a speaker's alone."""

    def __init__(self, names: Iterable[str], phrases: Iterable[str], *, keep: Iterable[str] = ()) -> None:
        stay = {_folded(name) for name in keep}
        self._names: Final = sorted({name for name in names if name.strip() and _folded(name) not in stay})
        words = {*phrases, *(name for name in self._names if len(name.strip()) > 1)}
        # The longest first: of a name within another nothing may stay.
        self._words: Final = sorted(
            {word.strip() for word in words if word.strip()}, key=lambda word: (-len(word), word)
        )
        self._pattern: Final = re.compile("|".join(map(_pattern, self._words)), re.IGNORECASE) if self._words else None
        self._fold: Final = [_folded(word) for word in self._words]

    def __repr__(self) -> str:
        """Show none of it."""
        return "<Redaction>"

    def text(self, text: str) -> str:
        """Return a text without what has to go."""
        shown = text if self._pattern is None else self._pattern.sub(BLOCK, text)
        # Written otherwise than any pattern foresees, such as with invisible characters in it.
        return BLOCK if self.touches(shown) else shown

    def touches(self, text: str) -> bool:
        """Say whether anything in a text has to go, however it is written."""
        folded = _folded(text)
        return any(word in folded for word in self._fold)

    def touches_json(self, content: bytes) -> bool:
        """The same for JSON that may hold JSON in its strings."""
        text = content.decode("utf-8", "replace")
        for _ in range(_LEVELS):
            if self.touches(text):
                return True
            text = _unescaped(text)
        return False

    def hides(self, speaker: str | None) -> bool:
        """Say whether a speaker's name has to go."""
        return speaker is not None and speaker in self._names


def redacted(cues: Sequence[Cue], redaction: Redaction) -> list[Cue]:
    """Return the cues without what has to go; speakers that have to go are numbered as they first speak."""
    numbers: dict[tuple[str | None, str], int] = {}
    return [_redacted(cue, redaction, numbers) for cue in cues]


def _redacted(cue: Cue, redaction: Redaction, numbers: dict[tuple[str | None, str], int]) -> Cue:
    speaker = cue.speaker
    if speaker is not None and redaction.hides(speaker):
        number = numbers.setdefault((cue.participant_id, speaker), len(numbers) + 1)
        speaker = f"Speaker {number}"
    elif speaker is not None:
        speaker = redaction.text(speaker)
    versions = [
        CueVersion(texts=_texts(one.texts, redaction), event_id=one.event_id, at=one.at) for one in cue.versions
    ]
    return msgspec.structs.replace(cue, speaker=speaker, texts=_texts(cue.texts, redaction), versions=versions)


def _texts(texts: Sequence[CueText], redaction: Redaction) -> list[CueText]:
    return [CueText(language=one.language, text=redaction.text(one.text)) for one in texts]


def _pattern(word: str) -> str:
    """Return a pattern for a word, between whose parts may be any white space."""
    return r"\s+".join(re.escape(part) for part in word.split())


def _folded(text: str) -> str:
    """Return a text without case, width, white space, and what nobody sees: joiners, marks of direction, controls."""
    # Twice: what case folding takes apart is put together again.
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return "".join(character for character in folded if unicodedata.category(character) not in ("Cf", "Cc", "Zs", "Mn"))


def _unescaped(text: str) -> str:
    plain = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    return re.sub(r"\\(.)", lambda found: {"n": "\n", "t": "\t"}.get(found[1], found[1]), plain)
