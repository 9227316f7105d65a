"""meeting.speakers.v1: who speaks now, silence included."""

import msgspec

from .pushed import OfAPush


class Speaker(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One of those who speak. Personal data."""

    participant_id: str | None
    name: str | None
    volume: int | None
    """`speakingVolume`: louder is more; its range is not documented."""

    def __repr__(self) -> str:
        """Show no one's name."""
        return "<Speaker>"


class ActiveSpeakersChanged(OfAPush, frozen=True, kw_only=True, tag=True):
    """The loudest now, at most three, the loudest first; nobody: an empty list (SpeakerChangeNotify)."""

    speakers: list[Speaker]


SpeakersEvent = ActiveSpeakersChanged
