"""The lane of one channel: the letters that wait, in order, and what was told. Pure; the journal has each change.

Letters of one alert are judged in their order, each when those before it are done with: an end is news to those who
were told of the beginning, and to nobody else.
"""

from collections.abc import Callable, Iterator
from typing import Final, Literal, Protocol

import msgspec

from schemas.events import AlertChanged, AlertNotified
from schemas.notify import Notify

from ..notify.labels import gravity, like
from ..notify.letter import Letter, News

Quiet = Literal["silenced", "acknowledged"]
Hush = Callable[[AlertChanged], Quiet | None]
"""What keeps us from telling of an alert that is not over."""
Outcome = Literal["told", "silenced", "given_up"]

_MOST_EARLY: Final = 1_000


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

    def age_s(self, now_s: float) -> float:
        """Return for how long it could have been told."""
        return now_s - (self.alert.occurred_at.timestamp() if self.since_s is None else self.since_s)


class Told(msgspec.Struct, frozen=True):
    """What a channel was told of an alert last."""

    id: str
    alert: AlertChanged


class Step(msgspec.Struct, frozen=True):
    """What to do next: letters to tell as one message, and what became of others on the way to them."""

    letters: list[tuple[Waiting, Letter]]
    silenced: list[Waiting]
    given_up: list[Waiting]
    dropped: list[Waiting]

    def __bool__(self) -> bool:
        """Say whether there is anything."""
        return bool(self.letters or self.silenced or self.given_up or self.dropped)


class LaneJournal(Protocol):
    """Keeps what changes in a lane."""

    def put(self, channel: str, waiting: Waiting) -> None: ...  # noqa: D102
    def drop(self, channel: str, decision: str) -> None: ...  # noqa: D102
    def tell(self, channel: str, told: Told) -> None: ...  # noqa: D102
    def forget(self, channel: str, alert: str) -> None: ...  # noqa: D102


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


def judge(told: AlertChanged | None, alert: AlertChanged, wants: Wants) -> News | None:
    """Return what a decision is to those who were told `told` last; None where it is no news."""
    if told is not None and alert.occurred_at < told.occurred_at:
        return None
    if alert.change == "resolved":
        return "resolved" if told is not None else None
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


class Lane:
    """One channel's. `waiting` is in the order of the decisions, `told` by alert."""

    def __init__(self, channel: str, wants: Wants, journal: LaneJournal) -> None:
        self.channel, self._wants, self._journal = channel, wants, journal
        self.waiting: dict[str, Waiting] = {}
        self.told: dict[str, Told] = {}
        self._of: dict[str, list[str]] = {}
        self._early: dict[str, str] = {}

    def load(self, waiting: Waiting) -> None:
        """Have a letter that is in the file."""
        self.waiting[waiting.id] = waiting
        self._of.setdefault(waiting.alert.alert_id, []).append(waiting.id)

    def add(self, waiting: Waiting) -> None:
        """Have a decision wait, unless it is no news already now."""
        for earlier in self._of_alert(waiting.alert.alert_id):
            if earlier.silenced:
                # The newer decision says it better, once somebody may hear of it.
                self._drop(earlier)
        self.load(waiting)
        self._journal.put(self.channel, waiting)
        if (outcome := self._early.pop(waiting.id, None)) is not None:
            self.done(waiting, outcome)
        self._sift(waiting.alert.alert_id)

    def step(self, now_s: float, most: int, hush: Hush) -> Step:
        """Return what to do next, as seconds since 1970 have it; it changes nothing."""
        step, told = Step([], [], [], []), {alert: one.alert for alert, one in self.told.items()}
        for one in self.waiting.values():
            if len(step.letters) == most:
                break
            self._look(one, step, told, now_s, hush)
        return step

    def _look(self, one: Waiting, step: Step, told: dict[str, AlertChanged], now_s: float, hush: Hush) -> None:
        alert, before = one.alert, told.get(one.alert.alert_id)
        news = judge(before, alert, self._wants)
        quiet = hush(alert) if news not in (None, "resolved") else None
        if news is None or (news == "updated" and quiet == "acknowledged"):
            step.dropped.append(one)
        elif quiet == "silenced":
            if not one.silenced:
                step.silenced.append(one)
        elif not one.silenced and one.age_s(now_s) > self._wants.give_up_after_s:
            step.given_up.append(one)
        else:
            # Also what was silenced until now, however long: nobody could be told of it before.
            step.letters.append((one, Letter(one.id, news, alert, before)))
            _note(told, alert)

    def expire(self, now_s: float, hush: Hush) -> None:
        """Give up what is too old, unsaid: for who does not send, and whom nobody tells of these letters."""
        for one in list(self.waiting.values()):
            if one.age_s(now_s) > self._wants.give_up_after_s and not self._is_kept_quiet(one, hush):
                self.done(one, "given_up")

    def _is_kept_quiet(self, one: Waiting, hush: Hush) -> bool:
        """Say whether a letter waits for the end of a silence, on an alert that stands."""
        stands = one.alert.change != "resolved" and self._of[one.alert.alert_id][-1] == one.id
        return stands and (one.silenced or hush(one.alert) == "silenced")

    def mark(self, waiting: Waiting, now_s: float) -> None:
        """Note that a letter is about to be sent; what was silenced could be told from now on."""
        since_s = now_s if waiting.silenced else waiting.since_s
        self._put(msgspec.structs.replace(waiting, silenced=False, tried=True, since_s=since_s))

    def done(self, waiting: Waiting, outcome: str) -> None:
        """Note what became of a letter: told, silenced, given_up, or dropped where it was no news."""
        if waiting.id not in self.waiting:
            return
        if outcome != "dropped":
            self._drop_before(waiting)
        if outcome == "silenced" and self._of[waiting.alert.alert_id][-1] == waiting.id:
            self._put(msgspec.structs.replace(waiting, silenced=True))
            return
        self._drop(waiting)
        if outcome == "told" or (outcome == "given_up" and waiting.alert.change == "resolved"):
            # An end that is given up is one all the same: else what comes next would be no news there, ever again.
            self._tell(waiting)
        self._sift(waiting.alert.alert_id)

    def _drop_before(self, waiting: Waiting) -> None:
        """Let go of what came before on the same alert: whoever acted on this one was through with it."""
        for earlier in self._of_alert(waiting.alert.alert_id):
            if earlier.id == waiting.id:
                break
            self._drop(earlier)

    def notified(self, event: AlertNotified, *, leading: bool) -> None:
        """Take what another process did; who leads knows better what is silenced."""
        waiting = self.waiting.get(event.decision_id)
        if waiting is None:
            if not leading:
                self._note_early(event)
        elif not (leading and event.outcome == "silenced"):
            self.done(waiting, event.outcome)

    def _note_early(self, event: AlertNotified) -> None:
        # A channel may be told before the topic is: then the one comes before the other here.
        self._early[event.decision_id] = event.outcome
        if len(self._early) > _MOST_EARLY:
            del self._early[next(iter(self._early))]

    def standing(self) -> Iterator[Letter]:
        """Yield what was told and is not over, to be told again."""
        for one in self.told.values():
            yield Letter(one.id, "updated", one.alert, one.alert)

    def _sift(self, alert_id: str) -> None:
        """Let go of letters that are no news, up to the first of an alert that is."""
        told = self.told.get(alert_id)
        for one in self._of_alert(alert_id):
            if judge(told.alert if told else None, one.alert, self._wants) is not None:
                break
            self._drop(one)

    def _tell(self, waiting: Waiting) -> None:
        alert_id = waiting.alert.alert_id
        if waiting.alert.change == "resolved":
            self.told.pop(alert_id, None)
            self._journal.forget(self.channel, alert_id)
        else:
            self.told[alert_id] = Told(waiting.id, waiting.alert)
            self._journal.tell(self.channel, self.told[alert_id])

    def _put(self, waiting: Waiting) -> None:
        self.waiting[waiting.id] = waiting
        self._journal.put(self.channel, waiting)

    def _drop(self, waiting: Waiting) -> None:
        del self.waiting[waiting.id]
        same = self._of[waiting.alert.alert_id]
        same.remove(waiting.id)
        if not same:
            del self._of[waiting.alert.alert_id]
        self._journal.drop(self.channel, waiting.id)

    def _of_alert(self, alert_id: str) -> list[Waiting]:
        return [self.waiting[one] for one in self._of.get(alert_id, ())]


def _note(told: dict[str, AlertChanged], alert: AlertChanged) -> None:
    if alert.change == "resolved":
        told.pop(alert.alert_id, None)
    else:
        told[alert.alert_id] = alert
