"""Which holdings of a meeting the records tell of. Pure.

A holding has a UUID of its own ("a new meeting UUID is generated each time the meeting is actually held":
enterprise-push.md); a record without one goes by its subscription's epoch, and else by time: starts, ends, and long
silence. What lies between two holdings belongs to the nearer. What a manifest has claimed stays where it is, so that
what comes late moves nothing.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

from schemas.archive.manifest import Manifest
from schemas.events import MeetingCancelled, MeetingRescheduled, MeetingScheduled, ReceiverAlive, SubscriptionChanged

from ..evidence.told import Told
from .facts import facts
from .holding import Happened, Holding, Name, order
from .identity import occurrence_id
from .instants import MINUTE, happened_ms, instant
from .shapes import Occurrence

_PLANS: Final = frozenset({MeetingScheduled, MeetingRescheduled, MeetingCancelled})
# So long after an end what comes belongs to it, though another start be nearer: the files are written then.
_LATE: Final = MINUTE

Key = tuple[str, str]
"""Enterprise and meeting ID."""


def occurrences(told: Sequence[Told], kept: Sequence[Manifest] = ()) -> list[Occurrence]:
    """Return the holdings that the records tell of, by their begin. Records may be of several meetings.

    `kept`: the newest manifests of these meetings that there are. Each record is in one occurrence, once, but for signs
    of life, which are in all of their partition that were on, and for what was only scheduled, which may be in none.
    """
    meetings, alive = _sorted_out(told)
    claims = _Claims(kept)
    found = [
        _occurrence(key, holding, alive)
        for key, records in meetings.items()
        for holding in _holdings([claims.happened(one) for one in records])
    ]
    return [one for _, _, one in sorted(found, key=lambda each: each[:2])]


def _sorted_out(told: Sequence[Told]) -> tuple[dict[Key, list[Told]], dict[int, list[Told]]]:
    """Return the records by meeting, and the signs of life by partition; each record once."""
    meetings: dict[Key, list[Told]] = defaultdict(list)
    alive: dict[int, list[Told]] = defaultdict(list)
    for one in {(one.topic, one.partition, one.offset): one for one in told}.values():
        if type(one.event) is ReceiverAlive:
            alive[one.partition].append(one)
        else:
            meetings[one.enterprise, one.key].append(one)
    return meetings, {partition: sorted(ones, key=happened_ms) for partition, ones in alive.items()}


class _Claims:
    """Which manifest has which line. Signs of life are in several; of them it is not asked."""

    def __init__(self, kept: Sequence[Manifest]) -> None:
        self._of: dict[tuple[str, int], Manifest] = {
            (stretch.segment, line): manifest
            for manifest in sorted(kept, key=lambda one: one.occurrence)
            for stretch in manifest.evidence
            for first, count in stretch.lines
            for line in range(first, first + count)
        }

    def happened(self, told: Told) -> Happened:
        claim = self._of.get((told.segment, told.line)) if self._of else None
        uuid = getattr(told.event, "meeting_uuid", None) or (claim.meeting_uuid if claim else None)
        return _happened(happened_ms(told), told, uuid, claim.occurrence if claim else None)


def _happened(at_ms: int, told: Told, uuid: str | None, claim: str | None) -> Happened:
    if claim is not None:
        names: tuple[Name, ...] = (("claim", claim),) if uuid is None else (("claim", claim), ("uuid", uuid))
    else:
        names = () if uuid is None else (("uuid", uuid),)
    return Happened(at_ms, told, uuid, claim, names)


def _holdings(records: Sequence[Happened]) -> list[Holding]:
    named = _named(records)
    planned = [one for one in named if type(one.told.event) in _PLANS]
    holdings = _parted([one for one in named if type(one.told.event) not in _PLANS] if planned else named)
    for one in sorted(planned, key=order):
        _plan(one, holdings)
    return holdings


def _parted(records: Sequence[Happened]) -> list[Holding]:
    names = {one.names for one in records}
    if len(names) == 1 and names != {()}:
        # All bear the same name, as they do where the service and the subscription work: there is nothing to part.
        return [Holding.of(records)]
    holdings = _Fold().of(sorted(records, key=order))
    _part(holdings)
    return holdings


def _named(records: Sequence[Happened]) -> Sequence[Happened]:
    """Return the records with the UUID that others of the same epoch name, where that is one."""
    if all(one.uuid is not None for one in records):
        return records
    uuids: dict[int | None, set[str]] = defaultdict(set)
    for one in records:
        if one.uuid is not None:
            uuids[_epoch(one)].add(one.uuid)
    of_epoch = {epoch: next(iter(found)) for epoch, found in uuids.items() if epoch is not None and len(found) == 1}
    return [
        _happened(one.at_ms, one.told, of_epoch[epoch], one.claim)
        if one.uuid is None and (epoch := _epoch(one)) in of_epoch
        else one
        for one in records
    ]


def _epoch(one: Happened) -> int | None:
    event = one.told.event
    return event.epoch if isinstance(event, SubscriptionChanged) else one.told.epoch


class _Fold:
    """Holdings as the records, in the order of time, tell of them."""

    def __init__(self) -> None:
        self._holdings: list[Holding] = []
        self._by_name: dict[tuple[str, str], Holding] = {}

    def of(self, records: Iterable[Happened]) -> list[Holding]:
        for one in records:
            home = self._home(one)
            if home is None:
                home = Holding()
                self._holdings.append(home)
            home.take(one)
            for name in one.names:
                self._by_name[name] = home
        return self._holdings

    def _home(self, one: Happened) -> Holding | None:
        """Return the holding that a record belongs to, or None where it is the first of another."""
        for name in one.names:
            named = self._by_name.get(name)
            if named is not None and named.may_be(one):
                return named
        last = self._holdings[-1] if self._holdings else None
        return last if last is not None and last.may_be(one) and last.goes_on_with(one) else None


def _part(holdings: Sequence[Holding]) -> None:
    """Give what came after an end, and is nearer to the next begin, to the next."""
    for before, after in pairwise(holdings):
        begin_ms = after.members[0].at_ms
        early = [one for one in before.members if _is_early(one, before.ended_ms, begin_ms)]
        if early:
            before.members = [one for one in before.members if not _is_early(one, before.ended_ms, begin_ms)]
            after.members = early + after.members


def _is_early(one: Happened, ended_ms: int | None, begin_ms: int) -> bool:
    return ended_ms is not None and not one.names and one.at_ms - ended_ms > max(_LATE, begin_ms - one.at_ms)


def _plan(one: Happened, holdings: Sequence[Holding]) -> None:
    """Give what was scheduled to the holding of that name, or to the one that was on, or came next."""
    named = (there for there in holdings if set(one.names) & there.names)
    later = (there for there in holdings if there.claim is None and one.at_ms <= (there.ended_ms or there.last_ms))
    home = next(named, None) or next(later, None)
    if home is not None:
        home.members.append(one)


def _occurrence(key: Key, holding: Holding, alive: dict[int, list[Told]]) -> tuple[int, str, Occurrence]:
    """Return when it began, its ID, and all of it."""
    found = facts(holding.members)
    members = [one.told for one in holding.members]
    for partition in sorted({one.partition for one in members}):
        signs = alive.get(partition, [])
        first = bisect_left(signs, found.began_ms, key=happened_ms)
        members += signs[first : bisect_right(signs, found.until_ms, key=happened_ms)]
    occurrence = Occurrence(
        id=occurrence_id(*key, holding),
        enterprise=key[0],
        meeting_id=key[1],
        meeting_uuid=holding.uuid,
        day=f"{instant(found.began_ms):%Y-%m-%d}",
        started_at=None if found.started_ms is None else instant(found.started_ms),
        ended_at=None if found.ended_ms is None else instant(found.ended_ms),
        closed_by=found.closed_by,
        last_at=instant(max(one.told.time_ms for one in holding.members)),
        told=sorted(members, key=lambda one: (one.topic, one.partition, one.offset)),
    )
    return found.began_ms, occurrence.id, occurrence
