"""The comparison itself: it finds what is lost, twice or out of order, so that its zeros mean something."""

from __future__ import annotations

import pytest

from .figures import Figures, Numbers


@pytest.mark.parametrize(
    ("answered", "read", "wrong", "said"),
    [
        pytest.param({"a": [1, 2], "b": [3]}, {"a": [1, 2], "b": [3]}, (0, 0, 0), "", id="all well"),
        pytest.param({"a": [1, 3]}, {"a": [1, 2, 3, 4], "b": [5]}, (0, 0, 0), "", id="more than was answered"),
        pytest.param({"a": [1, 2]}, {"a": [2]}, (1, 0, 0), "1 lost, 0 duplicated, 0 reordered", id="one lost"),
        pytest.param({"a": [1, 2]}, {}, (2, 0, 0), "2 lost, 0 duplicated, 0 reordered", id="all lost"),
        pytest.param({"a": [1, 2]}, {"a": [1, 2, 1]}, (0, 1, 0), "0 lost, 1 duplicated, 0 reordered", id="one twice"),
        pytest.param({"a": [1, 2]}, {"a": [2, 1]}, (0, 0, 1), "0 lost, 0 duplicated, 1 reordered", id="disorder"),
    ],
)
def test_what_is_wrong_is_counted(answered: Numbers, read: Numbers, wrong: tuple[int, int, int], said: str) -> None:
    """Each kind of harm is a figure of its own."""
    figures = Figures()

    assert figures.add(answered, read) == said
    assert (figures.lost, figures.duplicated, figures.reordered) == wrong


def test_rounds_add_up() -> None:
    """The figures are those of all rounds."""
    figures = Figures()
    for _ in range(3):
        figures.add({"a": [1, 2]}, {"a": [2]})

    assert (figures.rounds, figures.pushes, figures.lost) == (3, 6, 3)
    assert "  lost                    3\n" in figures.table()
