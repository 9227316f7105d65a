"""captions.jsonl of an occurrence: a head, then one cue a line, with the way back to its evidence."""

import msgspec

from ..events.lifecycle import Instant


class CuesHead(msgspec.Struct, frozen=True, kw_only=True):
    """The first line."""

    format: str
    """meetwire-cues/1."""
    occurrence: str
    enterprise: str
    meeting_id: str
    meeting_uuid: str | None
    origin: Instant
    """From when on `begin_ms` and `end_ms` count, here and in every file beside this one."""
    cues: int


class CueText(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What was said, in one language."""

    language: str
    """As the service spells it; "und" where it said none."""
    text: str


class CueVersion(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a cue said before it was corrected, or after: late corrections overwrite nothing."""

    texts: list[CueText]
    event_id: str
    at: Instant


class Cue(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One sentence of one speaker."""

    cue: int
    """Its number in this occurrence, from 1, in the order of time."""
    participant_id: str | None
    speaker: str | None
    """The name as it stood then; null where nobody told it."""
    begin_ms: int
    """From the head's `origin`; where the service's own figures cannot be, derived from when it came. Never below 0."""
    end_ms: int
    """Always above `begin_ms`."""
    spoken_at: Instant
    """When the service had it, as far as it can be believed: of the frame whose texts these are."""
    final: bool
    """False: the final text never came; this is the last interim one."""
    texts: list[CueText]
    versions: list[CueVersion] = []
    """Earlier finals, the oldest first; empty as a rule."""
    event_ids: list[str]
    """`ce_id` of every frame behind it, in order: the evidence."""
    doubt: list[str] = []
    """What was odd, as consumers/captions/transcript/doubts.py lists it: times_reversed, same_id_other_text …"""

    def __repr__(self) -> str:
        """Show no one's words."""
        return f"<Cue {self.cue}>"
