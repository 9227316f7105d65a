"""Make one alert of what many have at once. Pure.

The roll-ups of the rule file are tried in their order, the widest first as a rule. At each, who is in trouble and not
explained yet is put together by place: a site, a network, a meeting. Where enough of those measured there are in
trouble, that place is one alert, and the alerts of its people stay beneath it, held back. A place that stands goes on
to do so until it has half of what it took, so that one person more or less does not make an alert come and go.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from math import ceil

import msgspec

from schemas.rules import RollUp

from .alert import SEVERITIES, Alert, Trouble, worst
from .facts import Facts
from .state import Census, place_of


class InTrouble(msgspec.Struct, frozen=True):
    """A participant with the alert that it is by itself."""

    facts: Facts
    alert: Alert


def rolled_up(
    people: Sequence[InTrouble], roll_ups: Sequence[RollUp], census: Census, standing: Set[str]
) -> dict[str, Alert]:
    """Return all alerts by ID: those of places, and those of people, held back where a place explains them.

    `standing`: the IDs of the alerts that stand already.
    """
    alerts: dict[str, Alert] = {}
    left = list(people)
    for roll_up in roll_ups:
        for place, there in sorted(_by_place(left, roll_up.level).items()):
            alert = _of_a_place(roll_up, place, there, census.of(roll_up.level, place))
            if _is_enough(roll_up, alert, stands=alert.id in standing):
                alerts[alert.id] = alert
                alerts |= {one.alert.id: msgspec.structs.replace(one.alert, held_by=alert.id) for one in there}
        left = [one for one in left if one.alert.id not in alerts]
    return alerts | {one.alert.id: one.alert for one in left}


def _by_place(people: Iterable[InTrouble], level: str) -> Mapping[str, list[InTrouble]]:
    places: dict[str, list[InTrouble]] = {}
    for one in people:
        if (place := place_of(one.facts, level)) is not None:
            places.setdefault(place, []).append(one)
    return places


def _is_enough(roll_up: RollUp, alert: Alert, *, stands: bool) -> bool:
    at_least = max(2, ceil(roll_up.at_least / 2)) if stands else roll_up.at_least
    share = roll_up.share / 2 if stands else roll_up.share
    return (
        alert.people >= at_least
        and alert.people >= share * alert.measured
        and (stands or alert.meetings >= roll_up.meetings)
    )


def _of_a_place(roll_up: RollUp, place: str, there: Sequence[InTrouble], measured: int) -> Alert:
    troubles = tuple(_together(there))
    # What is worth no more than a note to nearly all of them wakes nobody because they are many.
    grave = 2 * sum(one.alert.severity != SEVERITIES[0] for one in there) >= len(there)
    meetings = {one.facts.meeting for one in there}
    return Alert(
        level=roll_up.level,
        place=place,
        enterprise=there[0].facts.enterprise,
        meeting_id=there[0].alert.meeting_id if len(meetings) == 1 else None,
        participant_id=None,
        severity=worst([*([roll_up.severity] if grave else []), *(trouble.severity for trouble in troubles)]),
        since_ms=min(trouble.since_ms for trouble in troubles),
        troubles=troubles,
        people=len(there),
        measured=max(measured, len(there)),
        meetings=len(meetings),
        direction=direction(troubles),
        muted=all(one.alert.muted for one in there),
    )


def _together(there: Sequence[InTrouble]) -> Iterator[Trouble]:
    """Yield each check once, with how many have it and the samples of the one who had it first."""
    by_check: dict[str, list[Trouble]] = {}
    for one in there:
        for trouble in one.alert.troubles:
            by_check.setdefault(trouble.check, []).append(trouble)
    for _, several in sorted(by_check.items()):
        first = min(several, key=lambda trouble: trouble.since_ms)
        yield msgspec.structs.replace(first, people=len(several))


def direction(troubles: Iterable[Trouble]) -> str | None:
    """Return the one direction that all of the troubles have, in the words of networks; None where there is none."""
    told = {trouble.check.rpartition("/")[2] for trouble in troubles}
    return {frozenset({"sent"}): "uplink", frozenset({"received"}): "downlink"}.get(frozenset(told))
