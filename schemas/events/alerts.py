"""meeting.alerts.v1: what quality alerts decide. One alert is about one place: a participant, a meeting, a site.

The events of one alert tell its life: fired, updated, held_back by a wider one that explains it, released, resolved.
The same records under the same rules give the same events, under the same IDs, whoever decides them.

What people make of alerts is here too, silences and acknowledgements, and what each channel was told: it never changes
what is decided, only whom we tell, and it is known to every process that may have to go on with the telling.
"""

from typing import Annotated, Literal

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
    "pipeline",
]
"""`pipeline`: no receiver gave a sign of life. Decided by the deciding process's own clock, and the one that is."""


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
    threshold_from: str = "rule"
    """Whose number `above` is: rule, or service where its own was read and the rule lets that win."""
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
    """With `resolved`: good (the figures are), gone (nobody is left there), lost (nobody knows any more: the rules are
    others, or what was remembered is gone)."""
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


SilenceLabel = Literal["alert_id", "enterprise", "level", "place", "meeting_id", "participant_id", "rule", "severity"]


class SilenceMatcher(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a label of an alert has to look like."""

    label: SilenceLabel
    """`rule` fits where it fits each rule that is broken; an alert lacks `meeting_id` where it concerns several."""
    pattern: Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
    """With * and ?; the case counts."""


class AlertSilenced(Event, frozen=True, kw_only=True, tag=True):
    """Nobody is to be told of certain alerts for a while; or that while was ended. The newest of one ID counts."""

    silence_id: str
    """32 hexadecimal digits."""
    matchers: list[SilenceMatcher]
    """All have to fit."""
    starts_at: Instant
    ends_at: Instant
    """When it was ended before its time: that moment."""
    who: str
    """Who made it, or ended it."""
    why: str
    ended: bool
    """By somebody, before its time."""
    occurred_at: Instant


class AlertAcknowledged(Event, frozen=True, kw_only=True, tag=True):
    """Somebody is at it. Holds until the alert is over."""

    alert_id: str
    since: Instant
    """The alert's: one that comes back is another."""
    who: str
    note: str
    occurred_at: Instant


class AlertNotified(Event, frozen=True, kw_only=True, tag=True):
    """One channel was told of one decision, or will not be. Whoever takes over goes on behind it."""

    alert_id: str
    decision_id: str
    """The ID of the decision's record, without the number at its end."""
    channel: str
    """Its name in the settings."""
    outcome: str
    """told; silenced (not told, see AlertSilenced); given_up (refused for good, or too old)."""
    occurred_at: Instant
    doubted: bool = False
    """It was tried before that, and may have been told: an answer can be lost. So the channel is told of the end."""


AlertEvent = AlertChanged | AlertSilenced | AlertAcknowledged | AlertNotified
