"""What meeting.alerts.v1 tells: alerts that stand and stood, silences, acknowledgements. Pure.

The newest by its time counts: the events of one alert may stand on the topic in another order.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Final

from schemas.api.alerts import Acknowledged, Alert, AlertCause, Alerts, AlertState, Silence
from schemas.desk import AlertOnDesk
from schemas.events.alerts import AlertAcknowledged, AlertChanged, AlertSilenced, AlertTrouble, SilenceMatcher

MOST_PAST: Final = 200
# Of a silence that is over: what was said of it before may stand on the topic after what came last.
_REMEMBERED: Final = timedelta(days=1)
_SEVERITIES: Final = {"critical": 0, "warning": 1, "info": 2}


class AlertsBoard:
    """All alerts, silences and acknowledgements that are remembered."""

    def __init__(self) -> None:
        self._newest: dict[str, AlertChanged] = {}
        self._acknowledged: dict[str, AlertAcknowledged] = {}
        self._silences: dict[str, AlertSilenced] = {}
        self._standing: dict[tuple[str, str], set[str]] = {}

    def begin_with(self, standing: Iterable[AlertOnDesk], silences: Iterable[AlertSilenced]) -> None:
        """Take what a desk knows: it may be older than what is read back from the topic."""
        for one in standing:
            self.changed(one.alert)
            if one.acknowledged is not None:
                self.acknowledged(one.acknowledged)
        for silence in silences:
            self.silenced(silence)

    def changed(self, event: AlertChanged) -> bool:
        """Count a decision in; return whether it is the newest of its alert."""
        known = self._newest.get(event.alert_id)
        if known is not None and event.occurred_at < known.occurred_at:
            return False
        self._newest.pop(event.alert_id, None)
        self._newest[event.alert_id] = event
        if known is not None:
            self._uncount(known)
        if event.meeting_id is not None and _stands(event):
            self._standing.setdefault((event.enterprise, event.meeting_id), set()).add(event.alert_id)
        if event.change == "resolved":
            self._bound()
        return True

    def acknowledged(self, event: AlertAcknowledged) -> None:
        """Note who is at it."""
        known = self._acknowledged.get(event.alert_id)
        if known is None or event.occurred_at >= known.occurred_at:
            self._acknowledged[event.alert_id] = event

    def silenced(self, event: AlertSilenced) -> None:
        """Note a silence, or its end."""
        known = self._silences.get(event.silence_id)
        if known is None or event.occurred_at >= known.occurred_at:
            there = (one for one in self._silences.values() if event.occurred_at - one.ends_at < _REMEMBERED)
            self._silences = {one.silence_id: one for one in there} | {event.silence_id: event}

    def meeting_of(self, alert_id: str) -> tuple[str, str] | None:
        """Return the enterprise and the meeting that an alert is about; None: it is about several, or unknown."""
        known = self._newest.get(alert_id)
        return None if known is None or known.meeting_id is None else (known.enterprise, known.meeting_id)

    def about(self, enterprise: str, meeting_id: str) -> int:
        """Return how many stand about one meeting; what a wider one explains does not count."""
        return len(self._standing.get((enterprise, meeting_id), ()))

    @property
    def knows_any(self) -> bool:
        """Whether any alert was ever told of."""
        return bool(self._newest)

    def standing(self, enterprises: frozenset[str] | None) -> int:
        """Return how many stand in these enterprises."""
        return sum(_stands(one) and _may(one, enterprises) for one in self._newest.values())

    def has(self, alert_id: str, enterprises: frozenset[str] | None) -> bool:
        """Whether there is such an alert in these enterprises."""
        known = self._newest.get(alert_id)
        return known is not None and _may(known, enterprises)

    def shown(self, enterprises: frozenset[str] | None, now: datetime) -> Alerts:
        """Return all of these enterprises."""
        found = [self._shown(one, now) for one in self._newest.values() if _may(one, enterprises)]
        standing = [one for one in found if one.state != "resolved"]
        past = [one for one in found if one.state == "resolved"]
        return Alerts(
            standing=sorted(standing, key=lambda one: (_SEVERITIES.get(one.severity, 3), one.since, one.id)),
            past=sorted(past, key=lambda one: (one.changed_at, one.id), reverse=True)[:MOST_PAST],
        )

    def one(self, alert_id: str, now: datetime) -> Alert | None:
        """Return one alert."""
        known = self._newest.get(alert_id)
        return None if known is None else self._shown(known, now)

    def fitting(self, silence: AlertSilenced) -> list[str]:
        """Return the IDs of the alerts that a silence is about."""
        return [one.alert_id for one in self._newest.values() if _fits(silence.matchers, one)]

    def silences(self, now: datetime) -> list[Silence]:
        """Return those that hold and those that begin later, by their ends."""
        there = (one for one in self._silences.values() if not one.ended and one.ends_at > now)
        return [silence_shown(one) for one in sorted(there, key=lambda one: (one.ends_at, one.silence_id))]

    def _uncount(self, known: AlertChanged) -> None:
        # By what was said before: an alert of a site is about one meeting until it spreads to a second.
        key = known.enterprise, known.meeting_id or ""
        if key in self._standing:
            self._standing[key].discard(known.alert_id)
            if not self._standing[key]:
                del self._standing[key]

    def _bound(self) -> None:
        over = [one for one in self._newest.values() if one.change == "resolved"]
        for one in over[: max(0, len(over) - 5 * MOST_PAST)]:
            del self._newest[one.alert_id]
            self._acknowledged.pop(one.alert_id, None)

    def _shown(self, event: AlertChanged, now: datetime) -> Alert:
        state = _state(event)
        told = self._acknowledged.get(event.alert_id)
        seen = told if told is not None and told.since == event.since else None
        return Alert(
            id=event.alert_id,
            state=state,
            enterprise=event.enterprise,
            level=event.level,
            place=event.place,
            meeting=None,
            meeting_id=event.meeting_id,
            participant_id=event.participant_id,
            severity=event.severity,
            since=event.since,
            changed_at=event.occurred_at,
            ended_at=event.occurred_at if state == "resolved" else None,
            because=event.because,
            people=event.people,
            measured=event.measured,
            meetings=event.meetings,
            direction=event.direction,
            held_by=event.held_by,
            muted=event.muted,
            silenced_by=self._silenced_by(event, now),
            acknowledged=None if seen is None else Acknowledged(at=seen.occurred_at, who=seen.who, note=seen.note),
            causes=[_cause(trouble) for trouble in event.troubles],
        )

    def _silenced_by(self, event: AlertChanged, now: datetime) -> str | None:
        fitting = [one for one in self._silences.values() if _holds(one, now) and _fits(one.matchers, event)]
        return max(fitting, key=lambda one: (one.ends_at, one.silence_id)).silence_id if fitting else None


def silence_shown(event: AlertSilenced) -> Silence:
    """Return a silence as the API shows it."""
    return Silence(
        id=event.silence_id,
        matchers=event.matchers,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        who=event.who,
        why=event.why,
        ended=event.ended,
    )


def _state(event: AlertChanged) -> AlertState:
    if event.change == "resolved":
        return "resolved"
    return "held_back" if event.held_by is not None else "standing"


def _stands(event: AlertChanged) -> bool:
    return _state(event) == "standing"


def _may(event: AlertChanged, enterprises: frozenset[str] | None) -> bool:
    return enterprises is None or event.enterprise in enterprises


def _holds(silence: AlertSilenced, now: datetime) -> bool:
    return not silence.ended and silence.starts_at <= now < silence.ends_at


def _fits(matchers: Sequence[SilenceMatcher], event: AlertChanged) -> bool:
    """Whether all fit: by the same rule as where it is decided whom to tell; a test compares the two."""
    return bool(matchers) and all(_like(one, event) for one in matchers)


def _like(one: SilenceMatcher, event: AlertChanged) -> bool:
    pattern = one.pattern.replace("[", "[[]")
    if one.label == "rule":
        return bool(event.troubles) and all(fnmatchcase(trouble.rule, pattern) for trouble in event.troubles)
    return fnmatchcase(getattr(event, one.label) or "", pattern)


def _cause(trouble: AlertTrouble) -> AlertCause:
    return AlertCause(
        rule=trouble.rule,
        check=trouble.check,
        severity=trouble.severity,
        since=trouble.since,
        people=trouble.people,
        metric=trouble.metric,
        above=trouble.above,
        below=trouble.below,
        bad=trouble.bad,
        of=trouble.of,
        last=trouble.samples[-1].value if trouble.samples else None,
    )
