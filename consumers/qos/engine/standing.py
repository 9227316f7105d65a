"""How one check stands for one participant: the state machine behind an alert. Pure.

quiet → pending (bad: so many of the last samples) → firing (bad for long enough) → quiet again (good for long enough).
Silence moves nothing: neither does it make what is pending fire, nor is what fires over by it.
"""

from typing import Final, Literal

import msgspec

from schemas.rules import Rule

from .checks import Reading, Verdict

Phase = Literal["quiet", "pending", "firing"]
Change = Literal["fired", "resolved"]

# Enough to see why, little enough to keep for a hundred thousand participants.
SHOWN: Final = 5


class Seen(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One sample that counted."""

    measured_ms: int
    value: float | None
    bad: bool


class Standing(msgspec.Struct, array_like=True, gc=False):
    """One check of one participant."""

    bits: int = 0
    """The last verdicts, the newest lowest; 1 is bad."""
    phase: Phase = "quiet"
    bad_since_ms: int = 0
    """While pending or firing: since when enough of the samples were bad."""
    good_since_ms: int | None = None
    """While firing: since when they are not."""
    fired_ms: int = 0
    newest_ms: int = 0
    """When the newest sample was received."""
    seen: list[Seen] = []
    """The last ones, the oldest first; of those that made it fire none is pushed out before it is over."""

    @property
    def idle(self) -> bool:
        """Whether there is nothing to remember."""
        return self.phase == "quiet" and not self.bits


def take(standing: Standing, rule: Rule, reading: Reading, received_ms: int, measured_ms: int) -> None:
    """Let a sample count. Whether anything fires, or is over, is for `elapse` to say."""
    bad = bool(standing.bits & 1) if reading.verdict is Verdict.BETWEEN else reading.verdict is Verdict.BAD
    standing.bits = (standing.bits << 1 | bad) & ((1 << rule.of) - 1)
    standing.newest_ms = received_ms
    standing.seen = [*standing.seen[1 - max(SHOWN, rule.of) :], Seen(measured_ms, reading.value, bad)]
    if standing.bits.bit_count() >= rule.bad:
        _is_bad(standing, received_ms)
    else:
        _is_good(standing, rule, received_ms)


def _is_bad(standing: Standing, at_ms: int) -> None:
    standing.good_since_ms = None
    if standing.phase == "quiet":
        standing.phase, standing.bad_since_ms = "pending", at_ms


def _is_good(standing: Standing, rule: Rule, at_ms: int) -> None:
    if standing.phase == "pending" and not rule.for_s:
        # It did not have to wait for anything but the end of its tick.
        standing.phase, standing.fired_ms, standing.good_since_ms = "firing", standing.bad_since_ms, at_ms
    elif standing.phase == "pending":
        standing.phase = "quiet"
    elif standing.phase == "firing" and standing.good_since_ms is None:
        standing.good_since_ms = at_ms


def due_ms(standing: Standing, rule: Rule) -> int | None:
    """Return when time alone will move this on; None where it will not."""
    if standing.phase == "pending":
        return standing.bad_since_ms + int(rule.for_s * 1_000)
    if standing.phase == "firing" and standing.good_since_ms is not None:
        return standing.good_since_ms + int(rule.keep_firing_for_s * 1_000)
    return None


def elapse(standing: Standing, rule: Rule, now_ms: int, *, silent: bool) -> Change | None:
    """Let time pass; return what that makes of it. `silent`: the participant's next sample is overdue."""
    due = due_ms(standing, rule)
    if silent or due is None or due > now_ms:
        return None
    if standing.phase == "pending":
        standing.phase, standing.fired_ms = "firing", now_ms
        return "fired"
    standing.phase, standing.good_since_ms = "quiet", None
    return "resolved"
