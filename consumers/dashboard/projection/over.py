"""Which holdings are over and were let go of, so that a late word on one brings it not back. Pure."""

from datetime import datetime, timedelta
from typing import Final

from .meeting import Present

OVER_FOR: Final = timedelta(minutes=15)
"""How long a meeting that is over is still shown."""
# A push of the service's comes up to so late (the retry horizon); till then it is known what is over.
_REMEMBERED: Final = timedelta(hours=25)


class Over:
    """Of each holding that was let go of, when it ended."""

    def __init__(self) -> None:
        self._ended: dict[tuple[str, str, str | None], datetime] = {}

    def note(self, present: Present, ended_at: datetime) -> None:
        """Remember that this one is over."""
        self._ended[(present.meeting.enterprise, present.meeting.meeting_id, present.uuid)] = ended_at

    def has(self, enterprise: str, meeting_id: str, uuid: str | None, occurred_at: datetime) -> bool:
        """Whether what occurred then is a late word on one of these."""
        ended_at = self._ended.get((enterprise, meeting_id, uuid))
        return ended_at is not None and occurred_at <= ended_at + OVER_FOR

    def age(self, now: datetime) -> None:
        """Forget those of which no word comes any more."""
        self._ended = {one: at for one, at in self._ended.items() if now - at < _REMEMBERED}


def is_past(present: Present, now: datetime) -> bool:
    """Whether nobody needs any more what is known of a meeting that is not shown.

    It ended, and nothing was told since for as long as an end is shown; or a late word is all that came, or it fell
    silent, and no word of the service's comes that late.
    """
    last_at = present.last_at() or now
    return now - last_at >= (_REMEMBERED if present.ended_at(last_at) is None else OVER_FOR)
