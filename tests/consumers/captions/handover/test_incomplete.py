"""What is erased, missing or cut in the archive, and what a package says of it."""

from __future__ import annotations

import pytest

from consumers.captions.archive import Archive
from consumers.captions.errors import Altered, Missing
from consumers.captions.finding.files import beside
from consumers.captions.handover import shapes
from consumers.captions.handover.checking import check
from consumers.captions.handover.gathering import Wanted, gather
from consumers.captions.life.erasure import Request, erase
from schemas.archive.statements import MeetingKept

from .packages import CUES, found, newest, package


async def test_lines_that_were_erased_are_lawfully_not_there(archive: Archive, public_key: str) -> None:
    """The tombstone is in the package; a changed one is seen."""
    await erase(
        archive, Request(occurrence=await newest(archive), who="ann", why="request", reference="c-1", cues=(3,))
    )

    files = await package(archive)
    checked = check(files, public_key)

    (tombstone,) = [name for name in files if name.startswith(shapes.TOMBSTONES)]
    assert (checked.good, checked.version, checked.cues, checked.findings) == (True, 2, 4, [])
    assert "预算".encode() not in b"".join(files.values())
    files[tombstone] += b" "
    assert ("tombstone_differs", tombstone, None) in found(check(files, public_key))


async def test_what_is_not_there_is_said(archive: Archive) -> None:
    """No such meeting, no such cue, and nothing of one that was erased as a whole."""
    with pytest.raises(Missing, match="occurrence f"):
        await gather(archive, Wanted(occurrence="f" * 32))
    with pytest.raises(Missing, match="cue 9 to 9"):
        await package(archive, cues=(9, 9))


async def test_what_the_archive_lacks_the_package_lacks(archive: Archive, public_key: str) -> None:
    """A page that is gone is told; without captions.jsonl there is nothing to redact, and no word of it is there."""
    manifest = (await archive.ledger.statements())[1]
    assert isinstance(manifest, MeetingKept)
    await archive.store.delete(beside(manifest.manifest, "captions.html"))
    assert found(check(await package(archive), public_key)) == [("file_missing", "transcript/captions.html", None)]

    await archive.store.delete(beside(manifest.manifest, "captions.jsonl"))
    files = await package(archive, redact=True)
    assert (CUES in files, check(files, public_key).good, "预算".encode() in b"".join(files.values())) == (
        False,
        True,
        False,
    )


async def test_a_redacted_package_after_an_erasure(archive: Archive, public_key: str) -> None:
    """What was erased has no name to redact, and is lawfully not there."""
    request = Request(occurrence=await newest(archive), who="ann", why="request", reference="c", cues=(3,))
    await erase(archive, request)

    checked = check(await package(archive, redact=True), public_key)

    assert (checked.good, checked.cues, checked.findings) == (True, 4, [])


async def test_evidence_that_is_cut_is_not_handed_over(archive: Archive) -> None:
    """Nothing is proved by what is not there."""
    (segment, *_) = [key async for key in archive.store.keys("evidence/") if key.endswith("0.jsonl")][-1:]
    lines = (await archive.store.get(segment)).splitlines(keepends=True)
    await archive.store.replace(segment, lines[0])

    with pytest.raises(Altered, match="there are lines missing at its end"):
        await package(archive)


async def test_a_ledger_that_is_cut_proves_nothing(archive: Archive) -> None:
    """The checkpoint is over more than lies there."""
    await archive.store.delete("ledger/entries/000000000001")

    with pytest.raises(Altered, match="000000000001 is missing: 2 entries were signed"):
        await gather(archive, Wanted(occurrence=(await archive.ledger.statements())[0].occurrence))  # type: ignore[union-attr]  # it is a MeetingKept
