"""Which series of samples a sample is one of, and its place in that. Pure.

What is pushed comes as it is measured, all kinds in one sample. What is asked for comes kind by kind, each with what
was measured since the last time, all at once: so it is in order by when it was measured, and no kind makes another old.
"""

from collections.abc import Iterable, Iterator, Sequence, Set
from itertools import groupby, pairwise
from operator import attrgetter
from typing import Final

from schemas.events import QualitySampled

from .state import Input

ASKED_FOR: Final = "rest"
_RECEIVED: Final = attrgetter("received_ms")


def series_of(sample: QualitySampled) -> str:
    """Return the name of a sample's series, within its participant."""
    source, flows = sample.source, sample.flows
    if source != ASKED_FOR:
        return source
    if len(flows) == 2 and flows[0].modality == flows[1].modality:
        return f"{source}/{flows[0].modality}"
    modalities = {flow.modality for flow in sample.flows}
    return f"{sample.source}/{modalities.pop() if len(modalities) == 1 else '+'.join(sorted(modalities))}"


def in_order(inputs: Iterable[Input]) -> list[Input]:
    """Return each once, the earliest of it, in the one order that follows from the inputs alone."""
    ordered = sorted(inputs, key=_RECEIVED)
    if len({one.id for one in ordered}) < len(ordered):
        earliest_last = sorted(ordered, key=lambda one: (one.received_ms, one.id), reverse=True)
        ordered = sorted({one.id: one for one in earliest_last}.values(), key=_RECEIVED)
    # Of one millisecond by `place_of`, which is dear: few are.
    times = [one.received_ms for one in ordered]
    shared = {time for time, following in pairwise(times) if time == following}
    return list(_within(ordered, shared)) if shared else ordered


def _within(ordered: Sequence[Input], shared: Set[int]) -> Iterator[Input]:
    for time, some in groupby(ordered, _RECEIVED):
        several = list(some)
        yield from sorted(several, key=place_of) if time in shared else several


def place_of(one: Input) -> tuple[int, float, str]:
    """Return what records of one tick are ordered by: when they were received; samples then by when they were measured.

    What tells where somebody sits comes before the samples of the same millisecond.
    """
    event = one.event
    return one.received_ms, event.occurred_at.timestamp() if isinstance(event, QualitySampled) else 0.0, one.id
