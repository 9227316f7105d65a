"""What can be read is derived from the evidence again, the same bytes by the same rules."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from consumers.captions.archive import Archive
from consumers.captions.finding import files, rebuilding
from consumers.captions.finding.rebuilding import Rebuilt, rebuild
from consumers.captions.formats import rendered
from consumers.captions.life.erasure import Request, erase
from consumers.captions.life.versions import newest, put_version
from consumers.captions.manifesting import RULES
from consumers.captions.proof.verify import verify

from ..meetings import MORNING, NAME, archive_of, keep


@pytest.fixture(params=["open", "sealed"])
async def archive(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Archive]:
    """Give an empty archive, in the clear or sealed."""
    master = tmp_path / "master"
    await asyncio.to_thread(master.touch, 0o600)
    await asyncio.to_thread(master.write_text, "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY=")
    other = {"encryption_key_file": str(master)} if request.param == "sealed" else {}
    async with archive_of(tmp_path, **other) as archive:
        yield archive


async def test_the_same_rules_change_nothing(archive: Archive) -> None:
    """Every file comes out as it lies there."""
    await keep(archive)

    assert await rebuild(archive) == Rebuilt(meetings=1)


async def test_what_is_lost_or_damaged_is_put_back(archive: Archive) -> None:
    """Byte for byte; the archive is good again."""
    version = await keep(archive)
    lost, damaged = (files.beside(version.key, name) for name in ("captions.html", files.CUES))
    before = [await archive.store.get(key) for key in (lost, damaged)]
    await archive.store.delete(lost)
    await archive.store.replace(damaged, b"x")

    assert await rebuild(archive) == Rebuilt(meetings=1, restored=[lost, damaged])
    assert [await archive.store.get(key) for key in (lost, damaged)] == before
    assert (await verify(archive.store, str(archive.key.verifier(NAME)))).good


async def test_other_rules_make_another_version(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside the first, which stays; once, and not again."""
    first = await keep(archive)
    monkeypatch.setattr(rebuilding, "RULES", {**RULES, "fold": 99})

    done = await rebuild(archive)

    after = await newest(archive, first.manifest.occurrence)
    assert done == Rebuilt(meetings=1, versions=[after.key])
    assert (after.manifest.version, after.manifest.because, after.manifest.rules["fold"]) == (2, "rebuilt", 99)
    assert await rebuild(archive) == Rebuilt(meetings=1)
    assert (await verify(archive.store, str(archive.key.verifier(NAME)))).good


async def test_a_file_that_comes_out_otherwise_is_told_and_not_put(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hash of what was lost is in the manifest: nothing else may lie in its place."""
    version = await keep(archive)
    lost = files.beside(version.key, "captions.html")
    await archive.store.delete(lost)
    monkeypatch.setattr(
        rebuilding,
        "rendered",
        lambda *told: [msgspec.structs.replace(one, content=b"another") for one in rendered(*told)],
    )

    assert await rebuild(archive) == Rebuilt(meetings=1, damaged=[f"{lost}: what is derived today is not what it was"])


async def test_a_meeting_without_its_evidence_is_told(archive: Archive) -> None:
    """With its manifest, and what is missing; nothing is put back."""
    version = await keep(archive)
    await archive.store.delete(version.manifest.evidence[0].segment)

    (damage,) = (await rebuild(archive)).damaged

    assert damage == f"{version.key}: {version.manifest.evidence[0].segment}"


async def test_nothing_is_derived_by_a_manifest_that_somebody_altered(archive: Archive) -> None:
    """It is not the ledger's: what evidence it names is nobody's word."""
    version = await keep(archive)
    other = msgspec.structs.replace(version.manifest, evidence=[])
    await archive.store.replace(version.key, msgspec.json.encode(other))

    (damage,) = (await rebuild(archive)).damaged

    assert damage == f"{version.key}: it is not the manifest that the ledger names"


async def test_evidence_that_tells_of_another_meeting_is_told(archive: Archive) -> None:
    """As where other rules know no such holding."""
    version = await keep(archive)
    other = msgspec.structs.replace(version.manifest, version=2, because="late", evidence=[])
    made = await put_version(archive, version.above, other, [], MORNING)

    (damage,) = (await rebuild(archive)).damaged

    assert damage == f"{made.key}: its evidence tells of no such occurrence"


async def test_what_is_erased_stays_erased(tmp_path: Path) -> None:
    """Nothing is derived of a meeting that is gone."""
    async with archive_of(tmp_path) as archive:
        version = await keep(archive)
        request = Request(occurrence=version.manifest.occurrence, who="ann", why="request", reference="c-1")
        await erase(archive, request)

        assert await rebuild(archive) == Rebuilt(meetings=1)
