"""What has waited longest comes first, however it came there."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from receiver.quality.waiting import Waiting

KEYS = st.integers(0, 9)
TIMES = st.integers(0, 50).map(float)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), KEYS, TIMES, st.booleans(), st.sampled_from([0.0, 10.0])),
        st.tuples(st.just("alarm"), KEYS, TIMES, st.booleans()),
        st.tuples(st.just("drop"), KEYS),
        st.tuples(st.just("take"), TIMES, st.booleans()),
    ),
    max_size=200,
)


@given(steps=STEPS)
def test_it_does_as_a_list_does_that_is_sorted_each_time(steps: list[tuple[Any, ...]]) -> None:
    """Whatever is put, put anew, dropped, taken, or comes into alarm and out of it."""
    waiting: Waiting[int] = Waiting()
    plain: dict[int, tuple[float, int, float, bool]] = {}

    for number, step in enumerate(steps):
        match step:
            case ("put", key, due, alarmed, lead):
                waiting.put(key, due, alarmed=alarmed, lead=lead)
                plain[key] = (due - lead, number, due, alarmed)
            case ("alarm", key, now, alarmed) if key in waiting:
                waiting.alarm(key, alarmed, now)
                turn, _, due, before = plain[key]
                sooner = min(due, now) if alarmed else due
                if alarmed != before:
                    plain[key] = (sooner - (due - turn), number, sooner, alarmed)
            case ("drop", key):
                waiting.drop(key)
                plain.pop(key, None)
            case ("take", now, alarmed):
                order = sorted((place, key) for key, place in plain.items() if place[3] or not alarmed)
                expected = None
                if order and order[0][0][0] <= now:
                    expected = (order[0][1], order[0][0][2])
                    del plain[order[0][1]]
                assert waiting.take(now, alarmed=alarmed) == expected
            case _:
                # An alarm of what does not wait.
                pass
        assert {key for key in range(10) if key in waiting} == plain.keys()


def test_memory_is_bounded_by_what_waits() -> None:
    """However often things change their places: what stands in two places is cleared away."""
    waiting: Waiting[int] = Waiting()
    for turn in range(10_000):
        waiting.put(turn % 3, float(turn), alarmed=turn % 2 == 0)

    assert len(waiting) == 3
    assert max(map(len, waiting._heaps.values())) < 100
