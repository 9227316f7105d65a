"""What is held is what the ledger says, in its order."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from consumers.captions.errors import Conflict, Held, Missing
from consumers.captions.life.holding import holder, refuse_added, refuse_held, refuse_removed, standing
from schemas.archive.statements import HoldAdded, HoldRemoved, Statement

AT = datetime(2026, 5, 2, 12, tzinfo=UTC)


def added(hold: str, *occurrences: str, meeting_id: str | None = None) -> HoldAdded:
    """Return a hold's beginning."""
    return HoldAdded(at=AT, hold=hold, occurrences=list(occurrences), meeting_id=meeting_id, who="ann", why="case 7")


def removed(hold: str) -> HoldRemoved:
    """Return its end."""
    return HoldRemoved(at=AT, hold=hold, who="ann", why="settled")


def test_a_hold_stands_until_it_is_removed() -> None:
    """Added, removed and added again it stands; removing what never was changes nothing."""
    said: list[Statement] = [added("a", "o-1"), added("b", "o-2"), removed("a"), removed("x")]

    assert standing(said) == {"b": added("b", "o-2")}
    assert list(standing([*said, added("a", "o-3")])) == ["b", "a"]


@pytest.mark.parametrize(
    ("hold", "held"),
    [
        pytest.param(added("a", "o-1", "o-2"), True, id="by itself"),
        pytest.param(added("a", "o-2"), False, id="another one"),
        pytest.param(added("a", meeting_id="m-1"), True, id="by its meeting"),
        pytest.param(added("a", meeting_id="m-2"), False, id="another meeting"),
    ],
)
def test_a_hold_covers_what_it_names(hold: HoldAdded, held: bool) -> None:
    """A hold is on occurrences, or on all of a meeting's."""
    assert holder([hold], "o-1", "m-1") == (hold if held else None)


def test_what_is_held_is_refused_by_name() -> None:
    """Who wants to erase is told which hold stands in the way."""
    with pytest.raises(Held, match="hold a of 2026-05-02 covers o-1: nothing of it is erased until it is removed"):
        refuse_held([added("a", meeting_id="m-1")], "o-1", "m-1")
    refuse_held([added("a", meeting_id="m-1"), removed("a")], "o-1", "m-1")


def test_an_id_is_of_one_hold() -> None:
    """Another hold under an ID that stands is refused; the same one, or one after the end of the first, is not."""
    with pytest.raises(Conflict, match="hold a stands already, on something else: choose another ID"):
        refuse_added([added("a", "o-1")], added("a", "o-2"))
    refuse_added([added("a", "o-1")], added("a", "o-1"))
    refuse_added([added("a", "o-1"), removed("a")], added("a", "o-2"))


def test_what_never_was_is_not_removed() -> None:
    """A slip in the ID is told, a second removal is none."""
    with pytest.raises(Missing, match="hold b"):
        refuse_removed([added("a", "o-1")], "b")
    refuse_removed([added("a", "o-1"), removed("a")], "a")
