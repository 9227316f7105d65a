"""What all formats write of a cue, made once for all of them. Pure."""

from typing import NamedTuple

from schemas.archive.cues import Cue

from ..transcript.shapes import Transcript
from .clock import shown
from .text import block, one_line


class Plain(NamedTuple):
    """A cue in texts that files for players and browsers can hold, if they are escaped."""

    cue: Cue
    begin: str
    """00:00:01.000, from the origin."""
    end: str
    who: str
    """The speaker's name, else the participant's ID, else nothing; one line."""
    texts: list[tuple[str, str]]
    """Language and text, where there is one; no line of it is blank."""


def plain(transcript: Transcript) -> list[Plain]:
    """Return the cues of a transcript."""
    names: dict[str, str] = {}
    return [_plain(cue, names) for cue in transcript.cues]


def _plain(cue: Cue, names: dict[str, str]) -> Plain:
    """`names`: what was made of them; few people say all of it."""
    who = cue.speaker or cue.participant_id or ""
    if who not in names:
        names[who] = one_line(who)
    return Plain(
        cue,
        shown(cue.begin_ms),
        shown(cue.end_ms),
        names[who],
        [(text.language, said) for text in cue.texts if (said := block(text.text))],
    )
