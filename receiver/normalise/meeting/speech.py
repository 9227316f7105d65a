"""Who speaks, and what is said. Pure."""

import hashlib
from collections.abc import Sequence

from schemas.events import ActiveSpeakersChanged, CaptionLine, CaptionSpoken, Speaker
from schemas.push.meeting import RealTimeSubtitle, SpeakerChange, Speaking

from ..enterprise import original
from .state import Common
from .values import at, flag, text


def speaking(push: SpeakerChange, common: Common) -> ActiveSpeakersChanged:
    """Return who speaks, the loudest first; those without a volume last."""
    by_volume: Sequence[Speaking] = sorted(push.data or (), key=_quietness)
    return ActiveSpeakersChanged(
        **common,
        speakers=[
            Speaker(participant_id=text(one.pid), name=text(one.name), volume=one.speakingVolume) for one in by_volume
        ],
    )


def spoken(push: RealTimeSubtitle, common: Common, body: bytes) -> CaptionSpoken:
    """Return what was said, with the frame as evidence where that is not too large."""
    said = push.data
    return CaptionSpoken(
        **common,
        participant_id=text(said.participantID),
        lines=[
            CaptionLine(language=text(one.subtitleLang), text=text(one.translateText) or "", line_id=text(one.id))
            for one in said.msgs
        ],
        final=flag(said.isFinal),
        spoken_at=at(said.timestamp),
        begin_ms=said.beginTime,
        end_ms=said.endTime,
        original=original(body),
        original_sha256=hashlib.sha256(body).hexdigest(),
    )


def _quietness(one: Speaking) -> float:
    return float("inf") if one.speakingVolume is None else -one.speakingVolume
