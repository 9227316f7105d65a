"""captions.<language>.srt: for players that know nothing better. Pure.

SRT has no comments and no escapes: who speaks stands before what is said, a cue whose final text never came ends with
[…], and an arrow of minus signs becomes one character.
"""

from collections.abc import Collection

from schemas.archive.cues import Cue

from ..transcript.shapes import Transcript
from .clock import shown
from .text import lines, one_line


def written(transcript: Transcript, languages: Collection[str]) -> dict[str, bytes]:
    """Return the file of each language; cues that say nothing in it are left out, and the others keep their numbers."""
    files: dict[str, list[str]] = {language: [] for language in languages}
    for cue in transcript.cues:
        head = f"{cue.cue}\n{shown(cue.begin_ms, ',')} --> {shown(cue.end_ms, ',')}\n"
        who = _who(cue)
        for text in cue.texts:
            said = lines(text.text)
            if said and text.language in files:
                files[text.language].append(f"{head}{_payload(cue, who, said)}\n\n")
    return {language: "".join(blocks).encode() for language, blocks in files.items()}


def _who(cue: Cue) -> str:
    who = one_line(cue.speaker or cue.participant_id or "")
    return f"{who}: " if who else ""


def _payload(cue: Cue, who: str, said: list[str]) -> str:
    return (who + "\n".join(said) + ("" if cue.final else " […]")).replace("-->", "→")
