"""The book: everything on meeting.alerts.v1, folded to what is so now. Pure; the journal has each change.

The newest decision on an alert is what it is, by the time of its decision: events of one alert may come in another
order. What is over is remembered up to a bound, so that `past` has something to show.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final, Protocol

import msgspec

from schemas.desk import AlertOnDesk
from schemas.events import AlertAcknowledged, AlertChanged, AlertSilenced

from ..notify.labels import gravity, silenced_by

PAST: Final = 1_000


class Entry(msgspec.Struct, frozen=True):
    """An alert as the newest decision has it."""

    id: str
    """The decision's."""
    key: str
    alert: AlertChanged

    @property
    def over(self) -> bool:
        """Whether it is resolved."""
        return self.alert.change == "resolved"


class BookJournal(Protocol):
    """Keeps what changes in the book."""

    def enter(self, entry: Entry) -> None: ...  # noqa: D102
    def strike(self, alert: str) -> None: ...  # noqa: D102
    def remark(self, event: AlertSilenced | AlertAcknowledged) -> None: ...  # noqa: D102
    def unremark(self, event: AlertSilenced | AlertAcknowledged) -> None: ...  # noqa: D102


class Book:
    """What is so now."""

    def __init__(self, journal: BookJournal) -> None:
        self._journal = journal
        self.alerts: dict[str, Entry] = {}
        """By alert; those that are over in the order in which they were resolved."""
        self.silences: dict[str, AlertSilenced] = {}
        self.acknowledged: dict[str, AlertAcknowledged] = {}
        self._over = 0

    def load(self, entries: Iterable[Entry], remarks: Iterable[AlertSilenced | AlertAcknowledged]) -> None:
        """Have what is in the file."""
        self.alerts = {entry.alert.alert_id: entry for entry in sorted(entries, key=lambda one: one.alert.occurred_at)}
        self._over = sum(entry.over for entry in self.alerts.values())
        for event in remarks:
            if isinstance(event, AlertSilenced):
                self.silences[event.silence_id] = event
            else:
                self.acknowledged[event.alert_id] = event

    def decided(self, entry: Entry) -> bool:
        """Take a decision; return whether it is the newest on its alert."""
        alert_id, before = entry.alert.alert_id, self.alerts.get(entry.alert.alert_id)
        if before is not None and before.alert.occurred_at > entry.alert.occurred_at:
            return False
        self._over += entry.over - (before is not None and before.over)
        # At its end, so that what was resolved first is forgotten first.
        self.alerts.pop(alert_id, None)
        self.alerts[alert_id] = entry
        self._journal.enter(entry)
        if entry.over and (seen := self.acknowledged.pop(alert_id, None)) is not None:
            self._journal.unremark(seen)
        self._forget()
        return True

    def _forget(self) -> None:
        while self._over > PAST:
            oldest = next(alert for alert, entry in self.alerts.items() if entry.over)
            del self.alerts[oldest]
            self._over -= 1
            self._journal.strike(oldest)

    def silenced(self, event: AlertSilenced) -> None:
        """Take a silence, or its end."""
        before = self.silences.get(event.silence_id)
        if before is None or before.occurred_at <= event.occurred_at:
            self.silences[event.silence_id] = event
            self._journal.remark(event)

    def seen_to(self, event: AlertAcknowledged) -> None:
        """Take an acknowledgement; of an alert that is over, or stands anew, it says nothing."""
        entry = self.alerts.get(event.alert_id)
        if entry is None or (not entry.over and entry.alert.since == event.since):
            self.acknowledged[event.alert_id] = event
            self._journal.remark(event)

    def tidy(self, now: datetime) -> None:
        """Forget silences that are over."""
        for silence in [one for one in self.silences.values() if one.ends_at <= now]:
            del self.silences[silence.silence_id]
            self._journal.unremark(silence)

    def hush(self, alert: AlertChanged, now: datetime) -> AlertSilenced | None:
        """Return the silence that an alert is under."""
        return silenced_by(alert, self.silences.values(), now)

    def is_seen_to(self, alert: AlertChanged) -> bool:
        """Say whether somebody is at it."""
        seen = self.acknowledged.get(alert.alert_id)
        return seen is not None and seen.since == alert.since

    def next_change(self, now: datetime) -> datetime | None:
        """Return when a silence begins or ends next."""
        bounds = (at for one in self.silences.values() for at in (one.starts_at, one.ends_at))
        return min((at for at in bounds if at > now), default=None)

    def standing(self, now: datetime, told: Callable[[str], tuple[str, ...]]) -> list[AlertOnDesk]:
        """Return what stands; the gravest and then the oldest first."""
        found = [self._on_desk(entry, now, told) for entry in self.alerts.values() if not entry.over]
        return sorted(found, key=lambda one: (-gravity(one.alert.severity), one.alert.since, one.alert.alert_id))

    def past(self, limit: int) -> list[AlertOnDesk]:
        """Return what is over; the newest first."""
        over = [entry for entry in reversed(self.alerts.values()) if entry.over]
        return [AlertOnDesk(alert=entry.alert) for entry in over[:limit]]

    def _on_desk(self, entry: Entry, now: datetime, told: Callable[[str], tuple[str, ...]]) -> AlertOnDesk:
        alert, silence = entry.alert, self.hush(entry.alert, now)
        return AlertOnDesk(
            alert=alert,
            acknowledged=self.acknowledged[alert.alert_id] if self.is_seen_to(alert) else None,
            silenced_by=silence.silence_id if silence else None,
            told=told(alert.alert_id),
        )

    def current_silences(self, now: datetime) -> list[AlertSilenced]:
        """Return silences that hold or begin later, by their ends."""
        found = [one for one in self.silences.values() if one.ends_at > now]
        return sorted(found, key=lambda one: (one.ends_at, one.silence_id))
