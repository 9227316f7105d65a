"""What the numbers of incremental frames tell of those that did not come."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from receiver.subscriber.sequence import Hole, Sequence

from .driving import STARTED_AT


def taken(numbers: Iterable[int], sequence: Sequence | None = None) -> list[tuple[int, int]]:
    """Return the holes that are told of, of frames that come a second apart."""
    sequence = sequence or Sequence()
    return [
        (hole.first, hole.last)
        for s, number in enumerate(numbers)
        for hole in sequence.take(number, STARTED_AT + timedelta(seconds=s))
    ]


@pytest.mark.parametrize(
    ("numbers", "holes"),
    [
        pytest.param(range(1, 100), [], id="whole"),
        pytest.param([1, 2, 5, 6, 9], [], id="not known yet"),
        pytest.param([*range(1, 10), 12], [(10, 11)], id="a hole"),
        pytest.param([*range(5, 14), 12, 13, 5], [], id="duplicates"),
        pytest.param([*range(1, 10), 11, 10, 12], [(10, 10)], id="late, and told of already"),
        pytest.param([1, 3, 2, *range(4, 14)], [], id="late, before anything was told"),
        pytest.param([1, 2, 5, *range(6, 13)], [(3, 4)], id="a hole from before it was known"),
        pytest.param([10, 11, 14, *range(1, 12)], [(12, 13)], id="begun anew with a hole left"),
        pytest.param(range(1, 400, 3), [], id="never by one"),
        pytest.param([*range(1, 10), *range(20, 100, 3)], [(10, 19), (21, 22)], id="by one no more"),
        pytest.param([*range(1, 10), 20, 14, 21, 25], [(10, 19), (22, 24)], id="the middle of a hole comes late"),
    ],
)
def test_holes(numbers: Iterable[int], holes: list[tuple[int, int]]) -> None:
    """A hole is told of where the numbers go up by one as a rule, once, and not before that is known."""
    assert taken(numbers) == holes


def test_hole_says_since_when() -> None:
    """The frame before it is the last one of which it is known that nothing is missing."""
    sequence = Sequence()
    taken(range(1, 10), sequence)

    assert sequence.take(12, STARTED_AT) == [Hole(10, 11, STARTED_AT + timedelta(seconds=8))]


@pytest.mark.parametrize(
    ("numbers", "holes"),
    [
        pytest.param([1, 2, 4], [(3, 3)], id="begun anew"),
        pytest.param([10, 11], [], id="gone on"),
        pytest.param([13, 14], [(10, 12)], id="gone on, and some were between"),
        pytest.param([13, 15], [(10, 12), (14, 14)], id="some between, and one after"),
    ],
)
def test_what_was_learnt_holds_on_the_next_socket(numbers: list[int], holes: list[tuple[int, int]]) -> None:
    """Where the numbers go on from the socket before, they tell what was sent in between."""
    sequence = Sequence()
    taken(range(1, 10), sequence)
    sequence.begin()

    assert taken(numbers, sequence) == holes


def test_hole_between_sockets_is_past() -> None:
    """It needs no healing: the next socket brought everything whole."""
    sequence = Sequence()
    taken(range(1, 10), sequence)
    sequence.begin()
    sequence.begin()

    assert sequence.take(12, STARTED_AT) == [Hole(10, 11, STARTED_AT + timedelta(seconds=8), is_past=True)]


def test_hole_of_an_earlier_socket_is_told_of_once_it_is_known_to_be_one() -> None:
    """What was lost while we learnt was lost."""
    sequence = Sequence()
    taken([1, 2, 5], sequence)
    sequence.begin()

    assert taken(range(1, 12), sequence) == [(3, 4)]


def test_many_holes_are_kept_as_one() -> None:
    """Memory is bounded, and nothing is left unsaid."""
    numbers = [number for start in range(0, 200, 10) for number in (start, start + 1)] + list(range(192, 400))

    holes = taken(numbers)

    assert holes[0] == (2, 39)
    assert holes[-1] == (182, 189)
    assert len(holes) == 16


def test_told_holes_are_forgotten_first() -> None:
    """They are kept for what comes late alone."""
    numbers = [*range(1, 400), *range(401, 440, 2)]

    assert len(taken(numbers)) == 20


@given(lost=some.sets(some.integers(30, 300), max_size=40))
def test_every_lost_number_is_told_of(lost: set[int]) -> None:
    """Once the numbers are known to be contiguous each lost one lies in a hole that is told, and no other does."""
    came = [number for number in range(1, 330) if number not in lost]

    holes = taken(came)

    assert {number for first, last in holes for number in range(first, last + 1)} == lost
