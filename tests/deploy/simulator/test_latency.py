"""The histogram of durations: exact enough, whatever comes."""

from __future__ import annotations

import pytest

from deploy.simulator.latency import Latencies


def test_percentiles_are_within_two_percent() -> None:
    """Half of 1 to 1,000 ms lie within 500 ms, 99 % within 990."""
    latencies = Latencies()
    for milliseconds in range(1, 1_001):
        latencies.add(milliseconds / 1_000)

    found = [latencies.percentile_ms(percent) for percent in (50, 99, 100)]

    assert found == [pytest.approx(500, rel=0.02), pytest.approx(990, rel=0.02), pytest.approx(1_000)]


def test_extremes_are_counted() -> None:
    """What is shorter than a microsecond, or longer than the last bucket, is not lost."""
    latencies = Latencies()
    latencies.add(0.0)
    latencies.add(100_000.0)

    assert latencies.count == 2
    assert latencies.percentile_ms(100) == pytest.approx(1_000_000, rel=0.1)


def test_nothing_counted_is_nothing() -> None:
    """No answers, no latency."""
    assert Latencies().percentile_ms(99) == 0.0
