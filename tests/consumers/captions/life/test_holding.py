"""What is held, kept and erased is what the ledger says, in its order."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from consumers.captions.errors import Conflict, Held, Missing
from consumers.captions.life.holding import KeptVersion, Standing
from schemas.archive.statements import AccessSealed, Erased, HoldAdded, HoldRemoved, MeetingKept, Statement

AT = datetime(2026, 5, 2, 12, tzinfo=UTC)


def added(hold: str, *occurrences: str, meeting_id: str | None = None) -> HoldAdded:
    """Return a hold's beginning."""
    return HoldAdded(at=AT, hold=hold, occurrences=list(occurrences), meeting_id=meeting_id, who="ann", why="case 7")


def removed(hold: str) -> HoldRemoved:
    """Return its end."""
    return HoldRemoved(at=AT, hold=hold, who="ann", why="settled")


def kept(occurrence: str, version: int) -> MeetingKept:
    """Return a version of an occurrence."""
    key = f"meetings/acme/2026-05-01/{occurrence}/{version:03d}/manifest.json"
    return MeetingKept(at=AT, occurrence=occurrence, version=version, manifest=key, sha256="", records=1, root="")


def erased(occurrence: str, tombstone: str, why: str = "due") -> Erased:
    """Return an erasure."""
    return Erased(
        at=AT, occurrence=occurrence, tombstone=tombstone, sha256="", records=1, who="ann", why=why, reference=None
    )


def standing(*said: Statement) -> Standing:
    """Return what stands after all this."""
    found = Standing()
    found.take(said)
    return found


def test_a_hold_stands_until_it_is_removed() -> None:
    """Added, removed and added again it stands; removing what never was changes nothing."""
    said: list[Statement] = [added("a", "o-1"), added("b", "o-2"), removed("a"), removed("x")]

    assert standing(*said).holds == {"b": added("b", "o-2")}
    assert list(standing(*said, added("a", "o-3")).holds) == ["b", "a"]
    assert standing(*said).once == {"a": added("a", "o-1"), "b": added("b", "o-2")}


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
    assert standing(hold).holder("o-1", "m-1") == (hold if held else None)


def test_what_is_held_is_refused_by_name() -> None:
    """Who wants to erase is told which hold stands in the way."""
    with pytest.raises(Held, match="hold a of 2026-05-02 covers o-1: nothing of it is erased until it is removed"):
        standing(added("a", meeting_id="m-1")).refuse_held("o-1", "m-1")
    standing(added("a", meeting_id="m-1"), removed("a")).refuse_held("o-1", "m-1")


def test_an_id_is_of_one_hold() -> None:
    """Another hold under an ID that stands is refused; the same one, or one after the end of the first, is not."""
    with pytest.raises(Conflict, match="hold a stands already, on something else: choose another ID"):
        standing(added("a", "o-1")).refuse_added(added("a", "o-2"))
    standing(added("a", "o-1")).refuse_added(added("a", "o-1"))
    standing(added("a", "o-1"), removed("a")).refuse_added(added("a", "o-2"))


def test_what_never_was_is_not_removed() -> None:
    """A slip in the ID is told, a second removal is none."""
    with pytest.raises(Missing, match="hold b"):
        standing(added("a", "o-1")).refuse_removed("b")
    standing(added("a", "o-1"), removed("a")).refuse_removed("a")


def test_the_highest_version_is_the_one_that_is_kept() -> None:
    """Whatever the order in which versions were said."""
    found = standing(kept("o-1", 2), kept("o-1", 1), kept("o-2", 1), AccessSealed(at=AT, entries=1, head=""))

    assert found.kept == {
        "o-1": KeptVersion("o-1", 2, kept("o-1", 2).manifest, kept("o-1", 2).sha256),
        "o-2": KeptVersion("o-2", 1, kept("o-2", 1).manifest, kept("o-2", 1).sha256),
    }


def test_versions_after_an_erasure_are_counted() -> None:
    """Of what was due: so that what came late is found without a look at every manifest."""
    found = standing(kept("o", 1), erased("o", "t-1"), kept("o", 2), kept("o", 3), erased("p", "t-2", why="request"))

    assert found.since_due == {"o": 2}
    assert list(found.erased) == ["t-1", "t-2"]


def test_no_entry_is_taken_twice() -> None:
    """Whoever hands over what was taken already, from the first entry or from another, changes nothing."""
    said: list[Statement] = [kept("o", 1), erased("o", "t-1"), kept("o", 2)]
    found = standing(*said)
    found.take(said)
    found.take(said[1:], 1)
    found.take([*said[2:], kept("o", 3)], 2)

    assert (found.count, found.since_due) == (4, {"o": 2})
