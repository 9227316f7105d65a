"""The time by the records: who has a say in it, and for how long."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from consumers.qos.engine.clock import SILENT_AFTER_MS, PartitionClock

SIGNS = st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 4 * SILENT_AFTER_MS)), min_size=1, max_size=20)


@given(SIGNS)
def test_it_is_the_time_of_the_last_that_is_not_silent(signs: Sequence[tuple[str, int]]) -> None:
    """In whatever order they come; who came late and who went for good has no say."""
    clock, heard = PartitionClock(), dict[str, int]()
    for receiver, at_ms in signs:
        clock.hear(receiver, at_ms)
        heard[receiver] = max(heard.get(receiver, 0), at_ms)

        newest = max(heard.values())
        assert clock.now_ms() == min(at_ms for at_ms in heard.values() if newest - at_ms <= SILENT_AFTER_MS)


def test_receivers_that_went_for_good_are_forgotten() -> None:
    """Each start of one without a volume is another receiver."""
    clock = PartitionClock()
    for start in range(1, 1_000):
        clock.hear(f"r-{start}", start * 2 * SILENT_AFTER_MS)

    assert clock.alive == {"r-999": 999 * 2 * SILENT_AFTER_MS}


def test_nobody_was_heard() -> None:
    """Then there is no time."""
    assert PartitionClock().now_ms() is None
