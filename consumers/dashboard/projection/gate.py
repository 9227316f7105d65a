"""Which holding of a meeting a topic tells of now, and what of it is too old to count. Pure.

A meeting ID comes back: one holding of it has a UUID. A subscription has an epoch, which rises with every new owner or
connection: what comes with a lower one than was seen comes from a replica that is late, and changes nothing.
"""

from datetime import datetime
from enum import Enum

from schemas.events import SubscriptionChanged
from schemas.events.pushed import OfAPush


class Says(Enum):
    """What a record is to the part of a meeting that its topic tells."""

    NOTHING = 0
    """Of an older epoch, or of a holding that is over."""
    MORE = 1
    ANEW = 2
    """Of the next holding: what was told so far is of the last one."""


class Gate:
    """Where one topic stands with one meeting."""

    __slots__ = ("epoch", "first_at", "last_at", "uuid")

    def __init__(self) -> None:
        self.uuid: str | None = None
        self.epoch: int | None = None
        self.first_at: datetime | None = None
        self.last_at: datetime | None = None

    def admit(self, event: OfAPush | SubscriptionChanged, epoch: int | None) -> Says:
        """Say what `event` is, and note it."""
        if epoch is not None:
            if self.epoch is not None and epoch < self.epoch:
                return Says.NOTHING
            self.epoch = epoch
        return self._admit(event.meeting_uuid, event.occurred_at, is_new=epoch is not None)

    def _admit(self, uuid: str | None, at: datetime, *, is_new: bool) -> Says:
        if uuid is not None and self.uuid is not None and uuid != self.uuid:
            # Without an epoch, as asked for over REST, time alone tells which of two holdings is the later.
            if not is_new and self.first_at is not None and at < self.first_at:
                return Says.NOTHING
            self.uuid, self.first_at, self.last_at = uuid, at, at
            return Says.ANEW
        self.uuid = uuid or self.uuid
        self.first_at = min(self.first_at or at, at)
        self.last_at = max(self.last_at or at, at)
        return Says.MORE
