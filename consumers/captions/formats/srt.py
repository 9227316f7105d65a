"""captions.<language>.srt: for players that know nothing better. Pure.

SRT has no comments and no escapes: who speaks stands before what is said, a cue whose final text never came ends with
[…], and an arrow of minus signs becomes one character.
"""

from collections.abc import Iterator

from schemas.archive.cues import Cue

from ..transcript.shapes import Transcript
from .clock import shown
from .text import lines, one_line


def written(transcript: Transcript, language: str) -> bytes:
    """Return the file of one language; cues that say nothing in it are left out, and the others keep their numbers."""
    return "".join(_blocks(transcript, language)).encode()


def _blocks(transcript: Transcript, language: str) -> Iterator[str]:
    for cue in transcript.cues:
        for text in cue.texts:
            if text.language == language and (said := "\n".join(lines(text.text))):
                yield f"{cue.cue}\n{shown(cue.begin_ms, ',')} --> {shown(cue.end_ms, ',')}\n{_payload(cue, said)}\n\n"


def _payload(cue: Cue, said: str) -> str:
    who = one_line(cue.speaker or cue.participant_id or "")
    return f"{who + ': ' if who else ''}{said}{'' if cue.final else ' […]'}".replace("-->", "→")
