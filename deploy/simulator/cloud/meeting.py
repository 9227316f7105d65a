"""One meeting that is on: its people, what they do, and the numbers of its pushes. No I/O."""

from collections import Counter
from typing import Literal

import msgspec

from .attender import Attender

Language = Literal["Original", "Mandarin", "English"]


class Meeting(msgspec.Struct, kw_only=True):
    """One holding; the same ID may be held again, under another UUID."""

    meeting_id: str
    meeting_uuid: str
    cycle_sub_id: str | None = None
    room_id: str | None = None
    """The fixed ID of a cloud room; lists name the meeting by its own, the enterprise push by this one."""
    subject: str
    scheduler: str = "王小明"
    scheduler_uuid: str = "271682cfdbe14fa9ae3a8b25f7502627"
    host_password: str
    guest_password: str
    began_ms: int
    webinar: bool = False
    mixed: bool = True
    """confMode: COMMON, mixed by an MCU, which tells of net conditions; or else RTC."""
    push_types: tuple[str, ...]
    on: bool = True
    people: dict[str, Attender] = {}
    gone: dict[str, tuple[Attender, int]] = {}
    """Who left, and when (ms)."""
    waiting: dict[str, Attender] = {}
    speakers: tuple[tuple[str, int], ...] = ()
    """pid and volume of those who speak, loudest first."""
    invited: list[tuple[str, str]] = []
    """Call number and result code."""
    interpreters: list[dict[str, object]] = []
    captions_began_ms: int | None = None
    controls: dict[str, object] = {}
    """What of ConfDynamicInfoNotify was changed."""
    sequences: Counter[str] = msgspec.field(default_factory=Counter)
    """The number of the last incremental frame, by action."""

    def __repr__(self) -> str:
        """Show which, not whose."""
        return f"<Meeting {self.meeting_id} {self.meeting_uuid}>"

    @property
    def told_id(self) -> str:
        """The meetingID of the enterprise push."""
        return self.room_id or self.meeting_id

    def next_number(self, action: str) -> int:
        """Return the version of the next incremental frame: from 1 on, without a hole."""
        self.sequences[action] += 1
        return self.sequences[action]
