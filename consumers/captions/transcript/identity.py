"""What an occurrence is called. Pure.

The derivation is frozen: another one would make every meeting that is kept a second one.
"""

from collections.abc import Sequence
from typing import Final

from schemas.record import content_id
from schemas.topics import CAPTIONS, PARTICIPANTS, SPEAKERS, STATE

from .holding import Happened, Holding

# What the sockets bring is never late, so the first of it stays the first; the webhook's retries are up to 24 h late.
_FIRST: Final = {STATE: 0, CAPTIONS: 1, SPEAKERS: 2, PARTICIPANTS: 3}


def occurrence_id(enterprise: str, meeting_id: str, holding: Holding) -> str:
    """Return 32 hexadecimal digits: of the manifest that has it, of the UUID, or of its first record."""
    if holding.claim is not None:
        return holding.claim
    if holding.uuid is not None:
        return content_id("occurrence", enterprise, meeting_id, holding.uuid)
    return content_id("occurrence-without-uuid", enterprise, meeting_id, _anchor(holding.members))


def _anchor(members: Sequence[Happened]) -> str:
    def place(one: Happened) -> tuple[int, int, int]:
        return _FIRST.get(one.told.topic, len(_FIRST)), one.told.partition, one.told.offset

    return min(members, key=place).told.event_id
