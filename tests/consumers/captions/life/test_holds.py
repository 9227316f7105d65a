"""A legal hold is in the ledger first, and on the store's objects then, as long as any hold needs it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta

import msgspec
import pytest

from consumers.captions.archive import Archive
from consumers.captions.errors import Conflict, Missing, StoreUnavailable
from consumers.captions.life import holds
from consumers.captions.life.access import read
from consumers.captions.life.versions import Version
from schemas.archive import index_key
from schemas.archive.access import Access
from schemas.archive.statements import HoldAdded, HoldRemoved

from .building import EVENING, MORNING, alive, build, meeting
from .watching import Watched, watched


async def three(archive: Archive) -> list[Version]:
    """Keep three meetings: two in the same segments, the third is the first one's ID again in the evening."""
    words = [("p-1", "好"), ("p-2", "yes")]
    return await build(
        archive,
        [
            *meeting("m-1", words),
            *meeting("m-2", words, at=MORNING + timedelta(minutes=5)),
            *meeting("m-1", words, at=EVENING),
            *alive(),
        ],
    )


def objects(*versions: Version) -> set[str]:
    """Return the keys that have to stay for these."""
    keys = set[str]()
    for one in versions:
        keys |= {one.key, *(one.key.replace("manifest.json", file.name) for file in one.manifest.files)}
        keys |= {stretch.segment for stretch in one.manifest.evidence}
        keys |= {index_key(stretch.segment) for stretch in one.manifest.evidence}
    return keys


async def noted(archive: Archive) -> list[tuple[str, str, list[str]]]:
    """Return what the access log says."""
    found = [msgspec.json.decode(content, type=Access) for _, content in await read(archive.store)]
    return [(one.who, one.what, one.occurrences) for one in found]


def ids(versions: Sequence[Version]) -> list[str]:
    """Return the occurrences."""
    return sorted(one.manifest.occurrence for one in versions)


@pytest.fixture
def held(archive: Archive) -> Watched:
    """Return the archive with a store that knows which objects it was asked to hold."""
    return watched(archive)


async def test_hold_is_said_and_put_on_the_objects(held: Watched) -> None:
    """The ledger says who, why and when; the store holds manifest, files and evidence of the meetings, nothing else."""
    first, second, _ = await three(held.archive)
    now = EVENING + timedelta(days=1)
    touched = await holds.add(
        held.archive, "case-7", who="ann", why="a lawsuit", occurrences=[first.manifest.occurrence], now=lambda: now
    )

    said = HoldAdded(
        at=now, hold="case-7", occurrences=[first.manifest.occurrence], meeting_id=None, who="ann", why="a lawsuit"
    )
    assert touched == ids([first])
    assert await holds.listed(held.archive) == [said]
    assert held.store.holds == objects(first)
    assert not objects(second) <= held.store.holds
    assert await noted(held.archive) == [("ann", "hold", touched)]


async def test_hold_by_meeting_id_covers_each_holding_and_what_is_to_come(held: Watched) -> None:
    """All holdings of a meeting ID are held, those that are kept later too."""
    first, second, third = await three(held.archive)
    touched = await holds.add(held.archive, "case-7", who="ann", why="x", meeting_id="m-1")
    (later,) = await build(held.archive, meeting("m-1", [("p-1", "later")], at=EVENING + timedelta(hours=1)), first=900)
    (other,) = await build(held.archive, meeting("m-3", [("p-1", "later")], at=EVENING + timedelta(hours=2)), first=990)
    for version in (later, other):
        await holds.hold_new(held.archive, version)

    assert touched == ids([first, third])
    assert held.store.holds == objects(first, third, later)
    assert second.key not in held.store.holds


async def test_removed_hold_lets_go_of_what_no_other_needs(held: Watched) -> None:
    """A segment that two held meetings share is held until the last of the two is free."""
    first, second, _ = await three(held.archive)
    await holds.add(held.archive, "a", who="ann", why="x", occurrences=ids([first]))
    await holds.add(held.archive, "b", who="bob", why="y", occurrences=ids([second]))

    await holds.remove(held.archive, "a", who="eve", why="settled", now=lambda: EVENING)
    assert held.store.holds == objects(second)
    assert (await held.archive.ledger.statements())[-1] == HoldRemoved(at=EVENING, hold="a", who="eve", why="settled")
    assert [hold.hold for hold in await holds.listed(held.archive)] == ["b"]

    await holds.remove(held.archive, "b", who="eve", why="settled")
    assert held.store.holds == set()
    assert [entry[:2] for entry in await noted(held.archive)][2:] == [("eve", "release"), ("eve", "release")]


async def test_interrupted_command_is_finished_by_the_same_again(held: Watched) -> None:
    """Stopped after the ledger and amid the objects, the same command again does the rest, and says nothing twice."""
    first, _, _ = await three(held.archive)
    said = len(await held.archive.ledger.statements())
    held.store.stop_after(2)
    with pytest.raises(StoreUnavailable):
        await holds.add(held.archive, "a", who="ann", why="x", occurrences=ids([first]))
    held.store.stop_after(None)
    await holds.add(held.archive, "a", who="ann", why="x", occurrences=ids([first]))
    assert held.store.holds == objects(first)

    held.store.stop_after(3)
    with pytest.raises(StoreUnavailable):
        await holds.remove(held.archive, "a", who="ann", why="x")
    held.store.stop_after(None)
    await holds.remove(held.archive, "a", who="ann", why="x")
    assert held.store.holds == set()
    assert len(await held.archive.ledger.statements()) == said + 2


async def test_what_is_not_there_is_not_held(held: Watched) -> None:
    """A slip in an ID, or in what is to be held, is told, and nothing is said in the ledger."""
    first, second, _ = await three(held.archive)
    await holds.add(held.archive, "a", who="ann", why="x", occurrences=ids([first]))
    said = await held.archive.ledger.statements()

    with pytest.raises(Missing, match="occurrence nobody"):
        await holds.add(held.archive, "b", who="ann", why="x", occurrences=["nobody"])
    with pytest.raises(Missing, match="hold b"):
        await holds.remove(held.archive, "b", who="ann", why="x")
    with pytest.raises(Conflict, match="hold a stands already"):
        await holds.add(held.archive, "a", who="ann", why="x", occurrences=ids([second]))
    for both in ({}, {"occurrences": ids([first]), "meeting_id": "m-1"}):
        with pytest.raises(ValueError, match=re.escape("a hold is on occurrences, or on a meeting ID: one of the two")):
            await holds.add(held.archive, "b", who="ann", why="x", **both)  # type: ignore[arg-type]  # the two cases
    assert await held.archive.ledger.statements() == said


async def test_derived_object_that_is_missing_stops_no_hold(held: Watched) -> None:
    """An index can be made anew: that it is not there keeps the rest from nothing."""
    first, _, _ = await three(held.archive)
    gone = index_key(first.manifest.evidence[0].segment)
    await held.archive.store.delete(gone)
    await holds.add(held.archive, "a", who="ann", why="x", occurrences=ids([first]))

    assert held.store.holds == objects(first) - {gone}
