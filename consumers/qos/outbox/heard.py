"""What a channel has heard of alerts, and what a decision is to it then. Pure.

An answer can be lost behind a message that was taken: what was tried and then not told is doubted. Of its end such a
channel is told, which may be one that it does not need; what stands is told to it as to one that never heard of it.
"""

import msgspec

from schemas.events import AlertChanged
from schemas.notify import Notify

from ..notify.labels import gravity, like
from ..notify.letter import News


class Waiting(msgspec.Struct, frozen=True):
    """A decision that a channel may have to be told of."""

    id: str
    """The decision's."""
    key: str
    """Its record's, for what is said of it on the topic."""
    alert: AlertChanged
    silenced: bool = False
    """It was its turn, and somebody wanted silence; said so on the topic."""
    tried: bool = False
    """It may have been sent already."""
    since_s: float | None = None
    """Since when it could be told, in seconds since 1970; None: since it was decided."""

    @property
    def over(self) -> bool:
        """Whether it is an end."""
        return self.alert.change == "resolved"

    def age_s(self, now_s: float) -> float:
        """Return for how long it could have been told."""
        return now_s - (self.alert.occurred_at.timestamp() if self.since_s is None else self.since_s)


class Told(msgspec.Struct, frozen=True):
    """What a channel was told of an alert last, or may have been."""

    id: str
    alert: AlertChanged


class Wants(msgspec.Struct, frozen=True):
    """What is news to a channel at all."""

    from_severity: str
    enterprises: tuple[str, ...]
    every_change: bool
    give_up_after_s: float

    @classmethod
    def of(cls, settings: Notify) -> "Wants":
        """Return those of the settings; Alertmanager takes every change, or its annotations would grow old."""
        every = settings.updates or settings.kind == "alertmanager"
        return cls(settings.from_severity, settings.enterprises, every, settings.give_up_after_h * 3_600)


def judge(
    told: AlertChanged | None, alert: AlertChanged, wants: Wants, *, doubted: AlertChanged | None = None
) -> News | None:
    """Return what a decision is to those who were told `told` last, and may have been told `doubted`.

    None where it is no news.
    """
    if told is not None and alert.occurred_at < told.occurred_at:
        return None
    if alert.change == "resolved":
        known = told is not None or (doubted is not None and doubted.occurred_at <= alert.occurred_at)
        return "resolved" if known else None
    if alert.held_by is not None or alert.muted or not _wanted(alert, wants):
        return None
    if told is None:
        return "firing"
    if gravity(alert.severity) > gravity(told.severity):
        return "worse"
    return "updated" if wants.every_change else None


def _wanted(alert: AlertChanged, wants: Wants) -> bool:
    grave = gravity(alert.severity) >= gravity(wants.from_severity)
    return grave and (not wants.enterprises or any(like(alert.enterprise, one) for one in wants.enterprises))


class Heard:
    """What one channel was told, and may have been told, by alert."""

    def __init__(self, told: dict[str, Told], doubted: dict[str, Told]) -> None:
        self.told, self.doubted = told, doubted

    def copy(self) -> "Heard":
        """Return one that may go on by itself."""
        return Heard(self.told.copy(), self.doubted.copy())

    def news(self, alert: AlertChanged, wants: Wants) -> News | None:
        """Return what a decision is to it."""
        told, doubted = (_last(one, alert.alert_id) for one in (self.told, self.doubted))
        return judge(told, alert, wants, doubted=doubted)

    def before(self, alert_id: str) -> AlertChanged | None:
        """Return what it was told of an alert last, or else may have been."""
        return _last(self.told, alert_id) or _last(self.doubted, alert_id)

    def note(self, one: Waiting, outcome: str) -> bool:
        """Note what became of a letter; return whether that changes anything here."""
        before = self.told.get(one.alert.alert_id), self.doubted.get(one.alert.alert_id)
        if outcome == "told" or (outcome == "given_up" and one.over):
            # An end that is given up is one all the same: else what comes next would be no news there, ever again.
            self._tell(one)
        elif one.tried and not one.over:
            self.doubted[one.alert.alert_id] = Told(one.id, one.alert)
        return before != (self.told.get(one.alert.alert_id), self.doubted.get(one.alert.alert_id))

    def _tell(self, one: Waiting) -> None:
        alert_id, doubted = one.alert.alert_id, self.doubted.get(one.alert.alert_id)
        if one.over:
            self.told.pop(alert_id, None)
        else:
            self.told[alert_id] = Told(one.id, one.alert)
        # An end says nothing of what began behind it.
        if doubted is not None and doubted.alert.occurred_at <= one.alert.occurred_at:
            del self.doubted[alert_id]


def _last(of: dict[str, Told], alert_id: str) -> AlertChanged | None:
    one = of.get(alert_id)
    return None if one is None else one.alert
