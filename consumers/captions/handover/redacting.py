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

from ..transcript.spelling import spellable

# Always as long: the length would tell something of what was there.
BLOCK: Final = "█████"
# Scripts that put no spaces between words, from radicals on; and letters and digits of those that do.
_UNSPACED: Final = "[\u2e80-\ud7ff\uf900-\ufaff\U00016fe0-\U0003ffff]"
_LETTER: Final = r"[^\W\u2e80-\ud7ff\uf900-\ufaff\U00016fe0-\U0003ffff]"
_NOTHING: Final = r"(?!)"
_ESCAPED: Final = re.compile(r"\\u([0-9a-fA-F]{4})")
# Escapes of JSON inside JSON inside JSON: the value, the service's frame in it, and a text in that.
_LEVELS: Final = 4


class Redaction:
    """What has to go. Names of one character are replaced where they stand as a speaker's alone."""

    def __init__(self, names: Iterable[str], phrases: Iterable[str], *, keep: Iterable[str] = ()) -> None:
        stay = {_folded(name) for name in keep}
        self._names: Final = sorted({name for name in names if name.strip() and _folded(name) not in stay})
        words = {*phrases, *(name for name in self._names if len(name.strip()) > 1)}
        self._pattern: Final = _any_of(words)
        self._folded: Final = _any_of(map(_folded, words))

    def __repr__(self) -> str:
        """Show none of it."""
        return "<Redaction>"

    def text(self, text: str) -> str:
        """Return a text without what has to go."""
        shown = self._pattern.sub(BLOCK, text)
        # Written otherwise than any pattern foresees, such as with invisible characters in it.
        return BLOCK if self.touches(shown) else shown

    def touches(self, text: str) -> bool:
        """Say whether anything in a text has to go, however it is written."""
        return self._folded.search(_folded(text)) is not None

    def touches_json(self, content: bytes) -> bool:
        """The same for JSON that may hold JSON in its strings."""
        text = content.decode("utf-8", "replace")
        for _ in range(_LEVELS):
            if self.touches(text):
                return True
            before, text = text, _unescaped(text)
            if text == before:
                break
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


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern for any of these words, the longest first: of a name within another nothing may stay."""
    wanted = sorted({word.strip() for word in words} - {""}, key=lambda word: (-len(word), word))
    return re.compile("|".join(map(_pattern, wanted)) or _NOTHING, re.IGNORECASE)


def _pattern(word: str) -> str:
    """Return a pattern for a word: whole, where its script has spaces between words, and over any white space."""
    pieces = [r"\s+" if character.isspace() else re.escape(character) for character in " ".join(word.split())]
    # Between Chinese characters there may be spaces, or none.
    spaced = re.sub(f"(?<=({_UNSPACED}))(?={_UNSPACED})", r"\\s*", "".join(pieces))
    before = "" if re.match(_UNSPACED, word) or not word[0].isalnum() else f"(?<!{_LETTER})"
    after = "" if re.match(_UNSPACED, word[-1]) or not word[-1].isalnum() else f"(?!{_LETTER})"
    return before + spaced + after


def _folded(text: str) -> str:
    """Return a text without case, width, accents, and what nobody sees: joiners, marks of direction, controls."""
    # Twice: what case folding takes apart is put together again.
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return folded.translate(_SEEN)


class _Seen(dict[int, int | str | None]):
    """What `str.translate` asks for each character, once."""

    def __missing__(self, code: int) -> int | str | None:
        character = chr(code)
        if character.isspace():
            return self.setdefault(code, " ")
        return self.setdefault(code, None if unicodedata.category(character) in ("Cf", "Cc", "Mn") else code)


_SEEN: Final = _Seen()


def _unescaped(text: str) -> str:
    plain = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    plain = re.sub(r"\\(.)", lambda found: {"n": "\n", "t": "\t"}.get(found[1], found[1]), plain)
    # What is beyond the first plane is escaped as two halves.
    return spellable(plain)
