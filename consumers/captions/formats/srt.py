"""captions.<language>.srt: for players that know nothing better. Pure.

SRT has no comments and no escapes: who speaks stands before what is said, a cue whose final text never came ends with
[…], an arrow of minus signs becomes one character, and a line that looks like the times of a cue is none of its own.
"""

import re
from collections.abc import Collection
from typing import Final

from schemas.archive.cues import Cue

from ..transcript.shapes import Transcript
from .clock import shown
from .text import block, one_line

# Lenient readers take a number and a time on the next line for the next cue.
_LIKE_A_TIME: Final = re.compile(r"\n(?=\s*\d+[,.:，．。：]\d)")


def written(transcript: Transcript, languages: Collection[str]) -> dict[str, bytes]:
    """Return the file of each language; cues that say nothing in it are left out, and the others keep their numbers."""
    files: dict[str, list[str]] = {language: [] for language in languages}
    for cue in transcript.cues:
        head = f"{cue.cue}\n{shown(cue.begin_ms, ',')} --> {shown(cue.end_ms, ',')}\n"
        who = _who(cue)
        for text in cue.texts:
            said = _LIKE_A_TIME.sub(" ", block(text.text))
            if said and text.language in files:
                files[text.language].append(f"{head}{_payload(cue, who + said)}\n\n")
    return {language: "".join(blocks).encode() for language, blocks in files.items()}


def _who(cue: Cue) -> str:
    who = one_line(cue.speaker or cue.participant_id or "")
    return f"{who}: " if who else ""


def _payload(cue: Cue, said: str) -> str:
    return f"{said}{'' if cue.final else ' […]'}".replace("-->", "→")
