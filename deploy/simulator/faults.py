"""Turn a plan into deliveries, and spoil some of them: pure, and each says what it is.

A receiver is tested by what it must refuse as much as by what it must take, so a delivery carries its `Kind`, and a
kind knows which answers are right. Whoever compares a topic with what was sent asks `kind.genuine`.
"""

import enum
import heapq
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Final

import msgspec

from .day import Planned
from .events import milliseconds
from .push import Style, Subscriber
from .spoil import BROKEN, FORGED, MISTYPED, with_unknown_event, with_unknown_members


class Kind(enum.StrEnum):
    """What a delivery is."""

    PLAIN = "plain"
    DUPLICATE = "duplicate"
    """The same event once more, in the same bytes or signed anew."""
    DISORDER = "disorder"
    """A plain push that comes minutes late."""
    UNKNOWN = "unknown"
    """Genuine, of an event name that no reference has."""
    EXTRA = "extra"
    """Genuine, with members that no reference has."""
    MISTYPED = "mistyped"
    """Genuine, with a member of another type than the reference says."""
    FORGED = "forged"
    """Not the service's: another password, another subscriber, or changed on the way."""
    BROKEN = "broken"
    """Not a push at all."""

    @property
    def genuine(self) -> bool:
        """Whether the service itself would have sent it, so that none may be lost."""
        return self not in (Kind.FORGED, Kind.BROKEN)

    @property
    def answer(self) -> int:
        """The status that a good receiver gives."""
        return {Kind.FORGED: 401, Kind.BROKEN: 400}.get(self, 200)


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One body to send at `at`."""

    at: datetime
    body: bytes
    kind: Kind
    what: str = ""
    """How it was spoilt, in words."""
    event_info: Mapping[str, object] | None = None
    """What can be signed anew; None for what is not genuine."""
    style: Style = Style.COMPACT

    def __repr__(self) -> str:
        """Show what and when, not who."""
        return f"<Delivery {self.kind} {self.what} at {self.at.isoformat()}>"


Rates = Mapping[Kind, float]
"""How often each kind comes, per planned event; 0.0 to 1.0."""

_ALTERED: Final[Mapping[Kind, Callable[[Mapping[str, object], Random], dict[str, object]]]] = {
    Kind.UNKNOWN: with_unknown_event,
    Kind.MISTYPED: lambda event_info, rng: rng.choice(MISTYPED)(event_info),
}
# How late, in simulated seconds: up to one round of the retry schedule's later phase.
_LATE_S: Final = (20.0, 1_800.0)


def deliveries(
    plan: Iterable[Planned],
    subscriber: Subscriber,
    *,
    seed: int,
    rates: Rates | None = None,
    styles: Sequence[Style] = (Style.COMPACT,),
) -> Iterator[Delivery]:
    """Yield the plan signed, in order of time, spoilt at the given rates; every planned event still comes whole."""
    spoiler = _Spoiler(subscriber, Random(seed), rates or {}, styles)  # noqa: S311 -- chance to be repeated, no secret
    order = itertools.count()
    queue: list[tuple[datetime, int, Delivery]] = []
    for planned in plan:
        while queue and queue[0][0] <= planned.at:
            yield heapq.heappop(queue)[2]
        for delivery in spoiler.spoil(planned):
            heapq.heappush(queue, (delivery.at, next(order), delivery))
    while queue:
        yield heapq.heappop(queue)[2]


class _Spoiler:
    """Draws the lots."""

    def __init__(self, subscriber: Subscriber, rng: Random, rates: Rates, styles: Sequence[Style]) -> None:
        self._subscriber = subscriber
        self._rng = rng
        self._rates = rates
        self._styles = styles

    def spoil(self, planned: Planned) -> Iterator[Delivery]:
        """Yield the planned event, and whatever else the lots add."""
        genuine = self._genuine(planned)
        yield genuine
        if self._drawn(Kind.DUPLICATE):
            yield self._again(planned.at, genuine)
        for kind, alter in _ALTERED.items():
            if self._drawn(kind):
                yield self._sign(kind, planned.at, alter(planned.event_info, self._rng), genuine.style)
        if self._drawn(Kind.FORGED):
            what, forge = self._rng.choice(FORGED)
            body = forge(self._subscriber, planned.event_info, milliseconds(planned.at), self._nonce())
            yield Delivery(at=planned.at, body=body, kind=Kind.FORGED, what=what)
        if self._drawn(Kind.BROKEN):
            what, smash = self._rng.choice(BROKEN)
            whole = self._sign(Kind.PLAIN, planned.at, planned.event_info, Style.COMPACT).body
            yield Delivery(at=planned.at, body=smash(whole), kind=Kind.BROKEN, what=what)

    def _genuine(self, planned: Planned) -> Delivery:
        event_info, kind = planned.event_info, Kind.PLAIN
        if self._drawn(Kind.EXTRA):
            event_info, kind = with_unknown_members(event_info, self._rng), Kind.EXTRA
        signed = self._sign(kind, planned.at, event_info, self._rng.choice(self._styles))
        if self._drawn(Kind.DISORDER):
            return msgspec.structs.replace(signed, kind=Kind.DISORDER, at=self._later(planned.at))
        return signed

    def _drawn(self, kind: Kind) -> bool:
        return self._rng.random() < self._rates.get(kind, 0.0)

    def _nonce(self) -> str:
        # Eight decimal digits in every example of the reference.
        return str(self._rng.randrange(10_000_000, 100_000_000))

    def _later(self, at: datetime) -> datetime:
        return at + timedelta(seconds=self._rng.uniform(*_LATE_S))

    def _sign(self, kind: Kind, at: datetime, event_info: Mapping[str, object], style: Style) -> Delivery:
        body = self._subscriber.push(event_info, timestamp_ms=milliseconds(at), nonce=self._nonce(), style=style)
        return Delivery(at=at, body=body, kind=kind, event_info=event_info, style=style)

    def _again(self, planned_at: datetime, genuine: Delivery) -> Delivery:
        at = planned_at + timedelta(seconds=self._rng.choice((0.0, 0.05, 30.0, 300.0)))
        if genuine.event_info is None or self._rng.random() < 1 / 2:
            return msgspec.structs.replace(genuine, at=at, kind=Kind.DUPLICATE, what="the same bytes")
        anew = self._sign(Kind.DUPLICATE, at, genuine.event_info, genuine.style)
        return msgspec.structs.replace(anew, what="signed anew")
