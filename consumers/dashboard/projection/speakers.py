"""Who speaks in a meeting now, as meeting.speakers.v1 tells it. Pure."""

from schemas.events import ActiveSpeakersChanged, Speaker

from .gate import Gate, Says


class Speakers:
    """Of one meeting, the loudest first."""

    __slots__ = ("gate", "now")

    def __init__(self) -> None:
        self.gate = Gate()
        self.now: list[Speaker] = []

    def take(self, event: ActiveSpeakersChanged, epoch: int | None) -> bool:
        """Count one event in; return whether anything changed."""
        if self.gate.admit(event, epoch) is Says.NOTHING:
            return False
        self.now = event.speakers
        return True
