"""What stands: alerts as the engine wants them after a tick, and what changed since the one before. Pure.

One alert is about one place: a participant, a meeting, a site. It lists what is wrong there; several rules that are
broken by one bad line are one alert. What a wider alert explains is held back beneath it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

import msgspec

from schemas.record import content_id

from .standing import Seen
from .thresholds import Limit

# A count that creeps is not told with every step.
TELL_EVERY_MS: Final = 60_000
SEVERITIES: Final = ("info", "warning", "critical")


class Trouble(msgspec.Struct, frozen=True):
    """One check that fires, or one silence."""

    check: str
    """rule/modality/direction; no-data for a silence."""
    rule: str
    severity: str
    since_ms: int
    people: int = 1
    """How many have it."""
    seen: tuple[Seen, ...] = ()
    """The samples behind it; of a roll-up those of the first of its people."""
    limit: Limit | None = None
    """The service's own threshold, where that is what counts."""


class Alert(msgspec.Struct, frozen=True):
    """What is wrong at one place."""

    level: str
    place: str
    enterprise: str
    meeting_id: str | None
    participant_id: str | None
    severity: str
    since_ms: int
    troubles: tuple[Trouble, ...]
    people: int = 1
    measured: int = 1
    """Of how many."""
    meetings: int = 1
    direction: str | None = None
    """uplink where only what is sent is bad, downlink where only what is received is."""
    held_by: str | None = None
    """The alert that explains this one."""
    muted: bool = False
    """In quiet hours."""

    @property
    def id(self) -> str:
        """Return what stays the same while it stands, and when it comes back."""
        return content_id("alert", self.level, self.enterprise, self.place)


class Change(msgspec.Struct, frozen=True):
    """One decision."""

    change: str
    """fired, updated, held_back, released, resolved."""
    alert: Alert
    at_ms: int
    because: str | None = None
    """With resolved: good, or gone where nobody is left there."""

    @property
    def id(self) -> str:
        """Return the same for whoever decides it."""
        return content_id("change", self.alert.id, self.alert.since_ms, self.change, self.at_ms)


class Standing(msgspec.Struct):
    """An alert that stands: as it is, and as it was last told of."""

    alert: Alert
    told: Alert
    told_ms: int


def take_over(standing: dict[str, Standing], foretold: Iterable[Change]) -> None:
    """Let what was told before its tick stand, as it was told."""
    for one in foretold:
        before = standing.get(one.alert.id)
        standing[one.alert.id] = Standing(before.alert if before else one.alert, one.alert, one.at_ms)


def changes(
    standing: dict[str, Standing], wanted: Mapping[str, Alert], now_ms: int, *, is_there: Callable[[Alert], bool]
) -> Iterator[Change]:
    """Yield what to tell, in one order, and make `standing` what is wanted."""
    for alert_id in sorted(standing.keys() - wanted.keys()):
        alert = standing.pop(alert_id).alert
        yield Change("resolved", alert, now_ms, "good" if is_there(alert) else "gone")
    for alert_id in _outer_first(wanted):
        alert = wanted[alert_id]
        if (before := standing.get(alert_id)) is not None:
            alert = msgspec.structs.replace(alert, since_ms=before.alert.since_ms)
        what = _what(before, alert, now_ms)
        if before is None or what is not None:
            standing[alert_id] = Standing(alert, alert, now_ms)
        else:
            before.alert = alert
        if what is not None:
            yield Change(what, alert, now_ms)


def _outer_first(wanted: Mapping[str, Alert]) -> list[str]:
    # What explains comes before what it explains, so that nobody is told of a thing and a moment later of its cause.
    return sorted(wanted, key=lambda alert_id: (wanted[alert_id].held_by is not None, alert_id))


def _what(before: Standing | None, alert: Alert, now_ms: int) -> str | None:
    if before is None:
        return "held_back" if alert.held_by else "fired"
    told = before.told
    if (told.held_by is None) != (alert.held_by is None):
        return "held_back" if alert.held_by else "released"
    if (told.severity, told.muted) != (alert.severity, alert.muted):
        return "updated"
    if now_ms - before.told_ms >= TELL_EVERY_MS and _gist(told) != _gist(alert):
        return "updated"
    return None


def _gist(alert: Alert) -> object:
    return [trouble.check for trouble in alert.troubles], alert.people, alert.meetings, alert.direction


def worst(severities: Iterable[str]) -> str:
    """Return the gravest."""
    return max(severities, key=SEVERITIES.index)
