"""What stands in an address after the question mark, part by part. What is not here is refused."""

from typing import Annotated, Literal

import msgspec

from ..events.lifecycle import Instant
from .meetings import MeetingState
from .shape import Request

Words = Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
Occurrence = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{32}$", description="32 hexadecimal digits")]
Topics = Annotated[
    str,
    msgspec.Meta(pattern=r"^[a-z0-9.]{1,64}(,[a-z0-9.]{1,64}){0,15}$", description="names of topics, with commas"),
]
Cursor = Annotated[
    str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{1,100000}$", description="as the stream or the list gave it")
]


class MeetingsQuery(Request, frozen=True, kw_only=True):
    """Of GET /api/v1/meetings. Everything given has to fit."""

    query: Annotated[str, msgspec.Meta(max_length=256)] | None = None
    """A part of the subject, the scheduler's name or the meeting ID."""
    enterprise: Words | None = None
    state: MeetingState | None = None
    order: Literal["worst", "people", "started", "subject"] = "worst"


class StreamQuery(Request, frozen=True, kw_only=True):
    """Of GET /api/v1/stream."""

    topics: Topics | None = None
    """None: all that may be read."""
    meeting: Words | None = None
    """A meeting's ID."""
    enterprise: Words | None = None
    cursor: Cursor | None = None
    """Where to go on, where Last-Event-ID cannot be sent; that beats it."""


class LiveQuery(Request, frozen=True, kw_only=True):
    """Of GET /api/v1/live."""

    meeting: Occurrence | None = None


Limit = Annotated[int, msgspec.Meta(ge=1, le=500)]


class SearchQuery(Request, frozen=True, kw_only=True):
    """Of GET /api/v1/archive/search. Everything given has to fit."""

    words: Words | None = None
    """Words, and phrases in quotes."""
    speaker: Words | None = None
    meeting: Words | None = None
    """A meeting's ID."""
    occurrence: Occurrence | None = None
    enterprise: Words | None = None
    language: Words | None = None
    since: Instant | None = None
    until: Instant | None = None
    limit: Limit = 50
    context: Annotated[int, msgspec.Meta(ge=0, le=20)] = 1
    """How many sentences around each hit."""


class ArchivedQuery(Request, frozen=True, kw_only=True):
    """Of GET /api/v1/archive/meetings."""

    meeting: Words | None = None
    enterprise: Words | None = None
    since: Instant | None = None
    until: Instant | None = None
    limit: Limit = 50


# SQLite's integers end later.
Number = Annotated[int, msgspec.Meta(ge=1, le=2**53)]


class TranscriptQuery(Request, frozen=True, kw_only=True):
    """Of GET /api/v1/archive/meetings/{occurrence}: the first and the last sentence, 2,000 of them at the most."""

    first: Number = 1
    last: Number | None = None


class ExportQuery(Request, frozen=True, kw_only=True):
    """Of GET /api/v1/archive/export."""

    occurrence: Occurrence
