"""Run the commands of a document one after the other, in one folder, and compare what they print. Blocking."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.deploy.cli.running import environment
from tests.deploy.cli.terminal import terminal

from .compare import matches, settled
from .document import Fence

BIN = Path(sys.executable).parent


class Command(NamedTuple):
    """A line behind a prompt, and what is shown below it."""

    line: str
    shown: str


def commands(block: Fence) -> list[Command]:
    """Return the commands of a block."""
    pieces = ("\n" + block.text).split("\n$ ")[1:]
    return [Command(line, shown) for line, _, shown in (piece.partition("\n") for piece in pieces)]


@dataclass
class Session:
    """A folder, and what addresses of the document stand for in this run."""

    folder: Path
    stands_for: Mapping[str, str]
    environ: Mapping[str, str] = field(default_factory=dict)
    _running: ExitStack = field(default_factory=ExitStack)

    def run(self, block: Fence) -> None:
        """Run a block; fail the test where something else is printed than it shows."""
        for command in commands(block):
            if block.about == "stays":
                self._stay(command)
            else:
                self._compare(command, self._printed(command.line))

    def end(self) -> None:
        """End what still runs."""
        self._running.close()

    def _printed(self, line: str) -> str:
        done = subprocess.run(
            ["bash", "-c", self._here(line)],
            cwd=self.folder,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
        return done.stdout

    def _stay(self, command: Command) -> None:
        # At a terminal, as its reader has it; it goes on while later commands run.
        screen = self._running.enter_context(
            terminal(self._here(command.line), command=["bash", "-c"], folder=self.folder, environ=self._environment())
        )
        wanted = sorted(settled(command.shown).splitlines())
        while sorted(settled(screen.shown).splitlines()) != wanted:
            if len(screen.shown.splitlines()) > len(wanted) or not screen.read():
                self._compare(command, screen.shown)
                return

    def _compare(self, command: Command, printed: str) -> None:
        for shown, here in self.stands_for.items():
            printed = printed.replace(here, shown)
        if not matches(command.shown, printed):
            pytest.fail(f"$ {command.line}\nshown:\n{command.shown}\nprinted:\n{printed}", False)

    def _here(self, line: str) -> str:
        for shown, here in self.stands_for.items():
            line = line.replace(shown, here)
        return line

    def _environment(self) -> dict[str, str]:
        return environment({"PATH": f"{BIN}:{os.environ['PATH']}", "TERM": "xterm", **self.environ})
