"""`meetwire consume captions`, as an operator starts, stops and kills it."""

from __future__ import annotations

import asyncio
import re
import signal
from pathlib import Path

import aiohttp
import msgspec
import pytest

from consumers.captions.proof.verify import verify
from consumers.captions.stores.folder import open_folder
from schemas.archive import PUBLIC_KEY

from ...consumers.captions.life.building import alive, meeting
from ...consumers.captions.running import stored
from ...consumers.writing import LogWriter
from .running import meetwire, running

SETTINGS = """
[log]
folder = "log"

[captions]
store = "file:archive"
spool_folder = "spool"
index_file = "index.sqlite"
signing_key_file = "archive.key"
segment_s = 120.0
"""
MEETINGS = [one for number in range(4) for one in meeting(f"m-{number}", [("p1", "你好"), ("p2", f"hello {number}")])]
RECORDS = stored([*MEETINGS, *alive(minutes=50)])


def settled(folder: Path, text: str = SETTINGS) -> Path:
    """Write the settings, and a log that holds four meetings that are over; return the folder."""
    (folder / "meetwire.toml").write_text(text)
    writer = LogWriter(folder / "log")
    for one in RECORDS:
        writer.append(one.record)
    writer.close()
    return folder


async def archived(folder: Path) -> tuple[list[str], list[int]]:
    """Return the meetings whose manifests lie there, and the offsets of the evidence; all of it verifies."""
    async with open_folder(f"file:{folder}/archive") as store:
        report = await verify(store, (await store.get(PUBLIC_KEY)).decode())
        keys = [key async for key in store.keys("")]
        meetings = [key.split("/")[3] for key in keys if key.endswith("/001/manifest.json")]
        lines = [
            line
            for key in keys
            if key.startswith("evidence/") and key.endswith(".jsonl")
            for line in (await store.get(key)).splitlines()
        ]
    assert report.findings == []
    return meetings, sorted(msgspec.json.decode(line)["offset"] for line in lines)


async def all_kept(folder: Path) -> None:
    """Run until all four meetings are kept, and stop."""
    async with running("consume", "captions", "--log", folder=folder) as command:
        for _ in range(4):
            await command.said("meeting.archived")
        ended = await command.stopped()
    assert (ended.status, ended.err, ended.events[-1]) == (0, [], "consumer.stopped")


async def test_meetings_are_archived_until_it_is_stopped(tmp_path: Path) -> None:
    """What is in the log when it starts, too; then it stops within the time that it is given."""
    folder = await asyncio.to_thread(settled, tmp_path)

    await all_kept(folder)

    meetings, offsets = await archived(folder)
    assert (len(set(meetings)), len(offsets)) == (4, len(set(offsets)))


async def test_killed_again_and_again_it_ends_in_the_same(tmp_path: Path) -> None:
    """With SIGKILL, a little later each time: no meeting is lost, no line is there twice, nothing is alarmed on."""
    folder = await asyncio.to_thread(settled, tmp_path)
    for number in range(4):
        async with running("consume", "captions", "--log", folder=folder) as command:
            await command.said("consumer.started")
            await asyncio.sleep(0.04 * number)
            command.process.kill()
            await command.ended()

    async with running("consume", "captions", "--log", folder=folder) as command:
        async with asyncio.timeout(90):
            await _until_all(folder)
        await command.stopped()

    meetings, offsets = await archived(folder)
    assert len(set(meetings)) == 4
    assert len(offsets) == len(set(offsets))
    assert set(range(1, len(RECORDS) - 20)) <= set(offsets)


async def test_sighup_ends_it_as_sigterm_does(tmp_path: Path) -> None:
    """Drained, and with status 0: who has it started again has the secrets as they are now."""
    folder = await asyncio.to_thread(settled, tmp_path)

    async with running("consume", "captions", "--log", folder=folder) as command:
        await command.said("consumer.started")
        ended = await command.stopped(signal.SIGHUP)

    assert (ended.status, ended.err, ended.events[-1]) == (0, [], "consumer.stopped")


async def _until_all(folder: Path) -> None:
    # It says nothing of what those before it did.
    while not await asyncio.to_thread(_has_all, folder):  # noqa: ASYNC110 -- another process
        await asyncio.sleep(0.05)


def _has_all(folder: Path) -> bool:
    checkpoints = folder / "archive/ledger/checkpoints"
    return len(list(folder.glob("archive/meetings/*/*/*/001/manifest.json"))) == 4 and (
        # Over what vouches for the evidence, and four meetings.
        (checkpoints / "000000000005").exists()
    )


async def test_its_figures_are_where_it_is_told(tmp_path: Path) -> None:
    """/healthz, /readyz and /metrics; nothing can be sent in there."""
    folder = await asyncio.to_thread(settled, tmp_path)
    async with (
        running("consume", "captions", "--log", "--admin", "127.0.0.1:0", folder=folder) as command,
        aiohttp.ClientSession() as session,
    ):
        address = (await command.said("listener.opened"))["address"]
        await command.said("meeting.archived")
        answers = {}
        for page in ("healthz", "readyz", "redrive", "metrics"):
            async with session.get(f"http://{address}/{page}") as answer:
                answers[page] = (answer.status, await answer.text())
        await command.stopped()

    assert [status for status, _ in answers.values()] == [200, 200, 404, 200]
    assert re.search(r"^meetwire_captions_segments_total [1-9]", answers["metrics"][1], re.MULTILINE)


@pytest.mark.parametrize(
    ("text", "words", "status", "said"),
    [
        pytest.param("", (), 2, "no table [captions] in the settings: where is the archive?", id="no table"),
        pytest.param(SETTINGS, ("--kafka",), 2, "--kafka needs a table [kafka] in the settings", id="no Kafka"),
        pytest.param(
            SETTINGS.replace('"log"', '"nowhere"'), (), 1, "no log in nowhere: start the receiver first", id="no log"
        ),
        pytest.param(
            SETTINGS.replace('"spool"', '"meetwire.toml/spool"'),
            (),
            2,
            "captions.spool_folder meetwire.toml/spool: Not a directory",
            id="no folder for the spool",
        ),
    ],
)
async def test_what_does_not_fit_is_said(
    tmp_path: Path, text: str, words: tuple[str, ...], status: int, said: str
) -> None:
    """In one line: 2 where the settings are wrong, 1 where its supervisor may try again."""
    folder = await asyncio.to_thread(settled, tmp_path, text)

    ended = await meetwire("consume", "captions", *words, folder=folder)

    assert ended.status == status
    assert said in ended.err[-1]
    assert len(ended.err) == 1
