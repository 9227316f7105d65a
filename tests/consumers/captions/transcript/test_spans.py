"""Spans of time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as some

from consumers.captions.transcript.spans import Span, between, merged, within

_SPANS = some.lists(some.tuples(some.integers(0, 20), some.integers(0, 20)).map(lambda pair: (min(pair), max(pair))))
_WHOLE = some.tuples(some.integers(0, 20), some.integers(0, 20)).map(lambda pair: (min(pair), max(pair)))


def covered(spans: list[Span]) -> set[int]:
    """Return the steps that the spans cover."""
    return {step for since, until in spans for step in range(since, until)}


@given(spans=_SPANS, whole=_WHOLE)
def test_what_is_covered_and_what_is_not_make_the_whole(spans: list[Span], whole: Span) -> None:
    """Nothing is in both, nothing in neither; and all ascend."""
    known = merged(spans)
    inside, outside = list(within(known, whole)), list(between(known, whole))

    assert covered(known) == covered(spans)
    assert covered(inside) | covered(outside) == covered([whole])
    assert covered(inside) & covered(outside) == set()
    assert [*inside] == sorted(inside)
    assert [*outside] == sorted(outside)
    assert all(since < until for since, until in inside + outside)


def test_spans_with_a_pause_between_them_can_be_one() -> None:
    """No longer than it may be."""
    assert merged([(5, 6), (0, 1), (3, 4)], pause_ms=1) == [(0, 1), (3, 6)]
    assert merged([(0, 1), (3, 4)], pause_ms=2) == [(0, 4)]
