"""Where segments end: by the records alone."""

from __future__ import annotations

import pytest

from consumers.captions.evidence.cut import Cut

CUT = Cut(span_ms=1_000, most_bytes=100)


@pytest.mark.parametrize(
    ("time_ms", "line_bytes", "goes_on"),
    [
        pytest.param(5_999, 10, True, id="the same window"),
        pytest.param(6_000, 10, False, id="the next window"),
        pytest.param(4_000, 10, True, id="a little late"),
        pytest.param(3_999, 10, False, id="a clock that jumped back"),
        pytest.param(9**15, 10, False, id="a clock that jumped ahead"),
        pytest.param(-1, 10, False, id="no time at all"),
        pytest.param(5_000, 50, True, id="just as large as it may be"),
        pytest.param(5_000, 51, False, id="too large"),
    ],
)
def test_what_a_segment_takes(time_ms: int, line_bytes: int, goes_on: bool) -> None:
    """A segment of window 5, half full."""
    assert CUT.goes_on(5, 50, time_ms, line_bytes) is goes_on


@pytest.mark.parametrize(
    ("clock_ms", "is_over"),
    [
        pytest.param(6_499, False, id="within the margin"),
        pytest.param(6_500, True, id="past it"),
        pytest.param(4_000, False, id="a clock a little behind"),
        pytest.param(3_999, True, id="the segment's clock had jumped ahead"),
    ],
)
def test_when_nothing_more_is_expected(clock_ms: int, is_over: bool) -> None:
    """Where the partition's records are half a second past its window."""
    assert CUT.is_over(5, clock_ms, 500) is is_over
