"""What is erased is gone, the proof of all the rest stands, and what is held stays."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from consumers.captions.archive import Archive, opened
from consumers.captions.errors import Altered, Held, Locked, Misconfigured, Missing, NotYet
from consumers.captions.evidence.line import leaf
from consumers.captions.evidence.reading import lines
from consumers.captions.finding import files
from consumers.captions.finding.keeping import catch_up
from consumers.captions.life import holds
from consumers.captions.life.access import read
from consumers.captions.life.carrying import finish
from consumers.captions.life.erasure import Request, erase, state, state_left
from consumers.captions.life.reading import told_of
from consumers.captions.life.versions import Version, newest
from consumers.captions.proof.entries import entry
from consumers.captions.proof.key import SigningKey
from consumers.captions.stores import Keep, Store
from schemas.archive import EVIDENCE, entry_key, index_key
from schemas.archive.access import Access
from schemas.archive.lines import ErasedLine, OpenLine, SealedLine
from schemas.archive.manifest import Manifest, Stretch
from schemas.archive.statements import Erased, HoldRemoved, MeetingKept
from schemas.archive.tombstones import TOMBSTONES, Tombstone

from .building import MORNING, Happened, alive, build, meeting, segments
from .looking import LATER, kinds, verified, words
from .watching import WatchedStore, watched

BUDGET, OTHER, SECOND = "预算还没有批准", "marker-of-another", "second-sentence-of-p1"


def request(version: Version, **more: object) -> Request:
    """Return what is asked for."""
    return msgspec.convert(
        {"occurrence": version.manifest.occurrence, "who": "ann", "why": "request", "reference": "C-7", **more}, Request
    )


def happened() -> list[Happened]:
    """Return two meetings at the same time, and the first one's ID again within the same hour."""
    return [
        *meeting("m-1", [("p-1", BUDGET), ("p-2", "words-of-p2"), ("p-1", SECOND)]),
        *meeting("m-2", [("p-9", OTHER)], at=MORNING + timedelta(minutes=2)),
        *meeting("m-1", [("p-3", "held-again")], at=MORNING + timedelta(minutes=40)),
        *alive(minutes=50),
    ]


@pytest.fixture
async def versions(archive: Archive) -> list[Version]:
    """Return the three occurrences of an archive, the first to be erased."""
    return await build(archive, happened())


async def manifest_now(archive: Archive, version: Version) -> Manifest:
    """Return the newest manifest of an occurrence."""
    return (await newest(archive, version.manifest.occurrence)).manifest


async def test_erased_occurrence_is_gone_and_the_rest_is_proved(
    archive: Archive, versions: list[Version], tmp_path: Path
) -> None:
    """No word of it is anywhere, not for who has every disk and key; verification finds nothing wrong."""
    await catch_up(archive)
    assert await words(archive, tmp_path, BUDGET, SECOND, OTHER, "held-again") == {BUDGET, SECOND, OTHER, "held-again"}

    count = await erase(archive, request(versions[0]), now=lambda: LATER)

    await catch_up(archive)
    assert await words(archive, tmp_path, BUDGET, SECOND, "words-of-p2", OTHER, "held-again") == {OTHER, "held-again"}
    assert count == 2 + 1 + 2 + 3 + 3
    report = await verified(archive)
    assert [finding for finding in report.findings if finding.level == "wrong"] == []
    assert [finding.what for finding in report.findings if finding.what == "erasure_unfinished"] == []


async def test_erased_occurrence_keeps_what_is_not_personal(archive: Archive, versions: list[Version]) -> None:
    """Its last version has no files, and the same evidence, root and times; the tree's leaves are all there."""
    before = versions[0].manifest
    await erase(archive, request(versions[0]), now=lambda: LATER)

    expected = msgspec.structs.replace(
        before, version=2, because="erased", files=[], cues=0, unfinished=0, languages=[]
    )
    assert await manifest_now(archive, versions[0]) == expected
    assert await archive.store.get(versions[0].key) == msgspec.json.encode(before)
    folder = versions[0].above
    assert [key async for key in archive.store.keys(folder)] == [
        f"{folder}001/manifest.json",
        f"{folder}002/manifest.json",
    ]


async def test_ledger_and_tombstone_say_what_was_erased(archive: Archive, versions: list[Version]) -> None:
    """The ledger names who, why and the list; the list has a leaf for each line, and no sign of life."""
    await erase(archive, request(versions[0]), now=lambda: LATER)

    said = await archive.ledger.statements()
    assert [type(one) for one in said[-2:]] == [Erased, MeetingKept]
    (erased,) = [one for one in said if isinstance(one, Erased)]
    keys = [key async for key in archive.store.keys(TOMBSTONES)]
    assert keys == [erased.tombstone.replace(".json", ".done"), erased.tombstone]
    tombstone = msgspec.json.decode(await archive.store.get(erased.tombstone), type=Tombstone)
    assert (erased.who, erased.why, erased.reference, erased.records) == ("ann", "request", "C-7", 11)
    assert (tombstone.meeting_id, tombstone.version, tombstone.whole) == ("m-1", 1, True)
    assert sum(len(one.lines) for one in tombstone.erased) == 11
    assert not any("state" in one.segment for one in tombstone.erased)


async def test_evidence_shows_a_leaf_where_a_line_was(plain: Archive) -> None:
    """An open line is replaced by its leaf; the segment is written anew, the others' lines as they were."""
    first, *_ = await build(plain, happened())
    before = await kinds(plain)
    await erase(plain, request(first), now=lambda: LATER)

    after = await kinds(plain)
    assert set(before) == {OpenLine}
    assert len(after) == len(before)
    assert after.count(ErasedLine) == 11


async def test_sealed_evidence_stays_as_it_is(sealed: Archive) -> None:
    """Where lines are sealed nothing of the evidence is written: the keys are what goes."""
    first, *_ = await build(sealed, happened())
    before = {key: await sealed.store.get(key) async for key in sealed.store.keys(EVIDENCE)}
    await erase(sealed, request(first), now=lambda: LATER)

    assert {key: await sealed.store.get(key) async for key in sealed.store.keys(EVIDENCE)} == before
    assert set(await kinds(sealed)) == {OpenLine, SealedLine}


async def test_other_holding_of_the_same_hour_stays_readable(archive: Archive, versions: list[Version]) -> None:
    """Under the same data key lies another holding of the same meeting ID; it can be read as before."""
    before = await told_of(archive, versions[2].manifest.evidence)
    await erase(archive, request(versions[0]), now=lambda: LATER)

    assert await told_of(archive, versions[2].manifest.evidence) == before
    assert len(before) > 5


async def test_line_that_no_manifest_has_yet_stays_readable(archive: Archive, tmp_path: Path) -> None:
    """What came of the same meeting and hour, and is in no occurrence that is closed, is not lost."""
    first, *_ = await build(archive, meeting("m-1", [("p-1", BUDGET)]))
    open_still = await segments(
        archive, meeting("m-1", [("p-3", "not-closed")], at=MORNING + timedelta(minutes=40)), first=500
    )
    await erase(archive, request(first), now=lambda: LATER)

    assert await words(archive, tmp_path, BUDGET, "not-closed") == {"not-closed"}
    told = await told_of(
        archive,
        [
            Stretch(segment=key, records=len(lines), root="", lines=[(0, len(lines))])
            for key, lines in open_still.items()
        ],
    )
    assert len(told) == sum(len(lines) for lines in open_still.values())


async def test_single_cues_are_erased(archive: Archive, versions: list[Version], tmp_path: Path) -> None:
    """The cues that were asked for are gone, everywhere; the others are there, in new files."""
    count = await erase(archive, request(versions[0], cues=(1,)), now=lambda: LATER)

    assert count == 1
    assert await words(archive, tmp_path, BUDGET, SECOND, "words-of-p2") == {SECOND, "words-of-p2"}
    version = await newest(archive, versions[0].manifest.occurrence)
    cues = await files.cues(archive.store, archive.seals, version.key, version.manifest)
    assert cues is not None
    assert [(cue.speaker, cue.texts[0].text) for cue in cues] == [
        ("name-of-p-2", "words-of-p2"),
        ("name-of-p-1", SECOND),
    ]
    assert (version.manifest.version, version.manifest.because, version.manifest.cues) == (2, "erased", 2)
    assert [key for key in [key async for key in archive.store.keys(version.above)] if "/001/" in key] == [
        versions[0].key
    ]
    assert (await verified(archive)).good


async def test_what_is_of_one_person_is_erased(archive: Archive, versions: list[Version], tmp_path: Path) -> None:
    """Everything that one person said is gone, and that they came; what names others too stays."""
    count = await erase(archive, request(versions[0], participant="p-1"), now=lambda: LATER)

    assert count == 3
    assert await words(archive, tmp_path, BUDGET, SECOND, "words-of-p2") == {"words-of-p2"}
    assert (await manifest_now(archive, versions[0])).cues == 1
    assert (await verified(archive)).good


async def test_erasing_goes_on_with_what_is_left(archive: Archive, versions: list[Version], tmp_path: Path) -> None:
    """Cue after cue, then a person, then all: each erasure takes its own, and the last one leaves nothing."""
    await erase(archive, request(versions[0], cues=(1,)), now=lambda: LATER)
    await erase(archive, request(versions[0], cues=(2,)), now=lambda: LATER)
    assert await words(archive, tmp_path, BUDGET, SECOND, "words-of-p2") == {"words-of-p2"}

    await erase(archive, request(versions[0]), now=lambda: LATER)
    assert await words(archive, tmp_path, BUDGET, SECOND, "words-of-p2", OTHER) == {OTHER}
    assert (await manifest_now(archive, versions[0])).version == 4
    assert (await verified(archive)).good


async def test_what_is_held_is_not_erased(archive: Archive, versions: list[Version], tmp_path: Path) -> None:
    """A hold refuses it by name, and that it was asked for is in the access log; once removed, it can be erased."""
    await holds.add(archive, "case-7", who="eve", why="x", meeting_id="m-1")
    with pytest.raises(Held, match=f"hold case-7 of .* covers {versions[0].manifest.occurrence}"):
        await erase(archive, request(versions[0]), now=lambda: LATER)

    assert await words(archive, tmp_path, BUDGET) == {BUDGET}
    assert not [one for one in await archive.ledger.statements() if isinstance(one, Erased)]
    last = msgspec.json.decode((await read(archive.store))[-1][1], type=Access)
    assert (last.who, last.what, last.result) == ("ann", "erase", "refused")

    await holds.remove(archive, "case-7", who="eve", why="settled")
    await erase(archive, request(versions[0]), now=lambda: LATER)
    assert await words(archive, tmp_path, BUDGET) == set()


async def test_hold_that_comes_between_wins(archive: Archive, versions: list[Version], tmp_path: Path) -> None:
    """A hold that is in the ledger before the erasure is decided refuses it, though nobody knew of it at first."""
    seen = len(await archive.ledger.statements())
    other = await type(archive.ledger).open(archive.store, archive.key, archive.settings.name)
    await holds.add(msgspec.structs.replace(archive, ledger=other), "h", who="eve", why="x", meeting_id="m-1")
    assert archive.ledger.size == seen
    told = versions[0].manifest

    with pytest.raises(Held, match="hold h of"):
        await state_left(archive, told.occurrence, await told_of(archive, told.evidence), now=lambda: LATER)
    await finish(archive, lambda: LATER)
    assert await words(archive, tmp_path, BUDGET) == {BUDGET}


async def test_what_was_sealed_in_the_last_hour_waits(sealed: Archive, tmp_path: Path) -> None:
    """While somebody may seal under the same key, nothing is taken from it, and who asks is told from when on."""
    first, *_ = await build(sealed, happened())
    soon = MORNING + timedelta(minutes=50)
    with pytest.raises(NotYet, match=re.escape("can be erased from 2026-05-01T10:20:00Z on: try again then")):
        await erase(sealed, request(first), now=lambda: soon)

    assert await words(sealed, tmp_path, BUDGET) == {BUDGET}
    assert not [one for one in await sealed.ledger.statements() if isinstance(one, Erased)]


async def test_left_meeting_is_erased(archive: Archive, tmp_path: Path) -> None:
    """What came of a meeting before the policy left it out goes as soon as it can; the statement says why."""
    written = await segments(archive, [*meeting("m-1", [("p-1", BUDGET)]), *meeting("m-2", [("p-1", OTHER)]), *alive()])
    told = await told_of(
        archive,
        [Stretch(segment=key, records=len(lines), root="", lines=[(0, len(lines))]) for key, lines in written.items()],
    )
    own = [one for one in told if one.key == "m-1"]
    assert await state_left(archive, "o" * 32, own, now=lambda: MORNING) == len(own)
    assert await state_left(archive, "o" * 32, own, now=lambda: MORNING) == len(own)
    waits = await finish(archive, lambda: MORNING)
    assert [type(error) for error in waits.values()] == ([NotYet] if archive.seals else [])

    assert await finish(archive, lambda: LATER) == {}
    assert await words(archive, tmp_path, BUDGET, OTHER) == {OTHER}
    (said,) = [one for one in await archive.ledger.statements() if isinstance(one, Erased)]
    assert (said.who, said.why, said.reference) == ("meetwire", "left", None)
    assert await state_left(archive, "p" * 32, [], now=lambda: LATER) == 0


async def test_what_is_not_there_is_not_erased(archive: Archive, versions: list[Version]) -> None:
    """A slip in an ID, a cue or a participant is told; so is what was erased already."""
    cases: list[tuple[dict[str, object], str]] = [
        ({"occurrence": "nobody"}, "occurrence nobody"),
        ({"cues": (9,)}, "cue 9"),
        ({"participant": "p-0"}, "has nothing of that"),
    ]
    for wrong, says in cases:
        with pytest.raises(Missing, match=says):
            await erase(archive, request(versions[0], **wrong), now=lambda: LATER)
    await erase(archive, request(versions[0]), now=lambda: LATER)
    with pytest.raises(Missing, match="it was erased"):
        await erase(archive, request(versions[0]), now=lambda: LATER)


async def test_evidence_that_was_altered_is_not_erased(archive: Archive, versions: list[Version]) -> None:
    """An index that is not the root's is named before anything is decided; a changed line keeps its tombstone open."""
    segment = versions[0].manifest.evidence[0].segment
    index = await archive.store.get(index_key(segment))
    other = await archive.store.get(index_key(versions[1].manifest.evidence[-1].segment))
    await archive.store.replace(index_key(segment), other)
    with pytest.raises(Altered, match="its index has not the leaves"):
        await erase(archive, request(versions[0]), now=lambda: LATER)
    await archive.store.replace(index_key(segment), index)

    content = await archive.store.get(segment)
    await archive.store.replace(segment, content.replace(b'"offset":0', b'"offset":9', 1))
    key, _ = await state(archive, request(versions[0]), now=lambda: LATER)
    waits = await finish(archive, lambda: LATER)
    assert [type(error) for error in waits.values()] == [Altered]
    assert "has not the leaf" in str(waits[key])


async def test_what_the_store_locks_stays_undone_and_said(plain: Archive, tmp_path: Path) -> None:
    """Where the store lets an open segment not go, who asked is told, and it is done when the store does."""
    first, *_ = await build(plain, happened())
    archive, store = watched(plain)
    store.locked = first.manifest.evidence[0].segment
    with pytest.raises(Locked, match=f"{store.locked}: locked"):
        await erase(archive, request(first), now=lambda: LATER)
    assert (await verified(archive)).good

    store.locked = ""
    assert await finish(archive, lambda: LATER) == {}
    assert await words(archive, tmp_path, BUDGET) == set()


async def test_locked_files_stay_but_nobody_can_read_them(sealed: Archive, tmp_path: Path) -> None:
    """In a store that deletes nothing the keys go, and that is enough; verification agrees."""
    first, *_ = await build(sealed, happened())
    archive, store = watched(sealed)
    store.locked = "meetings/"
    await erase(archive, request(first), now=lambda: LATER)

    assert len([key async for key in archive.store.keys(f"{first.above}001/")]) > 1
    assert await words(archive, tmp_path, BUDGET, OTHER) == {OTHER}
    assert (await verified(archive)).good


async def test_sealed_archive_is_not_erased_without_its_key(sealed: Archive, tmp_path: Path) -> None:
    """Who has not the master key can take nothing away, and is told what is missing."""
    first, *_ = await build(sealed, happened())
    keyless = msgspec.structs.replace(sealed, seals=None)
    with pytest.raises(Misconfigured, match="encryption_key_file is needed"):
        await erase(keyless, request(first, participant="p-1"), now=lambda: LATER)

    await state(keyless, request(first), now=lambda: LATER)
    with pytest.raises(Misconfigured, match="encryption_key_file is needed to erase from it"):
        await finish(keyless, lambda: LATER)
    assert await words(sealed, tmp_path, BUDGET) == {BUDGET}
    assert await finish(sealed, lambda: LATER) == {}
    assert await words(sealed, tmp_path, BUDGET) == set()


async def test_tombstone_that_was_altered_erases_nothing(archive: Archive, versions: list[Version]) -> None:
    """What the ledger names is not what lies there: nothing is taken by its word."""
    key, _ = await state(archive, request(versions[0]), now=lambda: LATER)
    content = await archive.store.get(key)
    await archive.store.replace(key, content.replace(b'"lines":[0', b'"lines":[1', 1))
    before = await kinds(archive)
    waits = await finish(archive, lambda: LATER)
    assert {name: str(error) for name, error in waits.items()} == {
        key: f"{key}: not the tombstone that the ledger names"
    }
    assert await kinds(archive) == before


async def test_short_text_cannot_be_guessed_from_its_leaf(plain: Archive) -> None:
    """With all else known of an erased line, trying every short text finds nothing: the salt went with the line."""
    first, *_ = await build(plain, meeting("m-1", [("p-1", "是"), ("p-2", "不是")]))
    segment = next(one.segment for one in first.manifest.evidence if "captions" in one.segment)
    line = (await lines(plain.store, segment))[0]
    await erase(plain, request(first), now=lambda: LATER)
    known = msgspec.json.decode(line, type=OpenLine)
    gone = msgspec.json.decode((await lines(plain.store, segment))[0], type=ErasedLine)

    guessed = msgspec.structs.replace(known, salt="0" * 32)
    assert leaf(line).hex() == gone.leaf
    assert leaf(msgspec.json.encode(guessed)).hex() != gone.leaf
    assert known.salt.encode() not in b"".join([await plain.store.get(key) async for key in plain.store.keys("")])


async def test_erasures_at_once_take_both(archive: Archive, versions: list[Version], tmp_path: Path) -> None:
    """Two processes erase two meetings with lines in the same segments: neither brings back what the other took."""
    async with opened(msgspec.structs.replace(archive.settings, index_file=str(tmp_path / "other.sqlite"))) as other:
        await asyncio.gather(
            erase(archive, request(versions[0]), now=lambda: LATER),
            erase(other, request(versions[1]), now=lambda: LATER),
        )

    # Each process remembers the other's keys for some minutes: a third one looks.
    async with opened(msgspec.structs.replace(archive.settings, index_file=str(tmp_path / "third.sqlite"))) as third:
        assert await words(third, tmp_path, BUDGET, SECOND, OTHER, "held-again") == {"held-again"}
        assert (await verified(third)).good
    assert await finish(archive, lambda: LATER) == {}


class Meanwhile(WatchedStore):
    """A store to whose archive another process does something right before a key that ends so is put."""

    def __init__(self, store: Store, ending: str, does: Callable[[], Awaitable[object]]) -> None:
        super().__init__(store)
        self._ending, self._does = ending, does

    async def put(self, key: str, content: bytes, *, keep: Keep | None = None) -> bool:
        """Pass on, the other first."""
        if self._ending and key.endswith(self._ending):
            self._ending = ""
            await self._does()
        return await super().put(key, content, keep=keep)


@pytest.mark.parametrize("whole", [False, True], ids=["stated", "done"])
@pytest.mark.parametrize("ending", ["002/captions.jsonl", "002/manifest.json"])
async def test_words_of_one_meeting_that_are_erased_at_once_all_go(
    archive: Archive, versions: list[Version], tmp_path: Path, ending: str, whole: bool
) -> None:
    """What is left was read before another process erased more of the same meeting: it is not what is kept.

    Where that one finishes what we began, the cues have other numbers by then.
    """
    await catch_up(archive)
    first, second = (request(versions[0], cues=(number,)) for number in (1, 2 if whole else 3))
    async with opened(msgspec.structs.replace(archive.settings, index_file=str(tmp_path / "other.sqlite"))) as other:

        async def more() -> None:
            await (erase if whole else state)(other, second, now=lambda: LATER)

        store = Meanwhile(archive.store, ending, more)
        await erase(msgspec.structs.replace(archive, store=store), first, now=lambda: LATER)
        assert await finish(other, lambda: LATER) == {}

    async with opened(msgspec.structs.replace(archive.settings, index_file=str(tmp_path / "third.sqlite"))) as third:
        await catch_up(third)
        assert await words(third, tmp_path, BUDGET, SECOND, "words-of-p2", OTHER) == {"words-of-p2", OTHER}
        assert (await verified(third)).good


@pytest.mark.parametrize("behind", [0, 7, 20])
async def test_two_people_of_one_meeting_who_are_erased_at_once_are_gone(
    archive: Archive, versions: list[Version], tmp_path: Path, behind: int
) -> None:
    """Two processes write the same versions, wherever each is just then; what one gives up, the next run does."""
    async with opened(msgspec.structs.replace(archive.settings, index_file=str(tmp_path / "other.sqlite"))) as other:

        async def second() -> None:
            for _ in range(behind):
                await asyncio.sleep(0)
            await erase(other, request(versions[0], participant="p-2"), now=lambda: LATER)

        first = erase(archive, request(versions[0], participant="p-1"), now=lambda: LATER)
        for ended in await asyncio.gather(first, second(), return_exceptions=True):
            assert ended is None or isinstance(ended, int | Altered | Missing), ended
        assert await finish(other, lambda: LATER) == {}
        await catch_up(archive)
        await catch_up(other)

    async with opened(msgspec.structs.replace(archive.settings, index_file=str(tmp_path / "third.sqlite"))) as third:
        await catch_up(third)
        assert await words(third, tmp_path, BUDGET, SECOND, "words-of-p2", OTHER) == {OTHER}
        assert (await verified(third)).good


async def test_forged_entry_erases_nothing(archive: Archive, versions: list[Version], tmp_path: Path) -> None:
    """Who can write to the store and has not the signing key has nothing erased, and no hold removed, by an entry."""
    await holds.add(archive, "h", who="ann", why="x", meeting_id="m-1")
    key = await asyncio.to_thread(SigningKey.load_or_make, tmp_path / "another.key")
    index, released = archive.ledger.size, HoldRemoved(at=LATER, hold="h", who="eve", why="x")
    forged = entry(released, index, key.verifier(archive.settings.name), key.sign)
    await archive.store.put(entry_key(index), forged)

    with pytest.raises(Altered, match=entry_key(index)):
        await erase(archive, request(versions[0]), now=lambda: LATER)
    assert await words(archive, tmp_path, BUDGET) == {BUDGET}


async def test_the_rest_of_a_meeting_that_began_long_before_stays_readable(archive: Archive, tmp_path: Path) -> None:
    """What was said in the same hour as what goes, though the meeting had been on for weeks by then."""
    begun, *_ = meeting("m-1", [])
    late = meeting("m-1", [("p-1", BUDGET), ("p-2", SECOND)], at=MORNING + timedelta(days=20))
    (version,) = await build(archive, [begun, *late[1:]])
    await erase(archive, request(version, cues=(1,)), now=lambda: MORNING + timedelta(days=60))

    assert await words(archive, tmp_path, BUDGET, SECOND) == {SECOND}
    assert (await verified(archive)).good


async def test_cue_leads_to_no_other_line_by_an_altered_transcript(
    archive: Archive, versions: list[Version], tmp_path: Path
) -> None:
    """What is erased is what the manifest's own file says is behind the cue, or nothing."""
    key = files.beside(versions[0].key, files.CUES)
    right = await archive.store.get(key)
    await archive.store.replace(key, right + b"\n")
    with pytest.raises(Altered, match="it is not the file that the manifest lists"):
        await erase(archive, request(versions[0], cues=(1,)), now=lambda: LATER)

    await archive.store.replace(key, right)
    assert await words(archive, tmp_path, BUDGET) == {BUDGET}
