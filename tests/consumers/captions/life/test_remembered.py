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


def test_forgotten_is_not_held() -> None:
    """What is forgotten is held no more, alone or with all the rest."""
    remembered = Remembered[str, int](10.0, 3, lambda: 0.0)
    remembered.put("a", 1)
    remembered.put("b", 2)
    remembered.forget("a")
    remembered.forget("a")
    with pytest.raises(LookupError):
        remembered.held("a")
    assert remembered.held("b") == 2
    remembered.forget_all()
    with pytest.raises(LookupError):
        remembered.held("b")
