"""What an alert is known by: for Alertmanager, which groups and routes by it, and for silences. Pure.

All of it stays the same while the alert stands, but for the severity, and none of it is a person's name.
"""

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from schemas.events import AlertChanged, AlertSilenced, SilenceMatcher
from schemas.events.lifecycle import Instant

from ..engine.alert import SEVERITIES


def gravity(severity: str) -> int:
    """Return the place of a severity among all; one of a later version is the gravest."""
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)


def labels(alert: AlertChanged) -> dict[str, str]:
    """Return the labels; what an alert lacks is left out."""
    found = {
        "alert_id": alert.alert_id,
        "enterprise": alert.enterprise,
        "level": alert.level,
        "place": alert.place,
        "meeting_id": alert.meeting_id,
        "participant_id": alert.participant_id,
        "severity": alert.severity,
    }
    return {name: value for name, value in found.items() if value}


def silenced_by(alert: AlertChanged, silences: Iterable[AlertSilenced], now: Instant) -> AlertSilenced | None:
    """Return the silence that keeps us from telling of an alert now; of several the one that ends last."""
    holding = [one for one in silences if one.starts_at <= now < one.ends_at and fits(alert, one.matchers)]
    return max(holding, key=lambda one: (one.ends_at, one.silence_id), default=None)


def fits(alert: AlertChanged, matchers: Sequence[SilenceMatcher]) -> bool:
    """Say whether all matchers fit; none at all fit nothing."""
    return bool(matchers) and all(_fits(alert, matcher) for matcher in matchers)


def _fits(alert: AlertChanged, matcher: SilenceMatcher) -> bool:
    if matcher.label == "rule":
        return bool(alert.troubles) and all(like(trouble.rule, matcher.pattern) for trouble in alert.troubles)
    return like(labels(alert).get(matcher.label, ""), matcher.pattern)


def like(text: str, pattern: str) -> bool:
    """Say whether a text has the form of a pattern, in which * and ? alone are special."""
    return fnmatchcase(text, pattern.replace("[", "[[]"))
