"""Which series of samples a sample is one of, and its place in that. Pure.

What is pushed comes as it is measured, all kinds in one sample. What is asked for comes kind by kind, each with what
was measured since the last time, all at once: so it is in order by when it was measured, and no kind makes another old.
"""

from typing import Final

from schemas.events import QualitySampled

from .state import Input

_ASKED_FOR: Final = "rest"


def series_of(sample: QualitySampled) -> str:
    """Return the name of a sample's series, within its participant."""
    if sample.source != _ASKED_FOR:
        return sample.source
    return f"{sample.source}/{'+'.join(sorted({flow.modality for flow in sample.flows}))}"


def place_of(one: Input) -> tuple[int, float, str]:
    """Return what records of one tick are ordered by: when they were received; samples then by when they were measured.

    What tells where somebody sits comes before the samples of the same millisecond.
    """
    event = one.event
    return one.received_ms, event.occurred_at.timestamp() if isinstance(event, QualitySampled) else 0.0, one.id
