"""Raise an alert where the records' own clock stands still: nobody receives, or nothing reaches us. Pure.

Everything else is decided by the time of the records, so that it can be decided again. This cannot: it is about there
being no records. It goes by the process's own clock, and says so by its level, `pipeline`. Its ID follows from the last
sign of life, so that two processes that raise it raise one.

A clock stands still as well while one receiver of several is missed, for the minute until it counts as silent: that is
its restart or its end, and no alarm. What stands still for longer, with signs of life coming, is one.
"""

from typing import Final

from schemas.events import AlertChanged

from .engine.alert import Alert, Change, Trouble
from .engine.clock import SILENT_AFTER_MS, Clock

LEVEL: Final = "pipeline"
PLACE: Final = "receivers"
# Beyond the minute, the time until the next sign of life, and until it is read.
_STALLED_AFTER_S: Final = SILENT_AFTER_MS / 1_000 + 60.0


class Pulse:
    """Watches one clock."""

    def __init__(self, silent_after_s: float, now_s: float, begun_ms: int) -> None:
        """`now_s` is a monotonic time, as everywhere here; `begun_ms` stands in for a clock that was never heard."""
        self._silent_after_s, self._stalled_after_s = silent_after_s, max(silent_after_s, _STALLED_AFTER_S)
        self._moved_s = self._heard_s = now_s
        self._clock_ms, self._heard_ms = begun_ms, 0

    @property
    def alert_id(self) -> str:
        """Return the ID of the one alert that this raises."""
        return _alert(0).id

    def felt(self, clock: Clock, now_s: float, stands: AlertChanged | None) -> Change | None:
        """Return what is to be told, with the records' clock as it is; `stands`: the alert, where it does."""
        clock_ms, heard_ms = clock.reached_ms, clock.heard_ms
        if clock_ms and clock_ms != self._clock_ms:
            self._clock_ms, self._moved_s = clock_ms, now_s
        if heard_ms != self._heard_ms:
            self._heard_ms, self._heard_s = heard_ms, now_s
        silent = now_s - max(self._moved_s, self._heard_s) >= self._silent_after_s
        stalled = now_s - self._moved_s >= self._stalled_after_s
        last_ms = self._clock_ms
        if (silent or stalled) and stands is None:
            return Change("fired", _alert(last_ms), last_ms + int(self._silent_after_s * 1_000))
        # The stand-in is no sign of life: who begins anew amid the silence must not take it for one.
        if stands is not None and clock_ms and last_ms > _ms(stands):
            return Change("resolved", _alert(_ms(stands)), last_ms, "good")
        return None


def _ms(stands: AlertChanged) -> int:
    return int(stands.since.timestamp() * 1_000)


def _alert(since_ms: int) -> Alert:
    return Alert(
        level=LEVEL,
        place=PLACE,
        enterprise="",
        meeting_id=None,
        participant_id=None,
        severity="critical",
        since_ms=since_ms,
        troubles=(Trouble(LEVEL, LEVEL, "critical", since_ms),),
        people=0,
        measured=0,
    )
