"""What the captions archive answers: for those who may, and each answer in its access log."""

from ..events.lifecycle import Instant
from .meetings import CaptionText
from .shape import Answer


class Said(Answer, frozen=True, kw_only=True):
    """One sentence of one speaker."""

    cue: int
    """Its number in the occurrence, from 1."""
    speaker: str | None
    spoken_at: Instant
    begin_ms: int
    """From the start of the occurrence."""
    end_ms: int
    final: bool
    texts: list[CaptionText]


class Hit(Answer, frozen=True, kw_only=True):
    """A sentence that fits, and what was said around it."""

    occurrence: str
    enterprise: str
    meeting_id: str
    said: Said
    languages: list[str]
    """In which languages it fits."""
    before: list[Said]
    after: list[Said]


class Found(Answer, frozen=True, kw_only=True):
    """GET /api/v1/archive/search: the newest first."""

    hits: list[Hit]
    more: bool
    """There are more than were asked for."""
    unread: int
    """So many kept meetings are damaged or missing, whether they would fit or not: nothing of them is found."""


class ArchivedMeeting(Answer, frozen=True, kw_only=True):
    """An occurrence that is kept."""

    occurrence: str
    enterprise: str
    meeting_id: str
    started_at: Instant | None
    ended_at: Instant | None
    sentences: int


class ArchivedMeetings(Answer, frozen=True, kw_only=True):
    """GET /api/v1/archive/meetings: the newest first."""

    meetings: list[ArchivedMeeting]
    more: bool
    unread: int
    """As in Found."""


class Transcript(Answer, frozen=True, kw_only=True):
    """GET /api/v1/archive/meetings/{occurrence}: its sentences from `first` to `last`, in order."""

    meeting: ArchivedMeeting
    said: list[Said]
