"""Count what the subscriptions do, by enterprise, reason and action: closed sets, whatever the service sends."""

from collections import Counter
from collections.abc import Iterable
from typing import Final, get_args

from schemas.events import SubscriptionChanged
from schemas.metrics import Meters
from schemas.push.meeting import PUSHES
from schemas.record import partition_of

from ..frames import Push, Reply, UnreadableFrame
from .meeting import Reason
from .thrift import GIVEN_UP_FIRST

ANSWER: Final = "answer"
OTHER: Final = "other"


class Counts:
    """The metrics of all subscriptions, and how many are open."""

    def __init__(self, meters: Meters, partitions: int) -> None:
        self._partitions = partitions
        self._meters = meters
        self._by_enterprise: Counter[str] = Counter()
        self._by_partition: Counter[int] = Counter()
        self._opened = meters.counter("meetwire_subscriptions_opened_total")
        self._lost = {
            reason: meters.counter("meetwire_subscriptions_lost_total", reason=reason) for reason in get_args(Reason)
        }
        self._gaps = meters.counter("meetwire_subscription_gaps_total")
        self._repeats = meters.counter("meetwire_frames_repeated_total")
        self._unreadable = meters.counter("meetwire_frames_unreadable_total")
        self._given_up = {
            action: meters.counter("meetwire_frames_given_up_total", event=action) for action in GIVEN_UP_FIRST
        }
        self._frames = {
            action: meters.counter("meetwire_frames_total", event=action) for action in (*PUSHES, ANSWER, OTHER)
        }
        self.connect_seconds = meters.histogram("meetwire_subscription_connect_seconds")

    def open_count(self, partition: int | None = None) -> int:
        """Return how many are open: of all meetings, or of a partition's."""
        return self._by_partition.total() if partition is None else self._by_partition[partition]

    def wanted(self, enterprises: Iterable[str], counted: Counter[str]) -> None:
        """Set how many meetings are wanted; of an enterprise that was not counted none."""
        for enterprise in enterprises:
            self._meters.gauge("meetwire_subscriptions_wanted", enterprise=enterprise).set(counted[enterprise])

    def read(self, said: Push | Reply | UnreadableFrame) -> None:
        """Count a frame."""
        if isinstance(said, UnreadableFrame):
            self._unreadable.inc()
        action = ANSWER if isinstance(said, Reply) else said.action
        (self._frames.get(action or OTHER) or self._frames[OTHER]).inc()

    def repeated(self) -> None:
        """Count a frame that came before."""
        self._repeats.inc()

    def given_up(self, push_type: str) -> None:
        """Count a frame that was given up."""
        self._given_up[push_type].inc()

    def told(self, event: SubscriptionChanged, *, was_open: bool) -> None:
        """Count what was told; `was_open`: the subscription was until then."""
        if event.change == "gap":
            self._gaps.inc()
        elif event.change == "opened":
            self._opened.inc()
            self._add(event, 1)
        elif was_open:
            self._add(event, -1)
        if event.change == "lost" and event.reason in self._lost:
            self._lost[event.reason].inc()

    def _add(self, event: SubscriptionChanged, by: int) -> None:
        self._by_enterprise[event.enterprise] += by
        self._by_partition[partition_of(event.meeting_id, self._partitions)] += by
        count = self._by_enterprise[event.enterprise]
        self._meters.gauge("meetwire_subscriptions_open", enterprise=event.enterprise).set(count)
