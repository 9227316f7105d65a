"""What is searched for, and what is found."""

from datetime import datetime

import msgspec


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One search. Everything given has to fit."""

    words: str | None = None
    """Words, and phrases in quotes; None: whatever was said."""
    speaker: str | None = None
    """A part of the name: whole words of it, or single Chinese characters."""
    meeting_id: str | None = None
    occurrence: str | None = None
    enterprise: str | None = None
    language: str | None = None
    since: datetime | None = None
    """Aware; said at this time or later."""
    until: datetime | None = None
    """Said before this time."""
    limit: int = 50
    context: int = 1
    """How many cues before and after each hit are shown with it."""

    def __repr__(self) -> str:
        """Show nothing: what somebody looks for may be personal."""
        return "<Asked>"


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A cue as the catalogue has it."""

    cue: int
    speaker: str | None
    spoken_at: datetime
    begin_ms: int
    end_ms: int
    final: bool
    texts: list[tuple[str, str]]
    """Language and text."""

    def __repr__(self) -> str:
        """Show no one's words."""
        return f"<Said {self.cue}>"


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """A cue that fits, and what was said around it."""

    occurrence: str
    version: int
    enterprise: str
    meeting_id: str
    said: Said
    languages: list[str]
    """In which languages it fits."""
    before: list[Said]
    after: list[Said]

    def __repr__(self) -> str:
        """Show no one's words."""
        return f"<Hit {self.occurrence}/{self.said.cue}>"


class Meeting(msgspec.Struct, frozen=True, kw_only=True):
    """An occurrence as the catalogue has it."""

    occurrence: str
    version: int
    enterprise: str
    meeting_id: str
    meeting_uuid: str | None
    started_at: datetime | None
    ended_at: datetime | None
    manifest: str
    """The manifest's key."""
    cues: int
