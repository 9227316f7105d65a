"""How often a channel is written to."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from consumers.qos.notify.window import Window


@given(
    st.integers(1, 30),
    st.lists(st.floats(0, 40, allow_nan=False), max_size=80),
    st.sampled_from([0.0, 0.25]),
)
def test_no_minute_sees_more_than_its_number(per_minute: int, gaps: list[float], apart_s: float) -> None:
    """Whenever somebody wants to send, and waits as long as they are told to."""
    window, now, sent = Window(per_minute, apart_s=apart_s), 0.0, list[float]()
    for gap in gaps:
        now += gap
        now += window.wait_s(now)
        window.sent(now)
        sent.append(now)

    # A hair of rounding; no maker counts that finely.
    assert all(later - earlier >= 60 - 1e-6 for earlier, later in zip(sent, sent[per_minute:], strict=False))
    assert all(later - earlier >= apart_s - 1e-6 for earlier, later in itertools.pairwise(sent))


def test_less_than_one_a_minute_waits_longer_than_a_minute() -> None:
    """Half a message a minute is one in two."""
    window = Window(0.5)
    window.sent(0.0)

    assert window.wait_s(10.0) == 110.0
