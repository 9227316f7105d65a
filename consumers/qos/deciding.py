"""From what was read to what is decided, published or not: all of quality alerts but for reading and writing. Pure.

It holds what a snapshot holds, and nothing else: whoever goes on from one decides as the one that was never stopped.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from schemas.events import AlertChanged, AnyEvent, ReceiverAlive
from schemas.record import Record, content_id
from schemas.rules import QosRules

from ..handler import Received
from ..sources import Places
from .aligning import Alignment
from .engine import TICK_MS
from .engine.alert import Alert, Change
from .engine.engine import PAUSE_EVERY, Engine
from .engine.state import Input, State
from .event import instant, record_of, record_of_event
from .snapshot import At, Snapshot, rules_id
from .told import Told

LOST = "lost"
"""Why an alert is over of which nobody knows any more whether it is."""


class Beginning(msgspec.Struct, frozen=True, kw_only=True):
    """What a process begins with, from a snapshot or from nothing."""

    state: State
    told: Told
    signs: Sequence[Input] = ()
    begun_ms: int
    """About when what is read first was received."""
    quiet_until_ms: int = 0
    """Before that nothing is published: what stood then is compared with the topic instead."""


class Deciding:
    """One engine, and what it decided."""

    def __init__(self, rules: QosRules, beginning: Beginning, *, partitions: int, topics: Iterable[str]) -> None:
        """`topics`: those that are read apart from each other, for `Alignment`."""
        self.rules, self._partitions = rules, partitions
        self.state, self.told = beginning.state, beginning.told
        self.quiet_until_ms = beginning.quiet_until_ms
        self.engine = Engine(rules, beginning.state)
        self.alignment = Alignment(topics, beginning.begun_ms, beginning.signs)
        self.state.clock.expect(range(partitions))
        self._compare_after_ms: int | None = None
        self._steps: Iterator[Change | None] | None = None
        self._read = 0

    @property
    def idle(self) -> bool:
        """Whether no tick is half decided: what is remembered is whole."""
        return self._steps is None

    @property
    def clock_ms(self) -> int:
        """Return what time it is by the records; 0 where no receiver was heard of."""
        return self.state.clock.reached_ms

    def take(self, batch: Iterable[Received]) -> None:
        """Take records of the engine's topics."""
        for one in batch:
            self._read += 1
            record, event = one.stored.record, one.event
            self.alignment.saw(record.topic, record.partition, record.received_ms)
            if isinstance(event, ReceiverAlive):
                self.alignment.hold(_input(record, event))
            elif event is not None:
                self.engine.take(_input(record, event))

    def decide(self, places: Places) -> list[Record]:
        """Decide what can be, all up to `places` being read; return what was, and keep it until it is published.

        It may stop half-way, so that reading goes on and what is told at once is: then it is not `idle`.
        """
        for sign in self.alignment.counting(places):
            self.engine.take(sign)
        decided = [*self.engine.at_once(), *self._some()]
        return self._keep(self._record(change) for change in decided if change.at_ms >= self.quiet_until_ms)

    def raise_alone(self, change: Change) -> list[Record]:
        """Take a decision that is not the engine's."""
        return self._keep([self._record(change)])

    def published(self, records: Iterable[Record]) -> None:
        """Note that they are on the topic."""
        for record in records:
            self.told.read(record, msgspec.json.decode(record.value, type=AlertChanged))

    def read(self, record: Record, event: AlertChanged) -> None:
        """Take what the topic of alerts says."""
        self.told.read(record, event)

    def led(self) -> None:
        """Note that this one leads now: once it has decided all that is on the topic, it puts the two in step."""
        self._compare_after_ms = max(self.told.newest_ms, self.quiet_until_ms)

    def compared(self, told: Callable[[], Iterable[AlertChanged]] = tuple) -> list[Record]:
        """Return what puts the topic in step with what stands here, once after each time that this one came to lead.

        Where all decided alike there is nothing. It is for who began from a look back, or under other rules; and for
        an outbox that was `told` what the topic does not know: of another log, or not published before a crash.
        """
        after_ms, at_ms = self._compare_after_ms, self.state.decided_ms
        if after_ms is None or self.told.pending or not self.idle or at_ms < after_ms + TICK_MS:
            return []
        self._compare_after_ms = None
        standing = self._standing()
        unsaid = (one for one in told() if one.alert_id not in self.told.standing and one.alert_id not in standing)
        lost = [self._over(event, at_ms) for event in (*self.told.unknown_to(standing), *unsaid)]
        fresh = (alert for key, alert in sorted(standing.items()) if key not in self.told.standing)
        # What explains comes before what it explains, as from the engine.
        outer_first = sorted(fresh, key=lambda alert: alert.held_by is not None)
        begun = (Change("held_back" if one.held_by else "fired", one, at_ms) for one in outer_first)
        return self._keep([*lost, *(self._record(change) for change in begun)])

    def snapshot(self, cluster: str, places: Places, alert_places: Places) -> Snapshot:
        """Return all that is remembered."""
        self.told.sweep(self.state.decided_ms)
        return Snapshot(
            cluster=cluster,
            rules=rules_id(self.rules),
            places=_listed(places),
            alert_places=_listed(alert_places),
            state=self.state,
            signs=self.alignment.held(),
            told=self.told,
            quiet_until_ms=self.quiet_until_ms,
        )

    def _some(self) -> Iterator[Change]:
        """Yield what the ticks change, up to the next pause that there is time for.

        Of twice as many records as were read since: who is far behind must not read faster than it decides.
        """
        self._steps = self._steps or self.engine.steps()
        pauses, self._read = 2 * self._read // PAUSE_EVERY, 0
        for change in self._steps:
            if change is not None:
                yield change
            elif not pauses:
                return
            else:
                pauses -= 1
        self._steps = None

    def _standing(self) -> dict[str, Alert]:
        standing = {key: one.alert for key, one in self.state.alerts.items()}
        return {one.alert.id: one.alert for one in self.state.foretold.told} | standing

    def _keep(self, records: Iterable[Record]) -> list[Record]:
        kept = list(records)
        for record in kept:
            self.told.decided(record)
        return kept

    def _record(self, change: Change) -> Record:
        return record_of(change, self.rules, self._partitions)

    def _over(self, event: AlertChanged, at_ms: int) -> Record:
        at_ms = max(at_ms, int(event.occurred_at.timestamp() * 1_000))
        over = msgspec.structs.replace(event, change="resolved", because=LOST, occurred_at=instant(at_ms))
        return record_of_event(over, content_id("change", event.alert_id, LOST, at_ms), at_ms, self._partitions)


def _input(record: Record, event: AnyEvent) -> Input:
    return Input(record.received_ms, record.id, event)


def _listed(places: Places) -> list[At]:
    return [At(topic, partition, offset) for (topic, partition), offset in sorted(places.items())]
