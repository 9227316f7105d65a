"""The rules, made ready to be asked thirty thousand times a second. Pure.

A check is one rule for one modality and direction, and has a number: a rule that names neither becomes six. What a
sample says to a check is one of four: bad, good, between (the hysteresis: as before), or nothing at all.
"""

from collections.abc import Callable, Iterator
from enum import IntEnum
from fnmatch import fnmatchcase
from typing import Final

import msgspec

from schemas.events import Flow, QualitySampled
from schemas.rules import OF_A_FLOW, QosRules, Rule, Scope

from .facts import Facts

MODALITIES: Final = ("audio", "video", "screen")
DIRECTIONS: Final = ("sent", "received")


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


class Reading(msgspec.Struct, frozen=True):
    """What one sample says to one check."""

    check: int
    verdict: Verdict
    value: float | None
    """The figure; None for what is no figure."""


class Checks:
    """All checks of a rule file, by what they look at."""

    def __init__(self, rules: QosRules) -> None:
        self.all: Final = tuple(_numbered(rules))
        self._flows: dict[tuple[str, str], list[tuple[int, str, Judge]]] = {}
        self._alarms: dict[tuple[str, str], list[int]] = {}
        self._whole: list[tuple[int, str, Judge]] = []
        self._ratings: list[tuple[int, frozenset[str]]] = []
        self._client_alarms: list[int] = []
        for check in self.all:
            self._add(check)

    def _add(self, check: Check) -> None:
        rule, place = check.rule, (check.modality or "", check.direction or "")
        if rule.metric == "rating":
            self._ratings.append((check.number, frozenset(word.casefold() for word in rule.good)))
        elif rule.metric == "alarm":
            if check.modality == "client":
                self._client_alarms.append(check.number)
            else:
                self._alarms.setdefault(place, []).append(check.number)
        elif rule.metric in OF_A_FLOW:
            self._flows.setdefault(place, []).append((check.number, rule.metric, judge(rule)))
        else:
            self._whole.append((check.number, rule.metric, judge(rule)))

    def readings(self, sample: QualitySampled) -> list[Reading]:
        """Return what `sample` says to every check that it says anything to."""
        told: list[Reading] = []
        for number, metric, verdict in self._whole:
            if (value := getattr(sample, metric)) is not None:
                told.append(Reading(number, verdict(value), value))
        if sample.rating is not None and self._ratings:
            word = sample.rating.casefold()
            told += [Reading(n, Verdict.GOOD if word in good else Verdict.BAD, None) for n, good in self._ratings]
        told += [Reading(n, Verdict(bool(sample.alarms)), None) for n in self._client_alarms]
        for flow in sample.flows:
            told += self._of_a_flow(flow)
        return told

    def _of_a_flow(self, flow: Flow) -> Iterator[Reading]:
        place = (flow.modality, flow.direction)
        for number, metric, verdict in self._flows.get(place, ()):
            if (value := getattr(flow, metric)) is not None:
                yield Reading(number, verdict(value), value)
        for number in self._alarms.get(place, ()):
            yield Reading(number, Verdict(bool(flow.alarms)), None)


def _numbered(rules: QosRules) -> Iterator[Check]:
    number = 0
    for rule in rules.rules:
        for modality, direction in _places(rule):
            yield Check(number, rule, modality, direction)
            number += 1


def _places(rule: Rule) -> Iterator[tuple[str | None, str | None]]:
    if rule.metric not in OF_A_FLOW and (rule.metric != "alarm" or rule.modality == "client"):
        yield ("client" if rule.metric == "alarm" else None), None
        return
    for modality in (rule.modality,) if rule.modality else MODALITIES:
        for direction in (rule.direction,) if rule.direction else DIRECTIONS:
            yield modality, direction


def judge(rule: Rule) -> Judge:
    """Return what tells a rule's figure good from bad."""
    if rule.above is not None:
        limit, clear = rule.above, rule.above if rule.clear is None else rule.clear
        return lambda v: Verdict.BAD if v > limit else Verdict.GOOD if v <= clear else Verdict.BETWEEN
    limit = rule.below or 0.0
    clear = limit if rule.clear is None else rule.clear
    return lambda v: Verdict.BAD if v < limit else Verdict.GOOD if v >= clear else Verdict.BETWEEN


def holds(scope: Scope, facts: Facts) -> bool:
    """Whether a rule of this scope holds for a participant. What is not known fits no pattern."""
    return all(
        not patterns or (told is not None and any(fnmatchcase(told.casefold(), one.casefold()) for one in patterns))
        for patterns, told in (
            (scope.enterprises, facts.enterprise),
            (scope.subjects, facts.subject),
            (scope.departments, facts.department),
            (scope.terminal_types, facts.terminal_type),
            (scope.networks, facts.network),
            (scope.sites, facts.site),
        )
    )
