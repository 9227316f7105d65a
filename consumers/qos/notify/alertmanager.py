"""What Alertmanager is posted (its API v2, POST /alerts). Pure.

An alert is its labels there: they stay the same while it stands. The severity alone may change, since routes need it;
then the one of the old severity is ended in the same request. What is told in words is an annotation.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from schemas.events import AlertChanged

from .labels import labels
from .letter import Letter
from .saying import Said, Voice

NAME: Final = "MeetingQuality"
OURS: Final = urlencode({"filter": f'alertname="{NAME}"'})
"""What asks for our alerts that stand, and for no others (GET /alerts)."""


def posted(letters: Sequence[Letter], voice: Voice, now: datetime, ends_after_s: float) -> list[dict[str, Any]]:
    """Return the alerts of one request; of several letters on one alert the last says how it is."""
    by_labels: dict[tuple[tuple[str, str], ...], dict[str, Any]] = {}
    for letter in letters:
        alert, before = letter.alert, letter.before
        if before is not None and _labels(before) != _labels(alert):
            _put(by_labels, _alert(before, voice.say(letter), _ended(before, alert.occurred_at)))
        standing = max(now, alert.since) + timedelta(seconds=ends_after_s)
        _put(by_labels, _alert(alert, voice.say(letter), _end(letter, standing)))
    return list(by_labels.values())


def _put(by_labels: dict[tuple[tuple[str, str], ...], dict[str, Any]], alert: dict[str, Any]) -> None:
    by_labels[tuple(sorted(alert["labels"].items()))] = alert


def _end(letter: Letter, standing: datetime) -> datetime:
    if letter.news == "resolved":
        return _ended(letter.alert, letter.alert.occurred_at)
    if letter.news == "test":
        return letter.alert.since + timedelta(minutes=1)
    return standing


def _ended(alert: AlertChanged, at: datetime) -> datetime:
    # Alertmanager answers 400 where an alert ends before it began.
    return max(at, alert.since)


def _alert(alert: AlertChanged, said: Said, ends_at: datetime) -> dict[str, Any]:
    annotations = {"summary": said.headline, "description": "\n".join(said.lines)}
    link = {"generatorURL": said.link} if said.link else {}
    return {"labels": _labels(alert), "annotations": annotations, "startsAt": alert.since, "endsAt": ends_at, **link}


def _labels(alert: AlertChanged) -> dict[str, str]:
    return {"alertname": NAME, **labels(alert)}
