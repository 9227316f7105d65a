"""The rules, made ready to be asked fifty thousand times a second. Pure.

A check is one rule for one modality and direction, and has a number: a rule that names neither becomes six. What a
sample says to a check is one of four: bad, good, between (the hysteresis: as before), or nothing at all.
"""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Final

from schemas.events import QualitySampled, QualityThresholdsRead
from schemas.rules import OF_A_FLOW, QosRules, Rule, Scope

from .facts import Facts
from .table import Check, Reading, Table, Verdict
from .thresholds import Limit, limit_of

__all__ = ["Check", "Checks", "Reading", "Verdict", "holds"]

MODALITIES: Final = ("audio", "video", "screen")
DIRECTIONS: Final = ("sent", "received")


class Checks:
    """All checks of a rule file, and for each enterprise the service's own thresholds, as far as they were learnt."""

    def __init__(self, rules: QosRules) -> None:
        self.all: Final = tuple(_numbered(rules))
        self._heeds_service: Final = rules.service_thresholds
        self._table: Final = Table(self.all, {})
        self._limits: dict[str, dict[int, Limit]] = {}
        self._tables: dict[str, Table] = {}

    def learn(self, told: QualityThresholdsRead) -> None:
        """Let an enterprise's thresholds count from now on, where the rules let them win."""
        if self._heeds_service:
            found = ((check.number, limit_of(check.rule, check.direction, told)) for check in self.all)
            limits = {number: limit for number, limit in found if limit is not None}
            self._limits[told.enterprise] = limits
            self._tables[told.enterprise] = Table(self.all, limits)

    def limit(self, enterprise: str, check: int) -> Limit | None:
        """Return the service's threshold that a check goes by; None where it goes by its rule's own."""
        return self._limits.get(enterprise, {}).get(check)

    def readings(self, sample: QualitySampled, remembered: Mapping[int, object]) -> list[Reading]:
        """Return what `sample` says to the checks that may find it bad, and to those that are remembered."""
        return self._tables.get(sample.enterprise, self._table).readings(sample, remembered)


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
