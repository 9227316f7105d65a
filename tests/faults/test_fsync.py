"""A kill does not test fsync: here the system calls do. Each 200 follows the fdatasync of its record."""

from __future__ import annotations

import asyncio
import shutil
import sys
from pathlib import Path

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


async def _traced(folder: Path, command: tuple[str, ...]) -> tuple[int, int]:
    strace = shutil.which("strace")
    assert strace is not None, "strace is missing: `make parts` installs it"
    trace = folder / "calls"
    traced = (strace, "-D", "-f", "-y", "-s", "32", "-e", f"trace={CALLS}", "-o", str(trace), *command)
    async with ReceiverProcess(folder, command=traced) as receiver:
        await receiver.start("disk")
        await OneAfterAnother(receiver.url).send(PUSHES)
    return unsynced_answers(steps((await _whole(trace)).splitlines()))


async def _whole(trace: Path) -> str:
    """Return the trace once its last line stands there: the tracer ends after the process."""
    async with asyncio.timeout(10):
        while "+++ exited with" not in (text := await asyncio.to_thread(trace.read_text))[-200:]:  # noqa: ASYNC110 -- the tracer has no event
            await asyncio.sleep(0.02)
    return text
