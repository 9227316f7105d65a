"""The catalogue is what the ledger says, wherever it stood before."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from consumers.captions.archive import Archive
from consumers.captions.finding import files
from consumers.captions.finding.asked import Asked
from consumers.captions.finding.keeping import CaughtUp, catch_up, last_of
from consumers.captions.life.erasure import Request, erase
from schemas.archive.statements import HoldAdded, MeetingKept, MeetingLeft

from ..meetings import MORNING, Spoken, archive_of, keep

SMALL = (Spoken("Bob", {"English": "another meeting"}, 5),)


@pytest.fixture
async def archive(tmp_path: Path) -> AsyncIterator[Archive]:
    """Give an archive with two meetings that its catalogue does not know of yet."""
    async with archive_of(tmp_path) as archive:
        await keep(archive, SMALL, meeting_id="900000002", at=MORNING - timedelta(hours=2))
        await keep(archive)
        yield archive


async def found(archive: Archive, words: str) -> int:
    """Return how many hits there are."""
    return len(await archive.catalogue.search(Asked(words=words)))


async def test_it_catches_up_with_the_ledger(archive: Archive) -> None:
    """Once; then there is nothing to do until something is said."""
    caught_up = [await catch_up(archive), await catch_up(archive)]

    assert caught_up == [CaughtUp(meetings=2, damaged=[]), CaughtUp(meetings=0, damaged=[])]
    assert [await found(archive, "another"), await found(archive, "预算")] == [1, 1]
    assert await archive.catalogue.position() == 2


async def test_it_is_made_anew_from_nothing(archive: Archive) -> None:
    """Whoever deletes it loses nothing."""
    await catch_up(archive)
    await archive.catalogue.clear()

    assert await found(archive, "预算") == 0
    await catch_up(archive)
    assert await found(archive, "预算") == 1


async def test_what_is_erased_is_forgotten(archive: Archive) -> None:
    """As a whole or in part, also where the catalogue was not there when it happened."""
    await catch_up(archive)
    (hit,) = await archive.catalogue.search(Asked(words="预算"))
    (other,) = await archive.catalogue.search(Asked(words="another"))

    await erase(archive, Request(occurrence=hit.occurrence, who="ann", why="request", reference="c-1", cues=(3,)))
    await erase(archive, Request(occurrence=other.occurrence, who="ann", why="request", reference="c-2"))
    await catch_up(archive)

    assert [await found(archive, words) for words in ("预算", "another", "upgraded")] == [0, 0, 1]
    await archive.catalogue.clear()
    await catch_up(archive)
    assert [await found(archive, words) for words in ("预算", "another", "upgraded")] == [0, 0, 1]


async def test_what_the_ledger_took_back_is_forgotten(archive: Archive) -> None:
    """As between an erasure and the version without words that follows it."""
    await catch_up(archive)
    (hit,) = await archive.catalogue.search(Asked(words="预算"))
    left = MeetingLeft(at=MORNING, occurrence=hit.occurrence, enterprise="acme", meeting_id="900000001", rule="none")

    await archive.ledger.append([left])
    await catch_up(archive)

    assert [await found(archive, "another"), await found(archive, "预算")] == [1, 0]


async def test_a_manifest_that_is_gone_hides_no_other_meeting(archive: Archive) -> None:
    """`verify` says that it is gone; a search finds all the rest."""
    key = await manifest_of(archive, 0)
    await asyncio.to_thread((Path(archive.store.address.removeprefix("file:")) / key).unlink)

    caught_up = await catch_up(archive)

    assert caught_up == CaughtUp(meetings=2, damaged=[f"{key}: missing"])
    assert [await found(archive, "another"), await found(archive, "预算")] == [0, 1]


async def test_a_meeting_without_its_captions_is_said(archive: Archive) -> None:
    """That nothing was said in it is not known."""
    key = files.beside(await manifest_of(archive, 1), files.CUES)
    await archive.store.delete(key)

    caught_up = await catch_up(archive)

    assert caught_up == CaughtUp(meetings=2, damaged=[f"{key}: missing"])
    assert [await found(archive, "another"), await found(archive, "预算")] == [1, 0]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("manifest.json", b"{}", id="no manifest"),
        pytest.param("manifest.json", b"\xff", id="a manifest that is no text"),
        pytest.param("captions.jsonl", b"", id="nothing"),
        pytest.param("captions.jsonl", b"{}\n", id="another file"),
    ],
)
async def test_what_is_not_as_it_was_signed_is_said(archive: Archive, name: str, content: bytes) -> None:
    """With its key, and none of what is in it; all the rest is found, and of this nothing."""
    key = files.beside(await manifest_of(archive, 1), name)
    await archive.store.replace(key, content)

    (damage,) = (await catch_up(archive)).damaged

    assert damage.startswith(f"{key}: it is not the ")
    assert [await found(archive, "another"), await found(archive, "预算")] == [1, 0]


async def test_sealed_words_are_found_and_stay_sealed_without_the_key(tmp_path: Path) -> None:
    """Whoever has the master key searches as ever; whoever has not, lists the meetings alone."""
    master = tmp_path / "master"
    await asyncio.to_thread(master.touch, 0o600)
    await asyncio.to_thread(master.write_text, "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY=")
    async with archive_of(tmp_path, encryption_key_file=str(master)) as archive:
        await keep(archive)
        await catch_up(archive)
        assert await found(archive, "预算") == 1

    async with archive_of(tmp_path, index_file=str(tmp_path / "other.sqlite")) as archive:
        await catch_up(archive)
        assert (await found(archive, "预算"), len(await archive.catalogue.meetings(Asked()))) == (0, 1)


def test_holds_change_nothing_that_is_there() -> None:
    """What is said of holds is not said of being there."""
    held = HoldAdded(at=MORNING, hold="h", occurrences=["1"], meeting_id=None, who="ann", why="case")

    assert last_of([held]) == {}


async def manifest_of(archive: Archive, entry: int) -> str:
    """Return the key of the manifest that an entry of the ledger names."""
    said = (await archive.ledger.statements())[entry]
    assert isinstance(said, MeetingKept)
    return said.manifest
