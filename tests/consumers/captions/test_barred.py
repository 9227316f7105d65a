"""Something lies where the ledger's next entry belongs: nothing is signed, evidence is kept, it can be put right."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from consumers.captions.errors import Altered
from consumers.captions.evidence.line import read
from consumers.captions.proof.verify import verify
from schemas.archive import PUBLIC_KEY, checkpoint_key, entry_key

from .life.building import alive, meeting
from .proof.altering import Alter, added, removed
from .running import Running, contents, running, settings, stored

RECORDS = stored([*meeting("m-1", [("p1", "你好"), ("p2", "hello")]), *alive(minutes=40)])
EARLY = RECORDS[: len(RECORDS) // 2]
LATE = RECORDS[len(RECORDS) // 2 :]


async def evidence(archive: Running) -> set[int]:
    """Return the offsets of what is in the store."""
    found = await contents(archive.archive.store)
    return {
        read(line).offset
        for key, content in found.items()
        if key.startswith("evidence/") and key.endswith(".jsonl")
        for line in content.splitlines()
    }


async def is_kept(archive: Running) -> bool:
    """Whether the meeting is kept; the archive has to verify then."""
    found = await contents(archive.archive.store)
    report = await verify(archive.archive.store, found[PUBLIC_KEY].decode())
    assert not report.meetings or report.findings == []
    return report.meetings == 1


def said(lines: Sequence[Any]) -> list[str]:
    """Return what was said of the ledger, and of meetings that are not closed."""
    return [line["event"] for line in lines if line["event"].startswith(("ledger.", "meeting."))]


@pytest.mark.parametrize("again", [False, True], ids=["while it runs", "before it begins again"])
@pytest.mark.parametrize(
    "key",
    [
        pytest.param(entry_key(1), id="an entry"),
        pytest.param(checkpoint_key(2), id="a checkpoint to come"),
        pytest.param(checkpoint_key(10**11), id="a checkpoint far away"),
    ],
)
async def test_evidence_goes_on_being_kept_while_nothing_can_be_signed(memory: Path, key: str, again: bool) -> None:
    """It is said once, with the remedy, and metered; taken away, it goes on where it was."""
    root = memory / "archive"
    with capture_logs() as lines:
        async with running(settings(memory)) as archive:
            await archive.take(EARLY, batch=5)
            added(key, b"garbage")(root)
            if not again:
                await archive.take(LATE, batch=5)
                await barred(archive, root, key)
        if again:
            async with running(settings(memory)) as archive:
                await archive.take([one for one in RECORDS if one.offset >= archive.done], batch=5)
                await barred(archive, root, key)

    found = said(lines)
    assert [one for one in found if one != "meeting.archived"] in (["ledger.barred", "ledger.recovered"], [])
    assert found.count("meeting.archived") == 1
    # What is beyond all that is signed holds up who begins again alone: who runs knows what he signed.
    assert "ledger.barred" in found or (key, again) == (checkpoint_key(10**11), False)
    assert all("has to go from there" in line["hint"] for line in lines if line["event"] == "ledger.barred")


async def metered(archive: Running) -> float | None:
    """Return what the metric says."""
    return await archive.keeping.threads.run(archive.meters.value, "meetwire_captions_ledger_barred")


async def barred(archive: Running, root: Path, key: str) -> None:
    """Look at an archive that cannot sign, and put it right."""
    gauge = await metered(archive)
    assert set(range(1, archive.done)) <= await evidence(archive)
    assert archive.done > len(RECORDS) - 20
    removed(key)(root)
    archive.clock += 30
    await archive.work.step()
    assert await metered(archive) == gauge
    archive.clock += 31
    await archive.work.step()
    assert await metered(archive) == 0
    assert await is_kept(archive)


async def test_what_lies_there_before_an_archive_begins_keeps_evidence_in_the_spool(memory: Path) -> None:
    """Where nobody can say yet from where on segments are vouched for, none is put; and none is lost."""
    added(entry_key(0), b"garbage")(memory / "archive")
    with capture_logs() as lines:
        async with running(settings(memory)) as archive:
            await archive.take(RECORDS, batch=20)
            before = (await evidence(archive), archive.done)
            removed(entry_key(0))(memory / "archive")
            archive.clock += 61
            await archive.work.step()

            assert before == (set(), 1)
            assert set(range(1, archive.done)) <= await evidence(archive)
            assert await is_kept(archive)
    assert said(lines) == ["ledger.barred", "ledger.recovered", "meeting.archived"]


async def test_public_key_that_was_exchanged_stops_no_evidence(memory: Path) -> None:
    """This machine has signed the archive: it is not another's by now."""
    async with running(settings(memory)) as archive:
        await archive.take(EARLY, batch=5)
        right = await archive.archive.store.get(PUBLIC_KEY)
    added(PUBLIC_KEY, b"other+00000000+AAAA\n")(memory / "archive")
    with capture_logs() as lines:
        async with running(settings(memory)) as archive:
            await archive.take([one for one in RECORDS if one.offset >= archive.done], batch=5)
            kept, done = await evidence(archive), archive.done
            added(PUBLIC_KEY, right)(memory / "archive")
            archive.clock += 61
            await archive.work.step()

            assert await is_kept(archive)
    assert set(range(1, done)) <= kept
    assert said(lines) == ["ledger.barred", "ledger.recovered", "meeting.archived"]


async def test_what_is_asked_of_a_ledger_that_was_altered_is_refused_each_time(memory: Path) -> None:
    """Until it is put right; then it is what it was."""
    async with running(settings(memory)) as archive:
        await archive.take(EARLY, batch=5)
        entry = await archive.archive.store.get(entry_key(0))
    added(entry_key(0), entry[:-9] + b"AAAAAAAA\n")(memory / "archive")
    async with running(settings(memory)) as archive:
        for _ in range(2):
            with pytest.raises(Altered, match="first 1 entries are not those"):
                await archive.archive.ledger.look()
        added(entry_key(0), entry)(memory / "archive")
        await archive.archive.ledger.look()

        assert archive.archive.ledger.size == 1


async def test_a_manifest_that_nobody_said_is_not_signed_for(memory: Path) -> None:
    """Who knows how a meeting's folder will be called puts a transcript of his own there: ours is the next version."""
    (memory / "right").mkdir()
    async with running(settings(memory / "right")) as archive:
        await archive.take(RECORDS)
        right = await contents(archive.archive.store)
    (memory / "forged").mkdir()
    forge: list[Alter] = [
        added(key, content.replace("你好".encode(), "不好".encode()).replace(b'"cues":2', b'"cues":1'))
        for key, content in right.items()
        if key.startswith("meetings/")
    ]
    for alter in forge:
        alter(memory / "forged" / "archive")
    async with running(settings(memory / "forged")) as archive:
        await archive.take(RECORDS)
        store = archive.archive.store
        report = await verify(store, (await store.get(PUBLIC_KEY)).decode())
        found = await contents(store)

    kept = [key for key in found if key.endswith("/002/captions.jsonl")]
    assert len(kept) == 1
    assert "你好".encode() in found[kept[0]]
    assert [(one.what, one.file.endswith("/001/")) for one in report.findings] == [("unbound", True)]
