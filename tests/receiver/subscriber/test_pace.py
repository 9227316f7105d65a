"""Turns to connect."""

from receiver.subscriber.pace import Pace


def test_turns_are_apart() -> None:
    """Four a second: a quarter of a second between any two, however many ask at once."""
    pace = Pace(4)

    assert [pace.turn(10) for _ in range(4)] == [10, 10.25, 10.5, 10.75]


def test_turns_are_not_saved_up() -> None:
    """After a quiet hour the next two are as far apart as any."""
    pace = Pace(4)
    pace.turn(0)

    assert [pace.turn(3_600), pace.turn(3_600)] == [3_600, 3_600.25]
