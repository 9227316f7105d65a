"""The checks by what they look at, so that a sample with nothing bad in it costs next to nothing. Pure.

Nearly all samples are such. For each figure of each kind of flow the table knows between which two values no check
finds anything: one comparison then stands for all of its checks, however many rules there are.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import IntEnum
from itertools import groupby
from math import inf
from typing import Final

import msgspec

from schemas.events import QualitySampled
from schemas.rules import OF_A_FLOW, Rule

from .thresholds import Limit


class Verdict(IntEnum):
    """What a sample says to a check."""

    GOOD = 0
    BAD = 1
    BETWEEN = 2


Judge = Callable[[float], Verdict]


class Check(msgspec.Struct, frozen=True):
    """One rule for one kind of flow, or for the participant as a whole."""

    number: int
    rule: Rule
    modality: str | None
    direction: str | None

    @property
    def name(self) -> str:
        """Return what tells it from all other checks: the rule, then where it looks."""
        return "/".join(filter(None, (self.rule.name, self.modality, self.direction)))


class Reading(msgspec.Struct, frozen=True, gc=False):
    """What one sample says to one check."""

    check: int
    verdict: Verdict
    value: float | None
    """The figure; None for what is no figure."""


_Figure = tuple[str, float, float, Sequence[tuple[int, Judge]]]
"""A metric, the lowest and the highest value that no check finds bad, and the checks of it."""
_Place = tuple[str | None, str | None]
"""Modality and direction."""


class Table:
    """All checks, as one enterprise has them: `limits` are the service's, by the number of a check."""

    def __init__(self, checks: Iterable[Check], limits: Mapping[int, Limit]) -> None:
        checks = list(checks)
        places = {(check.modality, check.direction) for check in checks if check.modality and check.direction}
        self._flows: Final[Mapping[_Place, tuple[Sequence[_Figure], Sequence[int]]]] = {
            place: (_figures(_of_flows(checks, place), limits), _alarms(checks, place)) for place in places
        }
        self._whole: Final = _figures([one for one in checks if _is_of_the_whole(one)], limits)
        self._client_alarms: Final = _alarms(checks, ("client", None))
        self._ratings: Final = [
            (check.number, frozenset(word.casefold() for word in check.rule.good))
            for check in checks
            if check.rule.metric == "rating"
        ]

    def readings(self, sample: QualitySampled, remembered: Mapping[int, object]) -> list[Reading]:
        """Return what `sample` says to the checks that may find it bad, and to those that are remembered."""
        told: list[Reading] = []
        for metric, low, high, checks in self._whole:
            if (value := getattr(sample, metric)) is not None and (remembered or not low <= value <= high):
                told += [Reading(number, judge(value), value) for number, judge in checks]
        if self._ratings and sample.rating is not None:
            told += self._rated(sample.rating.casefold())
        if self._client_alarms and (remembered or sample.alarms):
            told += _flagged(sample.alarms, self._client_alarms)
        for flow in sample.flows:
            if (found := self._flows.get((flow.modality, flow.direction))) is None:
                continue
            figures, alarms = found
            for metric, low, high, checks in figures:
                if (value := getattr(flow, metric)) is not None and (remembered or not low <= value <= high):
                    told += [Reading(number, judge(value), value) for number, judge in checks]
            if alarms and (remembered or flow.alarms):
                told += _flagged(flow.alarms, alarms)
        return told

    def _rated(self, word: str) -> Iterator[Reading]:
        for number, good in self._ratings:
            yield Reading(number, Verdict.GOOD if word in good else Verdict.BAD, None)


def _flagged(alarms: Sequence[str], numbers: Sequence[int]) -> list[Reading]:
    return [Reading(number, Verdict(bool(alarms)), None) for number in numbers]


def _is_of_the_whole(check: Check) -> bool:
    return check.rule.metric not in OF_A_FLOW and check.rule.metric not in ("alarm", "rating")


def _of_flows(checks: Iterable[Check], place: _Place) -> list[Check]:
    return [one for one in checks if one.rule.metric in OF_A_FLOW and (one.modality, one.direction) == place]


def _alarms(checks: Iterable[Check], place: _Place) -> Sequence[int]:
    return [one.number for one in checks if one.rule.metric == "alarm" and (one.modality, one.direction) == place]


def _figures(checks: Iterable[Check], limits: Mapping[int, Limit]) -> Sequence[_Figure]:
    ordered = sorted(checks, key=lambda check: (check.rule.metric, check.number))
    return [_figure(metric, list(some), limits) for metric, some in groupby(ordered, lambda check: check.rule.metric)]


def _figure(metric: str, checks: Sequence[Check], limits: Mapping[int, Limit]) -> _Figure:
    judges = [(check.number, judge(check.rule, limits.get(check.number))) for check in checks]
    above = [limits[one.number].above if one.number in limits else one.rule.above for one in checks]
    below = [one.rule.below for one in checks]
    return (
        metric,
        max((limit for limit in below if limit is not None), default=-inf),
        min((limit for limit in above if limit is not None), default=inf),
        judges,
    )


def judge(rule: Rule, told: Limit | None = None) -> Judge:
    """Return what tells a rule's figure good from bad; `told` is the service's own threshold, which wins."""
    if told is not None:
        return _above(told.above, told.clear)
    if rule.above is not None:
        return _above(rule.above, rule.above if rule.clear is None else rule.clear)
    limit = rule.below or 0.0
    clear = limit if rule.clear is None else rule.clear
    return lambda v: Verdict.BAD if v < limit else Verdict.GOOD if v >= clear else Verdict.BETWEEN


def _above(limit: float, clear: float) -> Judge:
    return lambda v: Verdict.BAD if v > limit else Verdict.GOOD if v <= clear else Verdict.BETWEEN
