"""What is remembered is bounded in number and in time."""

from __future__ import annotations

import pytest

from consumers.captions.life.remembered import Remembered


def test_oldest_goes_first() -> None:
    """Beyond the most that is remembered the oldest is forgotten."""
    remembered = Remembered[str, int](10.0, 2, lambda: 0.0)
    for number, name in enumerate(["a", "b", "a", "c"]):
        remembered.put(name, number)

    assert [remembered.fresh(name) for name in "abc"] == [2, None, 3]


def test_old_is_held_but_not_fresh() -> None:
    """What is too old has to be looked up again; a batch that began with it may end with it."""
    times = iter([0.0, 10.0, 10.5])
    remembered = Remembered[str, int](10.0, 2, lambda: next(times))
    remembered.put("a", 1)

    assert [remembered.fresh("a"), remembered.fresh("a"), remembered.held("a")] == [1, None, 1]


def test_aged_is_held_but_not_fresh() -> None:
    """What was changed elsewhere has to be looked up again, by the next who asks; what is unknown stays so."""
    remembered = Remembered[str, int](10.0, 3, lambda: 0.0)
    remembered.put("a", 1)
    remembered.age("a")
    remembered.age("b")

    assert [remembered.fresh("a"), remembered.held("a"), remembered.fresh("b")] == [None, 1, None]
    remembered.put("a", 2)
    assert remembered.fresh("a") == 2


def test_forgotten_is_not_held() -> None:
    """What is forgotten is held no more, all else is."""
    remembered = Remembered[str, int](10.0, 3, lambda: 0.0)
    remembered.put("a", 1)
    remembered.put("b", 2)
    remembered.forget_if(lambda value: value == 1)

    with pytest.raises(LookupError):
        remembered.held("a")
    assert remembered.held("b") == 2
