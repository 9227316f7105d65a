"""Turns to connect."""

from hypothesis import given
from hypothesis import strategies as st

from receiver.subscriber.pace import Pace, Window


def test_turns_are_apart() -> None:
    """Four a second: a quarter of a second between any two, however many ask at once."""
    pace = Pace(4)

    assert [pace.turn(10) for _ in range(4)] == [10, 10.25, 10.5, 10.75]


def test_turns_are_not_saved_up() -> None:
    """After a quiet hour the next two are as far apart as any."""
    pace = Pace(4)
    pace.turn(0)

    assert [pace.turn(3_600), pace.turn(3_600)] == [3_600, 3_600.25]


@given(st.lists(st.floats(0, 5), max_size=60), st.sampled_from([0.5, 1.0, 3.0, 10.0]))
def test_no_second_has_more_than_the_cap(asked_at: list[float], per_s: float) -> None:
    """However they come, and however many at one moment; who may not go is told when to ask again, and then goes."""
    window, went = Window(per_s), []
    queue = sorted(asked_at)
    while queue:
        now_s = queue.pop(0)
        if (wait_s := window.ask(now_s)) == 0:
            went.append(now_s)
        else:
            queue = sorted([*queue, now_s + wait_s])

    assert len(went) == len(asked_at)
    assert all(sum(1 for other in went if one <= other < one + 1) <= max(1, per_s) for one in went)
