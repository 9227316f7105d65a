"""The present of all meetings: what events do to it, and how it is looked at. Pure.

`take` notes which meetings have changed; `refresh` makes the rows of these anew and says which are others than before.
Rows are made then and not for each reader, so a look costs no more than to copy a list.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

import msgspec

from schemas.api.meetings import MeetingDetail, MeetingRow, Overview
from schemas.events import AnyEvent, CaptionSpoken
from schemas.events.alerts import AlertAcknowledged, AlertChanged, AlertSilenced

from . import views
from .alerts import AlertsBoard
from .captions import MOST, Sentence
from .hours import Counts, Hours
from .meeting import AboutMeeting, Meeting, Present, is_about_meeting
from .over import OVER_FOR, Over, is_past

Key = tuple[str, str]
"""Enterprise and meeting ID."""
Enterprises = frozenset[str] | None
"""Those that a reader may see; None: all."""

# Of all meetings together; five thousand of them with two hundred each would take half a gigabyte.
_SENTENCES: Final = 100_000
_FEWEST: Final = 20
# After a start all of a day's meetings are to go: not in one go, for which everybody would wait.
_AT_ONCE: Final = 1_000


class Changes(msgspec.Struct, frozen=True):
    """What is otherwise than at the last refresh."""

    rows: list[MeetingRow]
    gone: list[tuple[str, str]]
    """Enterprises and IDs of rows that are no more."""
    touched: frozenset[str] = frozenset()
    """IDs of meetings of which anything changed, whether their rows tell it or not."""


class Spoken(msgspec.Struct, frozen=True, gc=False):
    """A sentence that was begun, went on, or was corrected."""

    key: Key
    sentence: Sentence


class Whole:
    """The present."""

    def __init__(self) -> None:
        self.alerts, self.hours = AlertsBoard(), Hours()
        self._meetings: dict[Key, Meeting] = {}
        self._rows: dict[Key, MeetingRow] = {}
        self._by_id: dict[str, Key] = {}
        self._dirty: set[Key] = set()
        self._over = Over()
        self._unshown: list[Key] = []
        """Of those that are not shown, which were not looked at lately."""
        self._most_sentences = MOST

    def take(self, event: AnyEvent, event_id: str, epoch: int | None) -> Spoken | None:
        """Count one event in; return the sentence where it is a caption."""
        if isinstance(event, CaptionSpoken):
            return self._spoken(event, event_id, epoch)
        if isinstance(event, AlertChanged | AlertAcknowledged | AlertSilenced):
            self._alerted(event)
        elif is_about_meeting(event) and not self._is_late(event):
            key = event.enterprise, event.meeting_id
            meeting = self._meetings.get(key) or Meeting(*key)
            if meeting.take(event, epoch):
                self._meetings[key] = meeting
                self._dirty.add(key)
        return None

    def refresh(self, now: datetime) -> Changes:
        """Make the rows of what changed anew; return those that are others than before."""
        dirty, self._dirty = self._dirty, set()
        changed, gone = [], []
        for key in dirty:
            before, row = self._rows.get(key), self._row(key, now)
            if before is not None and (row is None or row.id != before.id):
                gone.append((before.enterprise, before.id))
                self._by_id.pop(before.id, None)
            if row is None:
                self._rows.pop(key, None)
            elif row != before:
                self._rows[key], self._by_id[row.id] = row, key
                changed.append(row)
        touched = (self._rows[key].id for key in dirty if key in self._rows)
        return Changes(changed, gone, frozenset(touched))

    def age(self, now: datetime, *, is_settled: bool = False) -> None:
        """Let go of what is over, and count what there is. To be called every few seconds.

        `is_settled`: all that was told was read. Till then what looks over may have begun again.
        """
        for key, row in list(self._rows.items()):
            if row.state == "over":
                self._leave(key, row, now)
            elif self._present(key).ended_at(now) is not None:
                self._dirty.add(key)
        if is_settled:
            self._forget(now)
        self._over.age(now)
        self._most_sentences = max(_FEWEST, min(MOST, _SENTENCES // max(1, len(self._meetings))))
        self.hours.note(self._counts(), now)

    def rows(self, enterprises: Enterprises) -> list[MeetingRow]:
        """Return all rows of these enterprises."""
        return [row for key, row in self._rows.items() if enterprises is None or key[0] in enterprises]

    def overview(self, enterprises: Enterprises) -> Overview:
        """Return what it all comes to."""
        rows = [row for row in self.rows(enterprises) if row.state == "on"]
        return Overview(
            meetings=len(rows),
            people=sum(row.people for row in rows),
            bad=sum(row.bad for row in rows),
            subscriptions_lost=sum(row.subscription == "lost" for row in rows),
            alerts=self.alerts.standing(enterprises),
            hours=self.hours.shown(enterprises),
        )

    def has(self, meeting: str, enterprises: Enterprises) -> bool:
        """Whether there is such a row, and it may be seen."""
        key = self._by_id.get(meeting)
        # Of what was let go of, the row stands until the next refresh.
        return key is not None and key in self._meetings and (enterprises is None or key[0] in enterprises)

    def detail(self, meeting: str, enterprises: Enterprises, *, captions: bool, history: bool) -> MeetingDetail | None:
        """Return one meeting, by its occurrence's ID; None where there is none, or it is not to be seen."""
        if not self.has(meeting, enterprises):
            return None
        key = self._by_id[meeting]
        return views.detail(self._present(key), self._rows[key], with_captions=captions, with_history=history)

    def id_of(self, key: Key) -> str | None:
        """Return the occurrence's ID that is shown for a meeting now."""
        row = self._rows.get(key)
        return None if row is None else row.id

    def names_of(self, key: Key) -> dict[str, str | None]:
        """Return what the people of a meeting are called."""
        meeting = self._meetings.get(key)
        return {} if meeting is None else views.names_of(meeting)

    def _spoken(self, event: CaptionSpoken, event_id: str, epoch: int | None) -> Spoken | None:
        if self._is_late(event):
            return None
        key = event.enterprise, event.meeting_id
        if (meeting := self._meetings.get(key)) is None:
            meeting = self._meetings[key] = Meeting(*key)
        sentence = meeting.captions.take(event, event_id, epoch, self._most_sentences)
        if key not in self._rows:
            self._dirty.add(key)
        return None if sentence is None else Spoken(key, sentence)

    def _alerted(self, event: AlertChanged | AlertAcknowledged | AlertSilenced) -> None:
        match event:
            case AlertChanged():
                about = [self.alerts.meeting_of(event.alert_id)]
                self.alerts.changed(event)
                about.append(self.alerts.meeting_of(event.alert_id))
                self._dirty.update(key for key in about if key is not None and key in self._meetings)
            case AlertAcknowledged():
                self.alerts.acknowledged(event)
            case AlertSilenced():
                self.alerts.silenced(event)

    def _is_late(self, event: AboutMeeting) -> bool:
        """Whether it is a late word on a holding that is over and was let go of."""
        return self._over.has(event.enterprise, event.meeting_id, event.meeting_uuid, event.occurred_at)

    def _present(self, key: Key) -> Present:
        return Present(self._meetings[key])

    def _row(self, key: Key, now: datetime) -> MeetingRow | None:
        meeting = self._meetings.get(key)
        present = None if meeting is None else Present(meeting)
        if present is None or not views.is_shown(present):
            return None
        row = views.row(present, self.alerts.about(*key), now)
        return None if row.ended_at is not None and now - row.ended_at >= OVER_FOR else row

    def _leave(self, key: Key, row: MeetingRow, now: datetime) -> None:
        if row.ended_at is not None and now - row.ended_at >= OVER_FOR:
            self._over.note(self._present(key), row.ended_at)
            del self._meetings[key]
            self._dirty.add(key)

    def _forget(self, now: datetime) -> None:
        """Let go of what nobody is shown, of which there would be more with each day; a part of it each time."""
        if not self._unshown:
            self._unshown = list(self._meetings.keys() - self._rows.keys())
        part, self._unshown = self._unshown[:_AT_ONCE], self._unshown[_AT_ONCE:]
        for key in part:
            if key not in self._meetings or key in self._rows or key in self._dirty:
                continue
            present = self._present(key)
            if is_past(present, now):
                self._over.note(present, present.ended_at(now) or now)
                del self._meetings[key]

    def _counts(self) -> dict[str, Counts]:
        found: dict[str, Counts] = {}
        for row in self._rows.values():
            if row.state == "on":
                found[row.enterprise] = found.get(row.enterprise, Counts()).plus(Counts(1, row.people, row.bad))
        return found


def of_enterprises(rows: Iterable[MeetingRow], enterprises: Enterprises) -> Iterator[MeetingRow]:
    """Yield the rows that a reader may see."""
    return (row for row in rows if enterprises is None or row.enterprise in enterprises)
