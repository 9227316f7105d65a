"""An erasure that stops after any of its writes makes no false alarm, loses nothing, and is finished by the next."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from consumers.captions.archive import Archive
from consumers.captions.errors import Missing, StoreUnavailable
from consumers.captions.finding.asked import Asked
from consumers.captions.finding.keeping import catch_up
from consumers.captions.life.carrying import finish
from consumers.captions.life.erasure import Request, erase
from consumers.captions.life.reading import told_of
from consumers.captions.life.versions import newest
from schemas.archive.statements import Erased

from ..meetings import archive_of
from .building import MORNING, alive, build, meeting
from .conftest import write_master
from .looking import LATER, verified, words
from .watching import watched

GONE, STAYS, OTHER = "first-sentence", "second-sentence", "of-another-meeting"
# What the next checkpoint covers.
BEYOND = {"entries_unsigned", "access_unsealed"}
HAPPENED = [
    *meeting("m-1", [("p-1", GONE), ("p-2", STAYS)]),
    *meeting("m-2", [("p-9", OTHER)], at=MORNING + timedelta(minutes=2)),
    *alive(minutes=3),
]


def settings(folder: Path, sealed: bool) -> dict[str, object]:
    """Return what an archive's settings say besides where it lies."""
    return {"encryption_key_file": str(write_master(folder / "master", b"m" * 32))} if sealed else {}


@pytest.fixture(params=["plain", "sealed"])
async def built(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, bool, str]:
    """Return a folder with an archive, whether it is sealed, and the occurrence that is to be erased."""
    folder, sealed = tmp_path / "built", request.param == "sealed"
    folder.mkdir()
    async with archive_of(folder, **settings(folder, sealed)) as archive:
        first, _ = await build(archive, HAPPENED, a_segment=20)
        await catch_up(archive)
    return folder, sealed, first.manifest.occurrence


async def interrupted(archive: Archive, request: Request, writes: int) -> bool:
    """Erase, stopped after so many writes; return whether it came to its end before."""
    through, store = watched(archive)
    store.stop_after(writes)
    try:
        await erase(through, request, now=lambda: LATER)
    except StoreUnavailable:
        return False
    return True


@pytest.mark.parametrize(
    ("asked", "left"),
    [pytest.param({}, {OTHER}, id="all of it"), pytest.param({"cues": (1,)}, {OTHER, STAYS}, id="a cue")],
)
async def test_erasure_is_finished_after_whatever_write_it_stopped(
    built: tuple[Path, bool, str], tmp_path: Path, asked: dict[str, Any], left: set[str]
) -> None:
    """For every n: stopped after n writes, verification finds nothing wrong; the next run finishes what was decided."""
    folder, sealed, occurrence = built
    request = Request(occurrence=occurrence, who="ann", why="request", **asked)
    writes, ended = 0, False
    while not ended:
        copy = tmp_path / f"after-{writes}"
        shutil.copytree(folder, copy)
        async with archive_of(copy, **settings(copy, sealed)) as archive:
            ended = await interrupted(archive, request, writes)
        async with archive_of(copy, **settings(copy, sealed)) as archive:
            await _stands(archive, copy, left)
            assert (await catch_up(archive)).damaged == []
            await _finished(archive, request)
            await catch_up(archive)
            assert await words(archive, copy, GONE, STAYS, OTHER) == left
            # Also where the next version was found before what was left undone was done again.
            assert {one for one in (GONE, STAYS, OTHER) if await archive.catalogue.search(Asked(words=one))} == left
            assert [one for one in (await verified(archive)).findings if one.what not in BEYOND] == []
            assert (await newest(archive, occurrence)).manifest.because == "erased"
        shutil.rmtree(copy)
        writes += 1

    assert writes > 12


async def _stands(archive: Archive, folder: Path, left: set[str]) -> None:
    """Look at it as it was left: nothing wrong, nothing lost that has to stay."""
    assert [finding for finding in (await verified(archive)).findings if finding.level == "wrong"] == []
    assert left <= await words(archive, folder, GONE, STAYS, OTHER)


async def _finished(archive: Archive, request: Request) -> None:
    """Go on as the service would, and as who asked would: by the same command, where nothing was decided."""
    assert await finish(archive, lambda: LATER) == {}
    if not [one for one in await archive.ledger.statements() if isinstance(one, Erased)]:
        await erase(archive, request, now=lambda: LATER)
    elif request.cues is None:
        with pytest.raises(Missing, match="it was erased"):
            await erase(archive, request, now=lambda: LATER)


async def test_others_are_read_as_before(built: tuple[Path, bool, str]) -> None:
    """What is told of the other meeting in the same segments is the same after as before."""
    folder, sealed, occurrence = built
    async with archive_of(folder, **settings(folder, sealed)) as archive:
        said = [
            one for one in await archive.ledger.statements() if getattr(one, "occurrence", occurrence) != occurrence
        ]
        (other,) = [await newest(archive, one.occurrence) for one in said if hasattr(one, "occurrence")]
        before = await told_of(archive, other.manifest.evidence)
        await erase(archive, Request(occurrence=occurrence, who="ann", why="due"), now=lambda: LATER)

        assert await told_of(archive, other.manifest.evidence) == before
