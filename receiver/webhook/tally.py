"""Count every answer, and say what an operator wants to know of it: refusals, what was set aside, our own failures.

Accepted pushes are counted and logged at debug: a line for each would cost more than the push. A stranger cannot fill
the disk with lines: a reason is said so many times a second, then counted only, and the next line tells how many were
left out.
"""

import logging
import re
import time
from collections.abc import Callable
from typing import Final

import structlog

from schemas.lines import Logger
from schemas.metrics import Counter, Meters
from schemas.push.enterprise import EVENT_NAMES, VERIFY

from ..errors import Reason, raised_at
from ..pipeline import Accepted

LINES_PER_SECOND: Final = 10
# An event's name is the service's word and no content; what does not look like a name may be anything.
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,63}")


class Tally:
    """Metrics and log lines of one listener."""

    def __init__(self, meters: Meters, clock: Callable[[], float] = time.monotonic) -> None:
        # Bound once: structlog's proxy would look its settings up for every line, said or not.
        bound = structlog.get_logger("meetwire.receiver").bind()
        self._log: Logger = bound
        self._says_accepted: bool = bound.is_enabled_for(logging.DEBUG)
        self._meters = meters
        self._clock = clock
        names = (*EVENT_NAMES, VERIFY, "other")
        self._accepted = {name: meters.counter("meetwire_pushes_accepted_total", event=name) for name in names}
        self._refused: dict[tuple[int, Reason], Counter] = {}
        self._repeated = meters.counter("meetwire_pushes_repeated_total")
        self._seconds = meters.histogram("meetwire_push_seconds")
        self._said: dict[str, tuple[int, int]] = {}

    def accept(self, accepted: Accepted, request_id: str | None, started: float) -> None:
        """Count a 200."""
        seconds = time.perf_counter() - started
        self._accepted.get(accepted.event_name or "", self._accepted["other"]).inc()
        self._seconds.observe(seconds)
        if accepted.repeated:
            self._repeated.inc()
        elif accepted.set_aside is not None:
            self._set_aside(accepted, request_id)
        if self._says_accepted:
            name = _sayable(accepted.event_name)
            self._log.debug("push.accepted", event_name=name, request_id=request_id, ms=_ms(seconds))

    def refuse(
        self,
        status: int,
        reason: Reason,
        *,
        remote: str | None,
        request_id: str | None = None,
        started: float | None = None,
    ) -> None:
        """Count an answer that is not 200."""
        counter = self._refused.get((status, reason))
        if counter is None:
            counter = self._meters.counter("meetwire_pushes_refused_total", status=str(status), reason=reason)
            self._refused[status, reason] = counter
        counter.inc()
        left_out = self._may_say(reason)
        if left_out is None:
            return
        ms = None if started is None else _ms(time.perf_counter() - started)
        self._log.warning(
            "push.refused", status=status, reason=reason, remote=remote, request_id=request_id, ms=ms, left_out=left_out
        )

    def fail(self, error: BaseException) -> None:
        """Say that something of ours failed: its kind and place, never its text."""
        left_out = self._may_say("service.failed")
        if left_out is not None:
            self._log.error("service.failed", kind=type(error).__name__, where=raised_at(error), left_out=left_out)

    def _set_aside(self, accepted: Accepted, request_id: str | None) -> None:
        reason = accepted.set_aside or "unknown_event"
        self._meters.counter("meetwire_pushes_set_aside_total", reason=reason).inc()
        left_out = self._may_say(reason)
        if left_out is not None:
            self._log.warning(
                "push.set_aside",
                reason=reason,
                enterprise=accepted.enterprise,
                event_name=_sayable(accepted.event_name),
                request_id=request_id,
                left_out=left_out,
            )

    def _may_say(self, what: str) -> int | None:
        """Return how many lines of this kind were left out before this one, or None where it is to be left out."""
        second = int(self._clock())
        in_second, said = self._said.get(what, (second, 0))
        left_out = max(0, said - LINES_PER_SECOND)
        if in_second != second:
            self._said[what] = (second, 1)
            return left_out
        self._said[what] = (second, said + 1)
        return 0 if said < LINES_PER_SECOND else None


def _sayable(name: str | None) -> str | None:
    return name if name is not None and _NAME.fullmatch(name) else None


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 2)
