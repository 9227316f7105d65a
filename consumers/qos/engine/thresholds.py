"""The service's own thresholds, where a rule lets them win over its own number. Pure.

They hold for one enterprise, from the tick on in which they were read, whatever the modality: the service has one
number for each figure and direction. A rule's hysteresis keeps its proportion: `clear` at half of `above` stays so.
"""

import msgspec

from schemas.events import QualityThresholdsRead
from schemas.rules import OF_THE_SERVICE, Rule


class Limit(msgspec.Struct, frozen=True, gc=False):
    """What a figure has to be above to be bad, and where a sample is good again."""

    above: float
    clear: float


def limit_of(rule: Rule, direction: str | None, told: QualityThresholdsRead | None) -> Limit | None:
    """Return what the service says for a rule; None where it says nothing, or the rule does not ask it."""
    if rule.service is None or told is None:
        return None
    found = getattr(told, OF_THE_SERVICE[rule.service])
    above: float | None = getattr(found, direction, None) if direction is not None else found
    if above is None or above <= 0:
        # A limit of nought would make every sample bad: taken for "not set".
        return None
    return Limit(above, above * _proportion(rule))


def _proportion(rule: Rule) -> float:
    return 1.0 if rule.clear is None or not rule.above else rule.clear / rule.above
