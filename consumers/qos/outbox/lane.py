"""The lane of one channel: the letters that wait, in order, and what was told. Pure; the journal has each change.

Letters of one alert are judged in their order, each when those before it are done with: an end is news to those who
were told of the beginning, or may have been, and to nobody else.
"""

from collections.abc import Callable, Iterator
from typing import Final, Literal, Protocol

import msgspec

from schemas.events import AlertChanged, AlertNotified

from ..notify.letter import Letter
from .heard import Heard, Told, Waiting, Wants

Quiet = Literal["silenced", "acknowledged"]
Hush = Callable[[AlertChanged], Quiet | None]
"""What keeps us from telling of an alert that is not over."""
Outcome = Literal["told", "silenced", "given_up"]

_MOST_EARLY: Final = 1_000


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
    def hear(self, channel: str, alert: str, told: Told | None, doubted: Told | None) -> None: ...  # noqa: D102


class Lane:
    """One channel's. `waiting` is in the order of the decisions, `told` and `doubted` by alert."""

    def __init__(self, channel: str, wants: Wants, journal: LaneJournal) -> None:
        self.channel, self._wants, self._journal = channel, wants, journal
        self.waiting: dict[str, Waiting] = {}
        self.told: dict[str, Told] = {}
        self.doubted: dict[str, Told] = {}
        self._heard = Heard(self.told, self.doubted)
        self._of: dict[str, list[str]] = {}
        self._early: dict[str, AlertNotified] = {}

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
        if (early := self._early.pop(waiting.id, None)) is not None:
            self._hear_of(waiting, early)
        self._sift(waiting.alert.alert_id)

    def step(self, now_s: float, most: int, hush: Hush) -> Step:
        """Return what to do next, as seconds since 1970 have it; it changes nothing."""
        step, heard = Step([], [], [], []), self._heard.copy()
        for one in self.waiting.values():
            if len(step.letters) == most:
                break
            self._look(one, step, heard, now_s, hush)
        return step

    def _look(self, one: Waiting, step: Step, heard: Heard, now_s: float, hush: Hush) -> None:
        alert, news = one.alert, heard.news(one.alert, self._wants)
        quiet = hush(alert) if news not in (None, "resolved") else None
        if news is None or (news == "updated" and quiet == "acknowledged"):
            step.dropped.append(one)
            heard.note(one, "dropped")
        elif quiet == "silenced":
            if not one.silenced:
                step.silenced.append(one)
            heard.note(one, "silenced")
        elif not one.silenced and one.age_s(now_s) > self._wants.give_up_after_s:
            step.given_up.append(one)
            heard.note(one, "given_up")
        else:
            # Also what was silenced until now, however long: nobody could be told of it before.
            step.letters.append((one, Letter(one.id, news, alert, heard.before(alert.alert_id))))
            heard.note(one, "told")

    def expire(self, now_s: float, hush: Hush) -> None:
        """Give up what is too old, unsaid: for who does not send, and whom nobody tells of these letters."""
        for one in list(self.waiting.values()):
            if one.age_s(now_s) > self._wants.give_up_after_s and not self._is_kept_quiet(one, hush):
                self.done(one, "given_up")

    def _is_kept_quiet(self, one: Waiting, hush: Hush) -> bool:
        """Say whether a letter waits for the end of a silence, on an alert that stands."""
        stands = not one.over and self._of[one.alert.alert_id][-1] == one.id
        return stands and (one.silenced or hush(one.alert) == "silenced")

    def mark(self, waiting: Waiting, now_s: float) -> None:
        """Note that a letter is about to be sent; what was silenced could be told from now on."""
        since_s = now_s if waiting.silenced else waiting.since_s
        self._put(msgspec.structs.replace(waiting, silenced=False, tried=True, since_s=since_s))

    def refused(self, waiting: Waiting) -> None:
        """Note that a letter was surely not taken this time: it is as it was before that."""
        one = self.waiting.get(waiting.id)
        if one is not None:
            self._put(msgspec.structs.replace(one, tried=waiting.tried))

    def done(self, waiting: Waiting, outcome: str) -> None:
        """Note what became of a letter: told, silenced, given_up, or dropped where it was no news."""
        one = self.waiting.get(waiting.id)
        if one is None:
            return
        if outcome != "dropped":
            self._drop_before(one, outcome)
        if outcome == "silenced" and self._of[one.alert.alert_id][-1] == one.id:
            self._put(msgspec.structs.replace(one, silenced=True))
            return
        self._drop(one, outcome)
        self._sift(one.alert.alert_id)

    def _drop_before(self, waiting: Waiting, outcome: str) -> None:
        """Let go of what came before on the same alert: whoever acted on this one was through with it."""
        for earlier in self._of_alert(waiting.alert.alert_id):
            if earlier.id == waiting.id:
                break
            # An end is not silenced: it may be on its way still while what began behind it is.
            if not (earlier.over and outcome == "silenced"):
                self._drop(earlier)

    def notified(self, event: AlertNotified, *, leading: bool) -> None:
        """Take what another process did; who leads knows better what is silenced."""
        waiting = self.waiting.get(event.decision_id)
        if waiting is None:
            if not leading:
                self._note_early(event)
        else:
            self._hear_of(waiting, event, leading=leading)

    def _hear_of(self, waiting: Waiting, event: AlertNotified, *, leading: bool = False) -> None:
        if event.doubted:
            self._put(msgspec.structs.replace(waiting, tried=True))
        if not (leading and event.outcome == "silenced"):
            self.done(waiting, event.outcome)

    def _note_early(self, event: AlertNotified) -> None:
        # A channel may be told before the topic is: then the one comes before the other here.
        self._early[event.decision_id] = event
        if len(self._early) > _MOST_EARLY:
            del self._early[next(iter(self._early))]

    def standing(self) -> Iterator[Letter]:
        """Yield what was told and is not over, to be told again."""
        for one in self.told.values():
            yield Letter(one.id, "updated", one.alert, one.alert)

    def _sift(self, alert_id: str) -> None:
        """Let go of letters that are no news, up to the first of an alert that is."""
        for one in self._of_alert(alert_id):
            if self._heard.news(one.alert, self._wants) is not None:
                break
            self._drop(one)

    def _put(self, waiting: Waiting) -> None:
        self.waiting[waiting.id] = waiting
        self._journal.put(self.channel, waiting)

    def _drop(self, waiting: Waiting, outcome: str = "dropped") -> None:
        alert_id = waiting.alert.alert_id
        del self.waiting[waiting.id]
        same = self._of[alert_id]
        same.remove(waiting.id)
        if not same:
            del self._of[alert_id]
        self._journal.drop(self.channel, waiting.id)
        if self._heard.note(waiting, outcome):
            self._journal.hear(self.channel, alert_id, self.told.get(alert_id), self.doubted.get(alert_id))

    def _of_alert(self, alert_id: str) -> list[Waiting]:
        return [self.waiting[one] for one in self._of.get(alert_id, ())]
