"""The archive's desk while several are at it, and what it says of meetings that cannot be read."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from consumers.captions.archive import opened
from consumers.captions.errors import Altered
from consumers.captions.finding import asked as catalogue
from deploy.desks.archive import OpenArchive, archive_desk
from schemas.desk_archive import ArchiveUnavailable, Asked, NotKept
from tests.consumers.captions.meetings import keep
from tests.consumers.captions.meetings import settings as archive_settings


@pytest_asyncio.fixture
async def kept(tmp_path: Path) -> AsyncIterator[tuple[OpenArchive, str]]:
    """A desk, and the occurrence that is in its archive."""
    settings = archive_settings(tmp_path)
    async with opened(settings) as archive:
        occurrence = (await keep(archive)).manifest.occurrence
    async with archive_desk(settings) as desk:
        yield desk, occurrence


async def test_few_exports_are_under_way_at_once(kept: tuple[OpenArchive, str]) -> None:
    """And fewer of one user; whose is over makes room, also where it failed."""
    desk, occurrence = kept
    async with contextlib.AsyncExitStack() as all_of_them:
        async with contextlib.AsyncExitStack() as of_ann:
            for _ in range(2):
                await of_ann.enter_async_context(desk.export(occurrence, None, "ann"))
            with pytest.raises(ArchiveUnavailable, match="too many exports"):
                await of_ann.enter_async_context(desk.export(occurrence, None, "ann"))
            for who in ("bo", "cy"):
                await all_of_them.enter_async_context(desk.export(occurrence, None, who))
            with pytest.raises(ArchiveUnavailable, match="too many exports"):
                await all_of_them.enter_async_context(desk.export(occurrence, None, "di"))
        for _ in range(3):
            with pytest.raises(NotKept):
                await all_of_them.enter_async_context(desk.export("nowhere", None, "di"))
        package = await all_of_them.enter_async_context(desk.export(occurrence, None, "di"))
        content = b"".join([chunk async for chunk in package.chunks])

    assert (package.name, len(content), content[:2]) == (f"{occurrence}.zip", package.size, b"PK")


async def test_no_archive_is_begun(tmp_path: Path) -> None:
    """Until the consumer has begun it there is nothing in it; a key of this account's could keep the consumer out."""
    async with archive_desk(archive_settings(tmp_path)) as desk:
        found, listed = await desk.search(Asked(words="x"), "ann"), await desk.meetings(Asked(), "ann")
        with pytest.raises(NotKept):
            await desk.transcript("0" * 32, 1, 9, None, "ann")
        with pytest.raises(NotKept):
            async with desk.export("0" * 32, None, "ann"):
                pass
        left = await asyncio.to_thread(os.listdir, tmp_path)
        async with opened(archive_settings(tmp_path)) as archive:
            occurrence = (await keep(archive)).manifest.occurrence
        after = await desk.meetings(Asked(), "ann")

    assert (found.hits, found.more, listed.meetings, listed.more, left) == ([], False, [], False, [])
    assert [one.occurrence for one in after.meetings] == [occurrence]


async def test_who_fails_takes_nothing_from_the_others(kept: tuple[OpenArchive, str]) -> None:
    """The archive is opened anew for who comes next, and closed when the last who was at it is done."""
    desk, occurrence = kept
    async with desk._at_hand() as first:
        with pytest.raises(ArchiveUnavailable, match="Altered"):
            async with desk._at_hand() as same:
                raise Altered("one file of it")
        async with desk._at_hand() as fresh:
            found = await first.catalogue.meetings(catalogue.Asked(occurrence=occurrence, limit=1))
        await desk.close()
        again = await first.catalogue.meetings(catalogue.Asked(occurrence=occurrence, limit=1))
    after = await desk.meetings(Asked(), "ann")

    assert (first is same, first is fresh) == (True, False)
    assert [[one.occurrence for one in some] for some in (found, again, after.meetings)] == [[occurrence]] * 3


async def test_what_cannot_be_read_is_counted_in_each_answer_and_named_once_in_the_log(
    kept: tuple[OpenArchive, str], tmp_path: Path
) -> None:
    """Whoever may not see its enterprise is not told; when it is put back, it is found."""
    desk, occurrence = kept
    (cues,) = (tmp_path / "archive").rglob("captions.jsonl")
    aside = cues.rename(tmp_path / "aside")
    asked = [Asked(words="budget", enterprises=of) for of in (None, ("acme",), ("other",))]
    asked.append(Asked(words="budget", occurrence="0" * 32))

    with capture_logs() as lines:
        away = [await desk.search(one, "ann") for one in asked]
        listed = await desk.meetings(Asked(), "ann")
        aside.rename(cues)
        back = await desk.search(asked[0], "ann")
        again = await desk.meetings(Asked(), "ann")

    assert [(len(one.hits), one.unread) for one in away] == [(0, 1), (0, 1), (0, 0), (0, 0)]
    assert (listed.meetings, listed.unread) == ([], 1)
    assert (len(back.hits), back.unread, len(again.meetings), again.unread) == (1, 0, 1, 0)
    assert lines == [
        {
            "event": "archive.damaged",
            "log_level": "error",
            "meetings": 1,
            "what": [f"meetings/acme/2026-05-01/{occurrence}/001/captions.jsonl: missing"],
            "hint": "searches leave these meetings out; `meetwire archive verify` says more",
        }
    ]


async def test_a_meeting_that_cannot_be_read_is_not_said_to_be_erased(
    kept: tuple[OpenArchive, str], tmp_path: Path
) -> None:
    """To those who may see it; the others learn nothing of it."""
    desk, occurrence = kept
    (cues,) = (tmp_path / "archive").rglob("captions.jsonl")
    cues.unlink()

    with pytest.raises(ArchiveUnavailable, match="damaged or missing"):
        await desk.transcript(occurrence, 1, 2, None, "ann")
    with pytest.raises(NotKept):
        await desk.transcript(occurrence, 1, 2, ("other",), "ann")
