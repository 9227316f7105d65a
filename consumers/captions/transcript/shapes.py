"""One holding of a meeting, and what can be read of it."""

from datetime import datetime
from typing import Literal

import msgspec

from schemas.archive.cues import Cue
from schemas.archive.manifest import Unseen

from ..evidence.told import Told

ClosedBy = Literal["closed", "ended", "over", "silent", "part"]


class Occurrence(msgspec.Struct, frozen=True, kw_only=True):
    """One holding: everything that was told of it."""

    id: str
    """32 hexadecimal digits, the same in whatever order the records came."""
    enterprise: str
    meeting_id: str
    meeting_uuid: str | None
    day: str
    """The day on which it began, UTC: 2026-05-01."""
    started_at: datetime | None
    """As MeetingStarted says; else as the service describes the meeting."""
    ended_at: datetime | None
    """Null: nobody said that it is over."""
    closed_by: ClosedBy
    """`silent` where nobody said that it is over; `part` where it goes on, too long to be written down as one."""
    last_at: datetime
    """When the last record of it was received; signs of life are not counted."""
    told: list[Told]
    """In the order of topic, partition and offset, each record once, with the signs of life of its partition from a
    little before its start to a little after its end."""
    lost: list[Unseen] = []
    """Spans of which evidence was kept, and is lost."""

    def __repr__(self) -> str:
        """Show the ID alone."""
        return f"<Occurrence {self.id}>"


class Heading(msgspec.Struct, frozen=True, kw_only=True):
    """What stands above the transcript. Personal data."""

    subject: str | None
    """As it was called at last."""
    owner_name: str | None
    scheduled_at: datetime | None
    people: int
    """How many were seen in it."""

    def __repr__(self) -> str:
        """Show no one's name."""
        return "<Heading>"


class Transcript(msgspec.Struct, frozen=True, kw_only=True):
    """What was said in one occurrence, as far as it was seen."""

    origin: datetime
    """From when on the times of the cues count: the start, or the first cue if that was before it."""
    cues: list[Cue]
    """By their begin."""
    unseen: list[Unseen]
    """Ascending. Spans of the same kind do not overlap."""
    languages: list[str]
    """As the service spells them, sorted; "und" where it said none."""
    captions: int
    """Records of the captions topic, each counted once."""
    unfinished: int
    """Cues whose final text never came."""
    heading: Heading

    def __repr__(self) -> str:
        """Show no one's words."""
        return f"<Transcript of {len(self.cues)} cues>"
