"""Run the `meetwire` command as an operator does: a process of its own, and what it says read as it comes."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import pytest

# Warnings are errors there too. -P: the packages come from the environment, not from the launcher's folder. -u: what
# watches the event loop has hands in Python's files, and brings Python down at its end where output is buffered.
MEETWIRE = (sys.executable, "-u", "-W", "error", "-P", str(Path(__file__).parent / "launch.py"))
# As the console script does, with nothing of the tests in it, and with its output buffered.
PLAIN = (sys.executable, "-W", "error", "-P", "-c", "import sys; from deploy.cli import main; sys.exit(main())")

Line = dict[str, Any]


class Ended(NamedTuple):
    """How a command ended. `err` is what it said to a person, `lines` what it logged."""

    status: int
    out: str
    err: list[str]
    lines: list[Line]

    @property
    def events(self) -> list[str]:
        """The names of the log lines."""
        return [line["event"] for line in self.lines]


@dataclass
class Running:
    """A command that runs."""

    process: asyncio.subprocess.Process
    told: list[str] = field(default_factory=list)
    """Standard error so far, line by line."""

    async def said(self, event: str) -> Line:
        """Return the next log line of this name."""
        assert self.process.stderr is not None
        while raw := await self.process.stderr.readline():
            self.told.append(raw.decode().rstrip("\n"))
            for line in _logged(self.told[-1:]):
                if line["event"] == event:
                    return line
        return pytest.fail(f"ended without {event}:\n" + "\n".join(self.told), False)

    async def shown(self) -> str:
        """Return the next line of standard output."""
        assert self.process.stdout is not None
        return (await self.process.stdout.readline()).decode().rstrip("\n")

    def tell(self, number: signal.Signals) -> None:
        """Send a signal."""
        self.process.send_signal(number)

    async def ended(self) -> Ended:
        """Wait for the end."""
        out, err = await self.process.communicate()
        told = self.told + err.decode().splitlines()
        status = self.process.returncode
        assert status is not None
        return Ended(status, out.decode(), [line for line in told if not _is_logged(line)], list(_logged(told)))

    async def stopped(self, number: signal.Signals = signal.SIGTERM) -> Ended:
        """Ask it to stop, and wait for the end."""
        self.tell(number)
        return await self.ended()


@dataclass
class Service(Running):
    """A receiver that takes pushes."""

    webhook: str = ""
    """Where to post to, without a path."""
    admin: str = ""


@asynccontextmanager
async def running(
    *words: str | Path, folder: Path, environ: Mapping[str, str] | None = None, command: Iterable[str] = MEETWIRE
) -> AsyncIterator[Running]:
    """Start a command in `folder`; it is killed at the end of the block, where it still runs."""
    process = await asyncio.create_subprocess_exec(
        *command,
        *map(str, words),
        cwd=folder,
        env=environment(environ or {}),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=4_194_304,
    )
    try:
        yield Running(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


@asynccontextmanager
async def serving(
    *words: str | Path, folder: Path, environ: Mapping[str, str] | None = None, tls: bool = False
) -> AsyncIterator[Service]:
    """Start `standalone`, or what `words` say, and yield it once it takes pushes."""
    async with running(*(words or ("standalone",)), folder=folder, environ=environ) as started:
        line = await started.said("receiver.started")
        scheme = "https" if tls else "http"
        yield Service(
            started.process, started.told, webhook=f"{scheme}://{line['webhook']}", admin=f"http://{line['admin']}"
        )


async def meetwire(*words: str | Path, folder: Path, environ: Mapping[str, str] | None = None) -> Ended:
    """Run a command to its end."""
    async with running(*words, folder=folder, environ=environ) as started:
        return await started.ended()


def written_to(out: int, *words: str, folder: Path, buffered: bool = True) -> subprocess.CompletedProcess[bytes]:
    """Run a command to its end with this as its standard output."""
    return subprocess.run(
        [*PLAIN, *words],
        cwd=folder,
        env=environment({"PYTHONUNBUFFERED": "" if buffered else "1"}),
        stdout=out,
        stderr=subprocess.PIPE,
        timeout=200,
        check=False,
    )


def read_by_nobody(*words: str, folder: Path, buffered: bool = True) -> subprocess.CompletedProcess[bytes]:
    """Run a command to its end with a reader that has gone already: what is written has nowhere to go."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        return written_to(writing, *words, folder=folder, buffered=buffered)
    finally:
        os.close(writing)


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """Return an operator's environment: without the settings, and the debugging, of who runs the tests."""
    ours = ("MEETWIRE_", "PYTHONASYNCIODEBUG")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)} | {"TZ": "UTC"} | dict(more)


def _is_logged(line: str) -> bool:
    return line.startswith("{")


def _logged(told: Iterable[str]) -> Iterable[Line]:
    return (json.loads(line) for line in told if _is_logged(line))
