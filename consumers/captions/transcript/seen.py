"""What each subscription saw of an occurrence. Pure.

Between `opened` and the next `lost` or `closed` of one epoch everything was seen, as SubscriptionChanged promises; as
long as its receiver gave signs of life. Every record of the epoch is one, too.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from schemas.events import ReceiverAlive, SubscriptionChanged

from ..evidence.told import Told
from .instants import SECOND, milliseconds
from .spans import Span, merged

# A receiver gives a sign of life every ten seconds; one may be missing.
_SILENT: Final = 30 * SECOND


def seen(told: Sequence[Told], changes: Sequence[SubscriptionChanged], whole: Span) -> list[Span]:
    """Return the spans within `whole` in which everything was seen by somebody: ascending, none touches the next.

    `changes`: the subscription's events among the records, by time.
    """
    signs = _Signs(told)
    by_epoch: dict[int, list[SubscriptionChanged]] = defaultdict(list)
    for change in changes:
        by_epoch[change.epoch].append(change)
    spans = [
        stretch
        for epoch, ours in by_epoch.items()
        for span in _subscribed(ours, signs.of_epoch[epoch], whole)
        for stretch in _awake(span, signs.within(span, ours))
    ]
    found = merged([*spans, *_from_the_start(changes, whole)])
    # What was seen for an instant was not seen, unless it was all there was.
    return [(since, until) for since, until in found if since < until or whole[0] == whole[1]]


class _Signs:
    """When receivers were alive for sure, by their own clocks."""

    def __init__(self, told: Sequence[Told]) -> None:
        self.of_epoch: dict[int, list[int]] = defaultdict(list)
        self._of_receiver: dict[str, list[int]] = defaultdict(list)
        for one in told:
            if isinstance(one.event, ReceiverAlive):
                self._of_receiver[one.event.receiver].append(milliseconds(one.event.occurred_at))
            elif one.epoch is not None and not isinstance(one.event, SubscriptionChanged):
                self.of_epoch[one.epoch].append(one.time_ms)
        for signs in self._of_receiver.values():
            signs.sort()

    def within(self, span: Span, changes: Sequence[SubscriptionChanged]) -> list[int]:
        """Return the signs of a subscription and its receiver, ascending; `changes`: one epoch's, one at least."""
        told = [milliseconds(one.occurred_at) for one in changes]
        ours = [at_ms for at_ms in (*told, *self.of_epoch[changes[0].epoch]) if span[0] <= at_ms <= span[1]]
        alive = self._of_receiver[changes[0].receiver]
        return sorted([*ours, *alive[bisect_left(alive, span[0]) : bisect_right(alive, span[1])]])


def _subscribed(changes: Sequence[SubscriptionChanged], records: Sequence[int], whole: Span) -> Iterator[Span]:
    """Yield from when to when a subscription was open, one epoch's; nothing where it never was."""
    opened = [milliseconds(one.occurred_at) for one in changes if one.change == "opened"]
    ended = next((one for one in changes if one.change in ("lost", "closed")), None)
    # Its opening may be missing among the records; what came under its epoch was seen all the same.
    known = opened or records
    until = whole[1] if ended is None else min(_until(ended, whole), whole[1])
    if known and max(min(known), whole[0]) <= until:
        yield max(min(known), whole[0]), until


def _from_the_start(changes: Sequence[SubscriptionChanged], whole: Span) -> Iterator[Span]:
    """Yield what lies before an opening that missed nothing."""
    for one in changes:
        if one.change == "opened" and one.unseen_since is None:
            yield whole[0], min(max(milliseconds(one.occurred_at), whole[0]), whole[1])


def _until(ended: SubscriptionChanged, whole: Span) -> int:
    if ended.unseen_since is not None:
        return milliseconds(ended.unseen_since)
    return whole[1] if ended.change == "closed" else milliseconds(ended.occurred_at)


def _awake(span: Span, signs: Sequence[int]) -> Iterator[Span]:
    """Yield a span without the silences in it."""
    since = span[0]
    for sign, following in pairwise([span[0], *signs, span[1]]):
        if following - sign > _SILENT:
            yield since, sign
            since = following
    yield since, span[1]
