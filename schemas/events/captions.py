"""meeting.captions.v1: what was said, as the service wrote it down. Personal data, and often confidential.

Captions come as full frames without a sequence: one that is lost inside an open socket leaves no trace.
"""

import msgspec

from .lifecycle import Instant
from .pushed import OfAPush


class CaptionLine(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One text in one language."""

    language: str | None
    """Original, Mandarin, English, as the service spells it."""
    text: str
    line_id: str | None
    """`id`; whether an interim text and its final one share it is not documented."""

    def __repr__(self) -> str:
        """Show no one's words."""
        return "<CaptionLine>"


class CaptionSpoken(OfAPush, frozen=True, kw_only=True, tag=True):
    """Somebody says, or has said, something (RealTimeSubtitleNotify)."""

    participant_id: str | None
    lines: list[CaptionLine]
    final: bool | None
    """The sentence is over. False: interim, a later one replaces it."""
    spoken_at: Instant | None
    """`timestamp`."""
    begin_ms: int | None
    """From the start of the captions, as it seems; the reference gives neither unit nor origin."""
    end_ms: int | None
    original: str | None
    """The frame as it came, byte for byte. Null where it was too large: then it stands in meeting.unrecognised.v1, in
    parts, under `original_sha256`."""
    original_sha256: str


CaptionsEvent = CaptionSpoken
