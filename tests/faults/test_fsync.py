"""A kill does not test fsync: here the system calls do. Each 200 follows the fdatasync of its record."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from schemas.locallog import FILE_NAME, decode_records

from .process import MEETWIRE, ReceiverProcess
from .sender import OneAfterAnother
from .trace import CALLS, steps, unsynced_answers

PUSHES = 50

# The product with the one pragma changed that this is about.
WITHOUT_SYNC = """
import schemas.locallog as form
form.WRITER_PRAGMAS = tuple(pragma.replace("=FULL", "=OFF") for pragma in form.WRITER_PRAGMAS)
from deploy.cli import main
raise SystemExit(main())
"""


async def test_each_answer_follows_the_fdatasync_of_its_record(tmp_path: Path) -> None:
    """No 200 leaves before the WAL that holds its record is on the disk."""
    assert await _traced(tmp_path, (MEETWIRE,)) == (PUSHES, 0)


async def test_the_trace_tells_a_log_that_does_not_sync(tmp_path: Path) -> None:
    """The same look finds every answer unsynced where SQLite is told not to sync: the test above can fail."""
    assert await _traced(tmp_path, (sys.executable, "-c", WITHOUT_SYNC)) == (PUSHES, PUSHES)


async def test_a_sync_that_fails_is_answered_503_and_costs_nothing(tmp_path: Path) -> None:
    """Where the disk says that it could not, so do we; sent again, each push stands in the log once."""
    failing = ("-e", "trace=fdatasync", "-e", "inject=fdatasync:error=EIO:when=20+4", "-o", "/dev/null")
    command = (_strace(), "-D", "-f", *failing, MEETWIRE)
    async with ReceiverProcess(tmp_path, command=command, deadline_s=25.0) as receiver:
        await receiver.start("disk")
        answers = await OneAfterAnother(receiver.url).send_until_taken(PUSHES)

    assert set(answers) == {200, 503}
    assert answers[200] == PUSHES
    assert await asyncio.to_thread(_in_log, tmp_path / "log") == ("ok", list(map(str, range(PUSHES))))


def _in_log(folder: Path) -> tuple[str, list[str]]:
    """Return what SQLite finds wrong with the log, and the numbers of the pushes in it."""
    with closing(sqlite3.connect(folder / FILE_NAME)) as database:
        good = str(database.execute("PRAGMA integrity_check").fetchone()[0])
        rows = database.execute("SELECT records FROM commits ORDER BY position").fetchall()
    records = [record for (blob,) in rows for record in decode_records(blob)]
    return good, [json.loads(record.value)["participant"]["participant_id"] for record in records]


async def _traced(folder: Path, command: tuple[str, ...]) -> tuple[int, int]:
    trace = folder / "calls"
    traced = (_strace(), "-D", "-f", "-y", "-s", "32", "-e", f"trace={CALLS}", "-o", str(trace), *command)
    async with ReceiverProcess(folder, command=traced, deadline_s=25.0) as receiver:
        await receiver.start("disk")
        await OneAfterAnother(receiver.url).send(PUSHES)
    return unsynced_answers(steps((await _whole(trace)).splitlines()))


def _strace() -> str:
    strace = shutil.which("strace")
    if strace is None:
        pytest.fail("strace is missing: install it (Debian: strace) or run `make parts`", False)
    return strace


async def _whole(trace: Path) -> str:
    """Return the trace once its last line stands there: the tracer ends after the process."""
    async with asyncio.timeout(60):
        while "+++ exited with" not in (text := await asyncio.to_thread(trace.read_text))[-200:]:  # noqa: ASYNC110 -- the tracer has no event
            await asyncio.sleep(0.02)
    return text
