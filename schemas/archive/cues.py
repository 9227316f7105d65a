"""captions.jsonl of an occurrence: one cue a line, with the way back to its evidence."""

import msgspec

from ..events.lifecycle import Instant


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
    """From `origin` of the file's first line; where the service's own figures cannot be, derived from when it came."""
    end_ms: int
    spoken_at: Instant
    final: bool
    """False: the final text never came; this is the last interim one."""
    texts: list[CueText]
    versions: list[CueVersion] = []
    """Earlier finals, the oldest first; empty as a rule."""
    event_ids: list[str]
    """`ce_id` of every frame behind it, in order: the evidence."""
    doubt: list[str] = []
    """What was odd: times_reversed, times_missing, same_id_other_text, before_start, after_end …"""

    def __repr__(self) -> str:
        """Show no one's words."""
        return f"<Cue {self.cue}>"
