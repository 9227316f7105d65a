"""All files of an occurrence. Pure."""

from collections import Counter
from typing import Final

import msgspec

from ..transcript.shapes import Occurrence, Transcript
from . import jsonl, page, parquet, srt, webvtt
from .naming import file_names
from .plain import plain

# A language a file; who sends more does not mean languages.
_MOST_LANGUAGES: Final = 16


class Rendered(msgspec.Struct, frozen=True, kw_only=True):
    """One file."""

    name: str
    """Letters, digits, dots and dashes."""
    media_type: str
    content: bytes

    def __repr__(self) -> str:
        """Show no one's words."""
        return f"<Rendered {self.name}>"


def rendered(transcript: Transcript, occurrence: Occurrence) -> list[Rendered]:
    """Return the files, by name. A language has files of its own where it is among the sixteen with most cues."""
    cues, names = plain(transcript), file_names(_languages(transcript))
    files = {
        "captions.jsonl": ("application/jsonl", jsonl.written(transcript, occurrence)),
        "captions.parquet": ("application/vnd.apache.parquet", parquet.written(transcript, occurrence)),
        "captions.html": ("text/html; charset=utf-8", page.written(transcript, occurrence, cues)),
    }
    for language, content in webvtt.written(transcript, occurrence, cues, names).items():
        files[f"captions.{names[language]}.vtt"] = ("text/vtt; charset=utf-8", content)
    for language, content in srt.written(cues, names).items():
        files[f"captions.{names[language]}.srt"] = ("application/x-subrip; charset=utf-8", content)
    return [
        Rendered(name=name, media_type=media_type, content=content)
        for name, (media_type, content) in sorted(files.items())
    ]


def _languages(transcript: Transcript) -> list[str]:
    counts = Counter(text.language for cue in transcript.cues for text in cue.texts)
    return sorted(sorted(counts), key=lambda language: -counts[language])[:_MOST_LANGUAGES]
