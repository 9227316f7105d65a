"""How far apart samples come, as a silence is measured by it."""

from __future__ import annotations

import pytest

from consumers.qos.engine.pace import LONGEST_ASKED_MS, LONGEST_PUSHED_MS, Queue, Waited, pace

HOUR_MS = 3_600_000


@pytest.mark.parametrize(
    ("gap_ms", "newest_ms", "at_ms", "asked", "told_ms"),
    [
        pytest.param(0, 0, 5_000, False, 0, id="the first that is pushed"),
        pytest.param(0, 0, 5_000, True, 7_200_000, id="the first that is asked for"),
        pytest.param(10_000, 5_000, 5_000, True, 10_000, id="another of the same answer"),
        pytest.param(0, 5_000, 15_000, False, 10_000, id="the second"),
        pytest.param(60_000, 5_000, 15_000, False, 30_000, id="what is pushed is faster again"),
        pytest.param(64_000, 5_000, 15_000, True, 60_000, id="what is asked for is not yet"),
        pytest.param(0, 5_000, 9_000_000, False, LONGEST_PUSHED_MS, id="an absence"),
        pytest.param(0, 5_000, 90_000_000, True, LONGEST_ASKED_MS, id="an absence where it is asked for"),
    ],
)
def test_the_pace_follows_the_gaps(gap_ms: int, newest_ms: int, at_ms: int, asked: bool, told_ms: int) -> None:
    """Longer ones at once, shorter ones after a while."""
    assert pace(gap_ms, newest_ms, at_ms, asked=asked) == told_ms


def test_how_long_others_waited_is_known_for_an_hour_or_two() -> None:
    """The longest, of this hour and of the one before; an absence is no waiting."""
    queue = Queue()
    queue.waited(50_000, HOUR_MS, 10)
    queue.waited(40_000, HOUR_MS + 1, 10)

    assert [queue.wait_ms(hours * HOUR_MS, 10) for hours in (1, 2, 3)] == [50_000, 50_000, 0]
    queue.waited(30_000, 2 * HOUR_MS, 10)
    assert [queue.wait_ms(hours * HOUR_MS, 10) for hours in (2, 3, 4)] == [50_000, 30_000, 0]
    queue.waited(9 * HOUR_MS, 9 * HOUR_MS, 1)
    assert (queue.before, queue.now.longest_ms) == (Waited(), LONGEST_ASKED_MS)


def test_a_queue_that_grows_takes_longer_and_one_that_shrinks_no_less() -> None:
    """Before anybody has waited so long; but nobody waits for ever."""
    queue = Queue()
    queue.waited(60_000, 0, 10)

    assert [queue.wait_ms(1, people) for people in (5, 20, 1_000_000)] == [60_000, 120_000, LONGEST_ASKED_MS]
