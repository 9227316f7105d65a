"""What a meeting is and how it stands, as meeting.state.v1 tells it. Pure."""

from datetime import datetime
from typing import Final

from msgspec.structs import replace

from schemas.events import MeetingDescribed, MeetingStateChanged, SubscriptionChanged

from .gate import Gate, Says
from .seeing import Seen
from .timeline import Item, Items, items

Told = MeetingDescribed | MeetingStateChanged | SubscriptionChanged

# What of the state is told in the timeline when it changes: its name, the word for on, the word for off.
_SWITCHES: Final = (
    ("captions_on", "captions_on", "captions_off"),
    ("recording_now", "recording_on", "recording_off"),
    ("locked", "locked", "unlocked"),
)


class State:
    """Of one meeting."""

    __slots__ = ("described", "gate", "now", "over_at", "seen", "timeline")

    def __init__(self) -> None:
        self.gate = Gate()
        self._anew()

    def _anew(self) -> None:
        self.described: MeetingDescribed | None = None
        self.now: MeetingStateChanged | None = None
        self.over_at: datetime | None = None
        """When the service said that the meeting is closed."""
        self.seen = Seen()
        self.timeline: Items = items()

    def take(self, event: Told, epoch: int | None) -> bool:
        """Count one event in; return whether anything changed."""
        says = self.gate.admit(event, event.epoch if isinstance(event, SubscriptionChanged) else epoch)
        if says is Says.NOTHING:
            return False
        if says is Says.ANEW:
            self._anew()
        match event:
            case MeetingDescribed():
                self.described = event
            case MeetingStateChanged():
                self._changed(event)
            case SubscriptionChanged():
                self.seen.take(event)
                self.timeline.append(Item(event.occurred_at, f"subscription_{event.change}", event.reason))
        return True

    def _changed(self, event: MeetingStateChanged) -> None:
        before = self.now
        self.now = event if before is None else _with(before, event)
        if event.state is not None:
            self.over_at = event.occurred_at if event.state == "closed" else None
        for name, on, off in _SWITCHES:
            was, is_now = before and getattr(before, name), getattr(event, name)
            if is_now is not None and bool(was) != is_now:
                self.timeline.append(Item(event.occurred_at, on if is_now else off))


def _with(before: MeetingStateChanged, event: MeetingStateChanged) -> MeetingStateChanged:
    """Return how it stands now: what is not told stays as it was."""
    told = {name: value for name in event.__struct_fields__ if (value := getattr(event, name)) is not None}
    return replace(before, **told)
