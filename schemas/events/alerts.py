"""meeting.alerts.v1: what quality alerts decide. One alert is about one place: a participant, a meeting, a site.

The events of one alert tell its life: fired, updated, held_back by a wider one that explains it, released, resolved.
The same records under the same rules give the same events, under the same IDs, whoever decides them.
"""

from typing import Literal

import msgspec

from ..base import Event
from .lifecycle import Instant

AlertChange = Literal["fired", "updated", "held_back", "released", "resolved"]
AlertLevel = Literal[
    "participant",
    "meeting",
    "site",
    "network",
    "department",
    "terminal_type",
    "enterprise",
    "meeting_silent",
    "all_silent",
    "watchdog",
]


class AlertSample(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One sample that counted."""

    measured_at: Instant
    value: float | None
    """In the unit of the metric; null for the service's own flags and words."""
    bad: bool


class AlertTrouble(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One check that fires: why, on what, and what would end it."""

    check: str
    """rule/modality/direction; `no-data` for a silence."""
    rule: str
    severity: str
    since: Instant
    people: int
    """How many have it."""
    metric: str | None
    """Null for a silence."""
    above: float | None
    below: float | None
    clear: float | None
    """On the good side of this a sample is good again."""
    bad: int
    of: int
    """So many of the last so many samples make it bad."""
    for_s: float
    keep_firing_for_s: float
    """How long it has to be good before it is over."""
    samples: list[AlertSample]
    """The last ones, the oldest first; of a roll-up those of the one who had it first."""


class AlertChanged(Event, frozen=True, kw_only=True, tag=True):
    """Something is wrong somewhere, is so otherwise than before, or is over."""

    alert_id: str
    """32 hexadecimal digits; the same when it comes back."""
    enterprise: str
    """Empty for what concerns all."""
    change: str
    """One of `AlertChange`; later versions may have more."""
    level: str
    """One of `AlertLevel`."""
    place: str
    """Which participant, meeting, site: IDs and names of places, never of people."""
    meeting_id: str | None
    """Null where it concerns several."""
    participant_id: str | None
    severity: str
    """info, warning, critical."""
    since: Instant
    """Since when it is wrong."""
    occurred_at: Instant
    """When that was decided, by the time of the records."""
    because: str | None
    """With `resolved`: good (the figures are), gone (nobody is left there)."""
    troubles: list[AlertTrouble]
    people: int
    """How many are concerned; 0 where it is not about people."""
    measured: int
    """Of how many."""
    meetings: int
    direction: str | None
    """uplink where only what is sent is bad, downlink where only what is received is."""
    held_by: str | None
    """The ID of the alert that explains this one: nobody is told of it while that stands."""
    muted: bool
    """Within quiet hours: nobody is told before they are over."""


AlertEvent = AlertChanged
