"""What every event that comes from a meeting push has."""

from ..base import Event
from .lifecycle import Instant


class OfAPush(Event, frozen=True, kw_only=True):
    """A fact about one holding of one meeting. The record's header `mw_epoch` tells which subscription saw it."""

    enterprise: str
    meeting_id: str
    """The ID that we subscribed with; of a room's meeting that of the meeting that is on."""
    meeting_uuid: str | None
    occurred_at: Instant
    """The frame's `createTime`; when it was received where it has none."""
    received_at: Instant
    message_id: str | None
    """The frame's `msgID`."""
