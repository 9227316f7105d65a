"""captions.<language>.srt: for players that know nothing better. Pure.

SRT has no comments and no escapes: who speaks stands before what is said, a cue whose final text never came ends with
[…], an arrow of minus signs becomes one character, and a line that looks like the times of a cue is none of its own.
"""

import re
from collections.abc import Collection, Sequence
from typing import Final

from .plain import Plain

# Lenient readers take a number and a time on the next line for the next cue.
_LIKE_A_TIME: Final = re.compile(r"\n(?=\s*\d+[,.:，．。：]\d)")


def written(cues: Sequence[Plain], languages: Collection[str]) -> dict[str, bytes]:
    """Return the file of each language; cues that say nothing in it are left out, and the others keep their numbers."""
    files: dict[str, list[str]] = {language: [] for language in languages}
    for one in cues:
        times = f"{one.begin} --> {one.end}".replace(".", ",")
        who = f"{one.who}: " if one.who else ""
        for language, text in one.texts:
            if language in files:
                files[language].append(f"{one.cue.cue}\n{times}\n{_payload(who + text, final=one.cue.final)}\n\n")
    return {language: "".join(blocks).encode() for language, blocks in files.items()}


def _payload(said: str, *, final: bool) -> str:
    if "\n" in said:
        said = _LIKE_A_TIME.sub(" ", said)
    return f"{said}{'' if final else ' […]'}".replace("-->", "→")
