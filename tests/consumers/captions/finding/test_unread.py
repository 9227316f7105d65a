"""What cannot be read is tried again and named at each catching up, until it can be read or the ledger lets it go."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from consumers.captions.archive import Archive
from consumers.captions.finding import keeping
from consumers.captions.finding.asked import Asked
from consumers.captions.finding.keeping import CaughtUp, catch_up
from consumers.captions.finding.unread import Unread
from consumers.captions.life.erasure import Request, erase
from schemas.archive.statements import MeetingKept, MeetingLeft

from ..failing import Failing, Plan
from ..meetings import MORNING, Spoken, archive_of, keep


class Watched(Failing):
    """A store that notes what is asked for; `then` is awaited once, after the cues of a meeting were."""

    def __init__(self, archive: Archive, then: Callable[[], Awaitable[object]] | None = None) -> None:
        super().__init__(archive.store, Plan(0))
        self.read: list[str] = []
        self._then = then

    async def get(self, key: str, *, start: int = 0, length: int | None = None) -> bytes:
        """Get."""
        self.read.append(key)
        try:
            return await super().get(key, start=start, length=length)
        finally:
            if self._then is not None and key.endswith("captions.jsonl"):
                then, self._then = self._then, None
                await then()


@pytest.fixture
async def archive(tmp_path: Path) -> AsyncIterator[Archive]:
    """Give an archive with three meetings that its catalogue does not know of yet."""
    async with archive_of(tmp_path) as archive:
        for hours in range(3):
            said = [Spoken("Bob", {"English": f"budget number{hours}"}, 5), Spoken("Bob", {"English": "goodbye"}, 9)]
            await keep(archive, said, meeting_id=f"90000000{hours}", at=MORNING + timedelta(hours=hours))
        yield archive


async def kept(archive: Archive) -> list[MeetingKept]:
    """Return what the ledger keeps."""
    return [one for one in await archive.ledger.statements() if isinstance(one, MeetingKept)]


async def cues_of(archive: Archive, number: int) -> str:
    """Return the key of a meeting's cues."""
    return (await kept(archive))[number].manifest.replace("manifest.json", "captions.jsonl")


async def found(archive: Archive, words: str = "budget") -> int:
    """Return how many hits there are."""
    return len(await archive.catalogue.search(Asked(words=words)))


@pytest.mark.parametrize("content", [None, b"{}"], ids=["missing", "altered"])
@pytest.mark.parametrize("name", ["manifest.json", "captions.jsonl"])
async def test_it_is_named_until_it_is_put_back_and_found_from_then_on(
    archive: Archive, name: str, content: bytes | None
) -> None:
    """By each search, not by the first alone; also after a restart."""
    key = (await cues_of(archive, 1)).replace("captions.jsonl", name)
    before = await archive.store.get(key)
    await (archive.store.delete(key) if content is None else archive.store.replace(key, content))

    named = [(await catch_up(archive)).damaged for _ in range(3)]
    while_away = await found(archive)
    async with archive_of(Path(archive.settings.index_file).parent) as restarted:
        named.append((await catch_up(restarted)).damaged)
    await archive.store.replace(key, before)

    assert [[damage.partition(": ")[0] for damage in damaged] for damaged in named] == [[key]] * 4
    assert [await catch_up(archive), await catch_up(archive)] == [
        CaughtUp(meetings=1, damaged=[]),
        CaughtUp(meetings=0, damaged=[]),
    ]
    assert (while_away, await found(archive)) == (2, 3)


async def test_what_is_damaged_in_another_way_by_now_is_said_as_it_is(archive: Archive) -> None:
    """It is looked at again each time."""
    key = await cues_of(archive, 1)
    await archive.store.delete(key)

    damaged = (await catch_up(archive)).damaged
    await archive.store.replace(key, b"{}")
    damaged += (await catch_up(archive)).damaged

    assert damaged == [f"{key}: missing", f"{key}: it is not the file that the manifest lists"]


@pytest.mark.parametrize("cues", [None, (1,)], ids=["as a whole", "in part"])
async def test_what_is_erased_is_not_damaged(archive: Archive, cues: tuple[int, ...] | None) -> None:
    """Its files were deleted on purpose: nobody misses them, at whatever position a catalogue stands."""
    await catch_up(archive)
    first = (await kept(archive))[0]
    await erase(archive, Request(occurrence=first.occurrence, who="ann", why="request", reference="c", cues=cues))

    async with archive_of(
        Path(archive.settings.index_file).parent, index_file=f"{archive.settings.index_file}2"
    ) as new:
        damaged = [(await catch_up(one)).damaged for one in (archive, new, archive, new)]

    assert damaged == [[]] * 4


async def test_what_is_erased_after_it_could_not_be_read_is_named_no_more(archive: Archive) -> None:
    """The ledger says that nothing of it has to be there."""
    first = (await kept(archive))[0]
    await archive.store.delete(await cues_of(archive, 0))

    before = (await catch_up(archive)).damaged
    await erase(archive, Request(occurrence=first.occurrence, who="ann", why="request", reference="c"))
    after = [(await catch_up(archive)).damaged for _ in range(2)]

    assert (len(before), after, await archive.catalogue.unread()) == (1, [[], []], [])


async def test_what_is_erased_while_it_is_read_is_not_damaged(archive: Archive) -> None:
    """The ledger says so by the time at which it is missed."""
    await archive.store.delete(await cues_of(archive, 0))
    first = (await kept(archive))[0]
    left = MeetingLeft(at=MORNING, occurrence=first.occurrence, enterprise="acme", meeting_id="900000000", rule="none")
    store = Watched(archive, lambda: archive.ledger.append([left]))

    caught_up = await catch_up(msgspec.structs.replace(archive, store=store))

    assert (caught_up.damaged, await archive.catalogue.unread()) == ([], [])
    assert (await catch_up(archive)).damaged == []


async def test_of_what_is_erased_in_part_nothing_is_found_where_the_rest_cannot_be_read(archive: Archive) -> None:
    """A catalogue elsewhere still has the words that are erased."""
    index = f"{archive.settings.index_file}2"
    async with archive_of(Path(archive.settings.index_file).parent, index_file=index) as other:
        await catch_up(other)
        first = (await kept(archive))[0]
        request = Request(occurrence=first.occurrence, who="ann", why="request", reference="c", cues=(1,))
        await erase(archive, request)
        key = await cues_of(archive, -1)
        await archive.store.delete(key)

        damaged = (await catch_up(other)).damaged

        assert (damaged, await found(other, "number0")) == ([f"{key}: missing"], 0)


async def test_few_are_tried_at_once_in_turn_and_all_are_named(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the files of a whole archive are away, a search does not ask for each; where they are back, it does."""
    monkeypatch.setattr(keeping, "_AT_ONCE", 1)
    manifests = [one.manifest for one in await kept(archive)]
    contents = [await archive.store.get(key) for key in manifests]
    for key in manifests:
        await archive.store.delete(key)
    await catch_up(archive)
    store = Watched(archive)
    watched = msgspec.structs.replace(archive, store=store)

    damaged = [sorted((await catch_up(watched)).damaged) for _ in range(4)]
    read = list(store.read)
    for key, content in zip(manifests, contents, strict=True):
        await archive.store.put(key, content)
    back = await catch_up(watched)

    assert damaged == [sorted(f"{key}: missing" for key in manifests)] * 4
    assert read == [*manifests, manifests[0]]
    assert (back, await found(archive)) == (CaughtUp(meetings=3, damaged=[]), 3)


async def test_what_others_have_read_meanwhile_is_theirs_to_note(archive: Archive) -> None:
    """What they noted, or had forgotten, is newer."""
    await catch_up(archive)
    first = (await kept(archive))[0]

    await archive.catalogue.stand(0, 9, {first.occurrence: Unread(first, "missing")})

    assert (await archive.catalogue.position(), await archive.catalogue.unread()) == (3, [])


async def test_a_file_that_no_seal_opens_is_named_with_its_meeting(tmp_path: Path) -> None:
    """What a seal says of it names a data key alone."""
    master = tmp_path / "master"
    await asyncio.to_thread(master.touch, 0o600)
    await asyncio.to_thread(master.write_text, "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY=")
    async with archive_of(tmp_path, encryption_key_file=str(master)) as archive:
        manifest = (await keep(archive)).key
    sealed = {"encryption_key_file": str(master), "keys_store": f"file:{tmp_path / 'no-keys'}"}
    async with archive_of(tmp_path, **sealed) as archive:
        (damage,) = (await catch_up(archive)).damaged

    assert damage.startswith(f"{manifest}: data key ")


async def test_what_a_catalogue_of_the_first_version_has_forgotten_is_found_again(archive: Archive) -> None:
    """It stands at the end of the ledger, whatever could not be read on the way: all is read once more."""
    cues = await archive.store.get(await cues_of(archive, 0))
    await archive.store.delete(await cues_of(archive, 0))
    await catch_up(archive)
    await archive.store.put(await cues_of(archive, 0), cues)
    await asyncio.to_thread(_made_old, archive.settings.index_file)

    async with archive_of(Path(archive.settings.index_file).parent) as newer:
        assert (await catch_up(newer), await found(newer)) == (CaughtUp(meetings=3, damaged=[]), 3)


def _made_old(index_file: str) -> None:
    """Make a catalogue as the first version of its tables was."""
    with closing(sqlite3.connect(index_file)) as file:
        file.execute("DROP TABLE unread")
        file.execute("PRAGMA user_version = 1")
