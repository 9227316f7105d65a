"""Say once that the service cannot be had, and once that it can again."""

from datetime import datetime, timedelta
from typing import Final

import structlog

from schemas.lines import Logger

from .ask import AskName
from .asking import Now
from .errors import Again

_LOG: Final[Logger] = structlog.get_logger("meetwire.receiver")
_SAY_AGAIN: Final = timedelta(seconds=60)


class Health:
    """How one enterprise's calls go."""

    def __init__(self, enterprise: str, now: Now) -> None:
        self._enterprise = enterprise
        self._now = now
        self._failing = False
        self._said: str | None = None
        self._said_at: datetime | None = None

    def failed(self, call: AskName, error: Again) -> None:
        """Take that a call got nothing, however often it was tried. The same is said once a minute at the most."""
        now, reason = self._now(), str(error)
        if reason == self._said and self._said_at is not None and now - self._said_at < _SAY_AGAIN:
            return
        self._failing, self._said, self._said_at = True, reason, now
        _LOG.warning("cloud.failed", enterprise=self._enterprise, call=call, reason=reason)

    def answered(self) -> None:
        """Take that the service answered, whatever it said."""
        if self._failing:
            _LOG.info("cloud.recovered", enterprise=self._enterprise, reason=self._said)
        self._failing = False
