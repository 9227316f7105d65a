"""A version is written whole, once, whatever was interrupted before, and never over another one."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import msgspec
import pytest

from consumers.captions.archive import Archive
from consumers.captions.errors import Altered, Missing
from consumers.captions.finding.files import content_of
from consumers.captions.formats import Rendered
from consumers.captions.life.versions import Version, keep_of, newest, put_version, read_version
from consumers.captions.stores import Keep, Store
from schemas.archive.manifest import Manifest
from schemas.archive.statements import MeetingKept

from ..meetings import settings
from .building import MORNING, build, meeting
from .looking import verified
from .watching import WatchedStore, watched

FILES = [
    Rendered(name="captions.jsonl", media_type="application/jsonl", content=b"one"),
    Rendered(name="captions.vtt", media_type="text/vtt", content=b"two"),
]
OTHERS = [Rendered(name="captions.jsonl", media_type="application/jsonl", content=b"of another process")]


@pytest.fixture
async def first(archive: Archive) -> Version:
    """Return the first version of an occurrence."""
    (version,) = await build(archive, meeting("m-1", [("p-1", "words")]))
    return version


def following(first: Version, **more: object) -> Manifest:
    """Return the manifest of the next version, its files not yet listed."""
    return msgspec.structs.replace(first.manifest, version=2, because="late", files=[], **more)


async def contents(archive: Archive, version: Version) -> dict[str, bytes | None]:
    """Return what the files of a version say."""
    return {
        file.name: await content_of(archive.store, archive.seals, version.key, version.manifest, file)
        for file in version.manifest.files
    }


async def kept(archive: Archive) -> list[int]:
    """Return which versions the ledger keeps, in its order."""
    return [one.version for one in await archive.ledger.statements() if isinstance(one, MeetingKept)]


async def test_version_lists_its_files_as_they_lie(archive: Archive, first: Version) -> None:
    """Size and hash are of what lies in the store; what it says is what was rendered; the ledger names the manifest."""
    made = await put_version(archive, first.above, following(first), FILES, MORNING)

    assert await contents(archive, made) == {"captions.jsonl": b"one", "captions.vtt": b"two"}
    for file in made.manifest.files:
        lies = await archive.store.get(f"{first.above}002/{file.name}")
        assert (file.size, file.sha256) == (len(lies), sha256(lies).hexdigest())
        assert file.sealed == (archive.seals is not None)
    assert await newest(archive, first.manifest.occurrence) == made
    said = (await archive.ledger.statements())[-1]
    assert isinstance(said, MeetingKept)
    assert said.sha256 == sha256(await archive.store.get(made.key)).hexdigest()
    assert (await verified(archive)).good


async def test_writing_the_same_again_changes_nothing(archive: Archive, first: Version) -> None:
    """Two replicas, or one twice, write one version."""
    made = [
        await put_version(archive, first.above, following(first), FILES, MORNING + timedelta(hours=hour))
        for hour in range(2)
    ]

    assert made[0] == made[1]
    assert await kept(archive) == [1, 2]


class Overtaken(WatchedStore):
    """A store to which another process writes right before the operation of ours that has a certain number."""

    def __init__(self, store: Store, at: int, does: Callable[[], Awaitable[object]]) -> None:
        super().__init__(store)
        self._at, self._does, self.done = at, does, 0

    async def get(self, key: str, *, start: int = 0, length: int | None = None) -> bytes:
        """Pass on, the other first."""
        await self._step()
        return await super().get(key, start=start, length=length)

    async def put(self, key: str, content: bytes, *, keep: Keep | None = None) -> bool:
        """Pass on, the other first."""
        await self._step()
        return await super().put(key, content, keep=keep)

    async def keys(self, prefix: str, *, after: str = "") -> AsyncIterator[str]:
        """Pass on, the other first."""
        await self._step()
        async for key in super().keys(prefix, after=after):
            yield key

    async def _step(self) -> None:
        self.done += 1
        if self.done == self._at:
            await self._does()


@pytest.mark.parametrize("theirs", [FILES, OTHERS], ids=["the same", "another"])
async def test_who_is_overtaken_by_another_process_leaves_its_version(
    archive: Archive, first: Version, theirs: list[Rendered]
) -> None:
    """Wherever ours is just then: what the first wrote stays whole, and the second's is the same one or the next."""
    both = theirs == FILES
    for at in itertools.count(1):
        ours = msgspec.structs.replace(following(first), version=10 * at)
        by_other: list[Version] = []

        async def overtake(ours: Manifest = ours, by_other: list[Version] = by_other) -> None:
            by_other.append(await put_version(archive, first.above, ours, theirs, MORNING))

        store = Overtaken(archive.store, at, overtake)
        made = await put_version(
            msgspec.structs.replace(archive, store=store), first.above, ours, FILES, MORNING + timedelta(hours=1)
        )
        if not by_other:
            assert at > 6
            break
        both_made = sorted(one.manifest.version for one in (made, *by_other))
        assert both_made == [10 * at, 10 * at + (not both)]
        assert await contents(archive, by_other[0]) == {file.name: file.content for file in theirs}
        assert await contents(archive, made) == {file.name: file.content for file in FILES}
    assert (await verified(archive)).good


async def test_what_never_became_a_version_is_written_over(archive: Archive, first: Version) -> None:
    """Files without a manifest, of an interrupted run that had other evidence, leave nothing behind."""
    for name in ("captions.jsonl", "captions.und.vtt"):
        await archive.store.put(f"{first.above}002/{name}", b"of a run that was interrupted")
    made = await put_version(archive, first.above, following(first), FILES, MORNING)

    assert made.manifest.version == 2
    assert await contents(archive, made) == {"captions.jsonl": b"one", "captions.vtt": b"two"}
    assert (await verified(archive)).good


async def test_what_cannot_be_written_over_is_left_alone(plain: Archive) -> None:
    """In a store that lets nothing go, the version after it is taken."""
    (first,) = await build(plain, meeting("m-1", [("p-1", "words")]))
    await plain.store.put(f"{first.above}002/captions.jsonl", b"of a run that was interrupted")
    archive, store = watched(plain)
    store.locked = f"{first.above}002/"

    made = await put_version(archive, first.above, following(first), FILES, MORNING)

    assert made.manifest.version == 3
    assert await kept(archive) == [1, 3]


async def test_other_version_stays_as_it_is_and_nobody_says_it(archive: Archive, first: Version) -> None:
    """A manifest that the ledger does not know may be anybody's who can write to the store; ours is the next."""
    other = following(first, records=7)
    key = f"{first.above}002/manifest.json"
    await archive.store.put(key, msgspec.json.encode(other))
    made = await put_version(archive, first.above, following(first), FILES, MORNING)

    assert made.manifest.version == 3
    assert await kept(archive) == [1, 3]
    assert await read_version(archive.store, key) == Version(key, other)


async def test_version_whose_key_was_erased_is_passed_over(sealed: Archive) -> None:
    """Nothing is written under a key that an erasure took."""
    (first,) = await build(sealed, meeting("m-1", [("p-1", "words")]))
    assert sealed.seals is not None
    assert await sealed.seals.files(first.manifest.occurrence, 2, make=True) is not None
    await sealed.seals.erase_files(first.manifest.occurrence, 2)
    made = await put_version(sealed, first.above, following(first), FILES, MORNING)

    assert made.manifest.version == 3
    assert await contents(sealed, made) == {"captions.jsonl": b"one", "captions.vtt": b"two"}


@pytest.mark.parametrize("content", [b"{}", b"\xff\xfe", b""])
async def test_manifest_that_is_none_is_altered(plain: Archive, content: bytes) -> None:
    """What lies in place of a manifest and is none is named."""
    await plain.store.put("meetings/a/2026-05-01/o/001/manifest.json", content)
    with pytest.raises(Altered, match=r"meetings/a/2026-05-01/o/001/manifest\.json: no manifest"):
        await read_version(plain.store, "meetings/a/2026-05-01/o/001/manifest.json")


async def test_occurrence_that_is_nowhere_is_missing(plain: Archive) -> None:
    """An ID that the ledger does not know is told."""
    with pytest.raises(Missing, match="occurrence o"):
        await newest(plain, "o")


async def test_store_keeps_files_until_retention_is_over(
    plain: Archive, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """With Object Lock files are locked until the meeting is due; without, not at all."""
    (first,) = await build(plain, meeting("m-1", [("p-1", "words")]))
    given = settings(tmp_path_factory.mktemp("s3"), store="s3://bucket", object_lock="governance", retention_days=10)
    locked = msgspec.structs.replace(plain, settings=given)
    ended = first.manifest.ended_at
    unknown = msgspec.structs.replace(first.manifest, ended_at=None)

    assert ended is not None
    assert await keep_of(locked, first.key, first.manifest) == Keep(until=ended + timedelta(days=10))
    assert await keep_of(locked, first.key, unknown) == Keep(until=datetime(2026, 5, 13, tzinfo=UTC))
    assert await keep_of(plain, first.key, first.manifest) is None
