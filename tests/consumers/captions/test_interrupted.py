"""Interrupted after any write, and begun again: the archive is what it would have been, and verifies."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

import pytest

from consumers.captions.errors import StoreUnavailable
from consumers.captions.proof.verify import verify
from schemas.archive import PUBLIC_KEY
from schemas.record import Stored
from schemas.settings import Captions

from .failing import Failing, Interrupted, Plan
from .life.building import alive, meeting
from .running import MASTER, contents, running, settings, stored

RECORDS = stored([*meeting("m-1", [("p1", "你好"), ("p2", "hello")]), *alive(minutes=40)])


async def run(options: Captions, records: list[Stored], plan: Plan, done: int) -> int:
    """Run from the committed offset `done` on, till the end or the plan's; return what is committed then."""
    async with running(options, wrapped=lambda store: Failing(store, plan)) as archive:
        archive.done = done
        try:
            await archive.take([one for one in records if one.offset >= done], batch=15)
        finally:
            done = archive.done
    return done


async def run_on(options: Captions, records: list[Stored], plan: Plan) -> int:
    """Run until the plan's failure, and begin again after it; return how many writes there were."""
    done = 1
    while done <= records[-1].offset:
        with contextlib.suppress(Interrupted, StoreUnavailable):
            done = await run(options, records, plan, done)
            break
    return plan.writes


async def outcome(options: Captions) -> dict[str, bytes]:
    """Return what lies in the store; it has to verify, with nothing to be said."""
    async with running(options) as archive:
        store = archive.archive.store
        report = await verify(store, (await store.get(PUBLIC_KEY)).decode())
        found = await contents(store)

    assert report.findings == []
    return found


@pytest.mark.parametrize("done", [False, True], ids=["before the write", "after the write"])
@pytest.mark.parametrize("away", [False, True], ids=["killed", "the store was away"])
async def test_whatever_write_it_is_interrupted_at(memory: Path, done: bool, away: bool) -> None:
    """For every write there is: the second run ends in the same objects, and no alarm is raised over them."""
    await every_write(memory, done=done, away=away)


async def test_whatever_write_of_a_sealed_archive_it_is_interrupted_at(memory: Path) -> None:
    """The data keys are drawn, and yet the archive verifies, and is opened."""
    master = memory / "master"
    master.touch(mode=0o600)
    master.write_text(MASTER)

    await every_write(memory, done=True, away=False, encryption_key_file=str(master))


async def every_write(memory: Path, *, done: bool, away: bool, **more: str) -> None:
    """Interrupt at each write in turn."""
    (memory / "whole").mkdir()
    whole = settings(memory / "whole", segment_s=600.0, **more)
    writes = await run_on(whole, RECORDS, Plan(0))
    expected = await outcome(whole)

    differing = []
    for at in range(1, writes + 1):
        folder = memory / "again"
        folder.mkdir()
        shutil.copy(memory / "whole" / "archive.key", folder)
        options = settings(folder, segment_s=600.0, **more)
        await run_on(options, RECORDS, Plan(at, done=done, away=away))
        found = await outcome(options)
        # Sealed, the bytes are others with other keys.
        if found.keys() != expected.keys() or (not more and found != expected):
            differing.append(at)
        shutil.rmtree(folder)

    assert writes >= 30
    assert differing == []
