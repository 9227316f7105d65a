"""A process that says how it is in a line of JSON: at its start, and again for each line that comes in."""

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

T = TypeVar("T", bound=msgspec.Struct)


class Piped(Generic[T]):
    """One process, run in `folder`; ended by `stop`. What it says is of `kind`."""

    def __init__(self, command: Sequence[str], kind: type[T], folder: Path) -> None:
        self._kind = kind
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=folder)
        self.first = self._read()
        """What it said when it was ready."""

    def ask(self) -> T:
        """Have it say how it is now."""
        if self._process.stdin is None:
            raise RuntimeError("no pipe")
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return self._read()

    def stop(self) -> None:
        """End it by the end of its input."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait(60)

    def _read(self) -> T:
        if self._process.stdout is None:
            raise RuntimeError("no pipe")
        return msgspec.json.decode(self._process.stdout.readline(), type=self._kind)
