"""How far apart samples come, as a silence is measured by it."""

from __future__ import annotations

import pytest

from consumers.qos.engine.pace import LONGEST_ASKED_MS, LONGEST_PUSHED_MS, pace


@pytest.mark.parametrize(
    ("gap_ms", "newest_ms", "at_ms", "asked", "told_ms"),
    [
        pytest.param(0, 0, 5_000, False, 0, id="the first that is pushed"),
        pytest.param(0, 0, 5_000, True, 1_800_000, id="the first that is asked for"),
        pytest.param(10_000, 5_000, 5_000, True, 10_000, id="another of the same answer"),
        pytest.param(0, 5_000, 15_000, False, 10_000, id="the second"),
        pytest.param(60_000, 5_000, 15_000, False, 30_000, id="what is pushed is faster again"),
        pytest.param(64_000, 5_000, 15_000, True, 60_000, id="what is asked for is not yet"),
        pytest.param(0, 5_000, 9_000_000, False, LONGEST_PUSHED_MS, id="an absence"),
        pytest.param(0, 5_000, 9_000_000, True, LONGEST_ASKED_MS, id="an absence where it is asked for"),
    ],
)
def test_the_pace_follows_the_gaps(gap_ms: int, newest_ms: int, at_ms: int, asked: bool, told_ms: int) -> None:
    """Longer ones at once, shorter ones after a while."""
    assert pace(gap_ms, newest_ms, at_ms, asked=asked) == told_ms
