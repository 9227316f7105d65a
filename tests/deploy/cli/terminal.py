"""Run a command at a terminal of its own: what it shows there, what is typed, and Ctrl-C."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from .running import environment

CTRL_C = "\x03"
CTRL_D = "\x04"
# Colours, as ECMA-48 writes them.
COLOUR = re.compile("\x1b\\[[0-9;]*m")


class Terminal:
    """A terminal with a command on it. Blocking; for tests without an event loop."""

    def __init__(self, ours: int, process: subprocess.Popen[bytes]) -> None:
        self._ours = ours
        self.process = process
        self.raw = ""
        """All that was shown, colours included."""
        self._bytes = b""

    @property
    def shown(self) -> str:
        """What a person sees, without colours."""
        return COLOUR.sub("", self.raw)

    def until(self, words: str) -> str:
        """Wait until `words` are shown; return all that was shown so far."""
        while words not in self.shown:
            if not self.read():
                pytest.fail(f"ended without {words!r}:\n{self.shown}", False)
        return self.shown

    def type(self, text: str) -> None:
        """Press keys."""
        os.write(self._ours, text.encode())

    def ended(self, pressing: str = "") -> tuple[int, str]:
        """Wait for the end; return the exit status and all that was shown.

        `pressing` is pressed again after a while without a word: Python forgets a Ctrl-C that comes as its question is
        being put. Not soon: at its very end a process heeds it as the system does, and ends by the signal.
        """
        while True:
            while pressing and self._is_quiet():
                self.type(pressing)
            if not self.read():
                return self.process.wait(), self.shown

    def _is_quiet(self) -> bool:
        return not select.select([self._ours], [], [], 6.0)[0]

    def read(self) -> bool:
        """Wait for more to be shown; return whether there was more before the end."""
        try:
            piece = os.read(self._ours, 65_536)
        except OSError:  # EIO: nobody has the other side any more
            return False
        self._bytes += piece
        self.raw = self._bytes.decode(errors="ignore").replace("\r\n", "\n")
        return bool(piece)


@contextmanager
def terminal(
    *words: str | Path, command: Sequence[str], folder: Path, environ: Mapping[str, str] | None = None
) -> Iterator[Terminal]:
    """Start a command; it is killed at the end of the block, where it still runs."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        # Whoever runs the tests in the background ignores Ctrl-C, and would hand that down.
        ["env", "--default-signal=INT", "setsid", "--ctty", *command, *map(str, words)],
        cwd=folder,
        env=environment({"TERM": "xterm", **(environ or {})}),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    try:
        yield Terminal(ours, process)
    finally:
        process.kill()
        process.wait()
        os.close(ours)
