"""The retry schedule, read as what it is: numbers."""

from __future__ import annotations

from deploy.simulator import retry_delays


def test_retries_are_those_of_the_reference() -> None:
    """Three after 30 s each, then one every 30 min while 24 h are not over."""
    assert list(retry_delays()) == [30.0] * 3 + [1_800.0] * 47
