"""Put it together: records wait for their tick; a tick is decided; what stands is compared with what stood.

It reads no clock and does no I/O. `State` is all that it remembers: give the state of a snapshot and the records that
came after it, and it decides as the one that was never stopped.
"""

from collections.abc import Iterator
from typing import Final

from schemas.events import QualitySampled, ReceiverAlive
from schemas.rules import QosRules

from . import TICK_MS, tick_of
from .alert import Alert, Change, changes, take_over
from .at_once import AtOnce
from .checks import Checks
from .happening import Happening
from .rollup import rolled_up
from .series import in_order
from .silence import Silence
from .state import Input, State, meeting_key
from .trouble import ALL_SILENT, MEETING_SILENT, in_trouble

# Some five milliseconds: whoever reads and tells at once has its turn in between.
PAUSE_EVERY: Final = 250


class Engine:
    """One rule file and one state. Not for several threads at once."""

    def __init__(self, rules: QosRules, state: State | None = None) -> None:
        self.state = state or State()
        self._rules, self._checks = rules, Checks(rules)
        self._happening = Happening(self._checks, self.state)
        self._silence = Silence(rules.no_data, self._checks, self.state)
        self._at_once = AtOnce(rules, self.state.foretold)
        self._lateness_ms = int(rules.lateness_s * 1_000)
        # The end of the tick that is being decided, where the deciding pauses.
        self._closed_ms = 0

    def take(self, one: Input) -> None:
        """Take one record. Those of one topic and partition come in order; how several are mixed does not matter."""
        if isinstance(one.event, ReceiverAlive):
            self.state.clock.hear(one.event.partition, one.event.receiver, one.received_ms)
            if self._rules.watchdog and not self.state.decided_ms:
                # It waits for nobody's meeting: a sign of life is enough.
                self.state.wake.setdefault(tick_of(one.received_ms), set()).add(("", ""))
        elif one.received_ms < self.state.decided_ms or one.received_ms < self._closed_ms:
            self.state.late += 1
        else:
            tick = tick_of(one.received_ms)
            if (waiting := self.state.waiting.get(tick)) is None:
                waiting = self.state.waiting[tick] = []
            waiting.append(one)
            if self._at_once.is_asked and isinstance(one.event, QualitySampled):
                key = meeting_key(one.event.enterprise, one.event.meeting_id)
                self._at_once.take(key, one.event, one.received_ms)

    def decide(self) -> Iterator[Change]:
        """Yield what is told at once; decide every tick whose time has come, and yield what changed."""
        yield from self.at_once()
        yield from (change for change in self.steps() if change is not None)

    def at_once(self) -> Iterator[Change]:
        """Yield what is told at once."""
        yield from self._at_once.hand_out()

    def steps(self, pause_every: int = PAUSE_EVERY) -> Iterator[Change | None]:
        """Decide every tick whose time has come; yield what changed, and None where a pause may be made.

        In a pause records may be taken, but the state is that of half a tick: no snapshot.
        """
        until = self.state.clock.now_ms() - self._lateness_ms
        while (tick := self._next()) is not None and tick <= until:
            yield from self._decide(tick, pause_every)
        # Where nothing waits time passes all the same.
        self.state.decided_ms = max(self.state.decided_ms, until // TICK_MS * TICK_MS)

    def _next(self) -> int | None:
        """Return the next tick in which anything can happen."""
        return min([*self.state.waiting, *self.state.wake], default=None)

    def _decide(self, tick: int, pause_every: int) -> Iterator[Change | None]:
        self._closed_ms = tick
        for number, one in enumerate(in_order(self.state.waiting.pop(tick, [])), 1):
            self._happening.take(one)
            if not number % pause_every:
                yield None
        moved = self._silence.elapse(tick)
        self.state.decided_ms = tick
        foretold = self._at_once.until(tick)
        self._at_once.sweep(tick)
        self._happening.sweep(tick)
        take_over(self.state.alerts, foretold)
        if moved or self._happening.moved() or self.state.alerts or self._rules.watchdog:
            yield from self._compare(tick)

    def _compare(self, tick: int) -> Iterator[Change]:
        people, rest = in_trouble(self.state, self._checks, self._rules, tick)
        wanted = rolled_up(people, self._rules.roll_ups, self.state.census, self.state.alerts.keys())
        wanted |= {alert.id: alert for alert in rest}
        return changes(self.state.alerts, wanted, tick, is_there=self._is_there)

    def _is_there(self, alert: Alert) -> bool:
        """Whether anybody is left where an alert is over; of a silence, whether there was a sample."""
        if alert.level == ALL_SILENT:
            return self.state.sampled_ms >= alert.since_ms
        if alert.meeting_id is None:
            return not alert.people or self.state.census.of(alert.level, alert.place) > 0
        meeting = self.state.meetings.get(meeting_key(alert.enterprise, alert.meeting_id))
        if meeting is None:
            return False
        if alert.level == MEETING_SILENT:
            # It may be held again already, and nothing was heard of that.
            return meeting.sampled_ms >= alert.since_ms
        return alert.participant_id is None or alert.participant_id in meeting.people
