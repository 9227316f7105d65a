"""How many dead letters are too many, as a table and over time."""

from __future__ import annotations

import pytest

from consumers.limit import Limit, Tally

LIMIT = Limit(count=10, ratio=0.05, window_s=60.0)


@pytest.mark.parametrize(
    ("records", "dead", "within"),
    [
        pytest.param(0, 0, True, id="nothing"),
        pytest.param(10, 10, True, id="few, and nothing else"),
        pytest.param(11, 11, False, id="more than few, and nothing else"),
        pytest.param(1_000, 50, True, id="many, and a small part of all"),
        pytest.param(1_000, 51, False, id="many, and too large a part"),
    ],
)
def test_a_batch_is_within_the_limit_or_not(records: int, dead: int, within: bool) -> None:
    """Both must be exceeded: the number, and the part of all records."""
    assert Tally(LIMIT).add(0.0, records, dead) is within


def test_batches_add_up_within_the_window() -> None:
    """A trickle is as bad as a flood."""
    tally = Tally(LIMIT)

    assert [tally.add(float(second), 2, 1) for second in range(0, 60, 5)] == [True] * 10 + [False] * 2


def test_what_is_older_than_the_window_is_forgotten() -> None:
    """A consumer that runs for a year is not stopped by its first day."""
    tally = Tally(LIMIT)

    assert [tally.add(minute * 60.0, 10, 10) for minute in range(5)] == [True] * 5
    assert (tally.records, tally.dead) == (10, 10)
