"""Alerts, and what people say of them."""

from typing import Annotated, Literal

import msgspec

from ..events.alerts import SilenceMatcher
from ..events.lifecycle import Instant
from .shape import Answer, Request

AlertState = Literal["standing", "held_back", "resolved"]
"""held_back: another, wider one explains it, and stands."""


class Acknowledged(Answer, frozen=True, kw_only=True):
    """Somebody looks after it."""

    at: Instant
    who: str
    note: str


class AlertCause(Answer, frozen=True, kw_only=True):
    """One check that fires."""

    rule: str
    check: str
    """rule/modality/direction; `no-data` for a silence."""
    severity: str
    since: Instant
    people: int
    metric: str | None
    above: float | None
    below: float | None
    bad: int
    of: int
    last: float | None
    """The newest sample's value, in the metric's unit."""


class Alert(Answer, frozen=True, kw_only=True):
    """One alert: something is, or was, wrong somewhere."""

    id: str
    state: AlertState
    enterprise: str
    """Empty for what concerns all."""
    level: str
    """participant, meeting, site, network, department, terminal_type, enterprise, meeting_silent …"""
    place: str
    """Which one, of that level: an ID or the name of a place."""
    meeting: str | None
    """The occurrence's ID, where the meeting is shown now."""
    meeting_id: str | None
    participant_id: str | None
    severity: str
    """info, warning, critical."""
    since: Instant
    changed_at: Instant
    ended_at: Instant | None
    because: str | None
    """Once resolved: good, or gone."""
    people: int
    measured: int
    meetings: int
    direction: str | None
    """uplink, downlink."""
    held_by: str | None
    muted: bool
    silenced_by: str | None
    """The silence's ID."""
    acknowledged: Acknowledged | None
    causes: list[AlertCause]


class Alerts(Answer, frozen=True, kw_only=True):
    """GET /api/v1/alerts."""

    standing: list[Alert]
    """Held-back and silenced ones too; the gravest and then the oldest first."""
    past: list[Alert]
    """The newest first, 200 at most."""


class Acknowledge(Request, frozen=True, kw_only=True):
    """POST /api/v1/alerts/{id}/acknowledge."""

    note: Annotated[str, msgspec.Meta(max_length=1_000)] = ""


class Silence(Answer, frozen=True, kw_only=True):
    """While it holds, nobody is told of the alerts that fit."""

    id: str
    matchers: list[SilenceMatcher]
    """All have to fit; patterns with * and ?."""
    starts_at: Instant
    ends_at: Instant
    who: str
    why: str
    ended: bool


class Silences(Answer, frozen=True, kw_only=True):
    """GET /api/v1/silences: those that hold and those that begin later, by their ends."""

    silences: list[Silence]


# POST /api/v1/silences takes the desk's own SilenceWanted, and is answered with the Silence.
