"""A disk that is really full: a small tmpfs where the system lets us mount one, and everywhere a limit on files.

Tests run on both where both are to be had, and on the limit alone where mounting is refused: never not at all.
"""

from __future__ import annotations

import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol

from receiver.errors import Reason

SIZE: Final = 64 * 1_048_576


class Disk(Protocol):
    """Where a log lies."""

    folder: Path
    reason: Reason
    """What a refused push is told."""

    def fill(self) -> None:
        """Leave no room for another page."""

    def relieve(self) -> None:
        """Make room again."""


class Tmpfs:
    """A file system of 64 MiB, filled to its last page by a file beside the log."""

    reason: Reason = "disk_full"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def fill(self) -> None:
        """Write until the system says that there is no space left on the device."""
        with self._ballast.open("wb", buffering=0) as file:
            for size in (1_048_576, 4_096):
                try:
                    while file.write(b"x" * size):
                        pass
                except OSError:
                    continue

    def relieve(self) -> None:
        """Take the file away."""
        self._ballast.unlink()


class Limited:
    """A limit on how far this process may write into any file (RLIMIT_FSIZE), as a quota would set it.

    SQLite calls this an error of the disk and not a full one; so do we.
    """

    reason: Reason = "log_failed"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._before = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill(self) -> None:
        """Refuse whatever lies beyond a file's first page."""
        resource.setrlimit(resource.RLIMIT_FSIZE, (4_096, self._before[1]))

    def relieve(self) -> None:
        """Lift the limit."""
        resource.setrlimit(resource.RLIMIT_FSIZE, self._before)


@contextmanager
def tmpfs(folder: Path) -> Iterator[Tmpfs]:
    """Yield a small file system, mounted for this block. Raises CalledProcessError where that is refused."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    try:
        yield Tmpfs(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True, capture_output=True)


@contextmanager
def limited(folder: Path) -> Iterator[Limited]:
    """Yield a folder; the limit is lifted at the end of this block."""
    folder.mkdir()
    disk = Limited(folder)
    try:
        yield disk
    finally:
        disk.relieve()


def kinds(probe: Path) -> list[str]:
    """Return the kinds of disk that this machine gives."""
    try:
        with tmpfs(probe):
            return ["tmpfs", "limited"]
    except (OSError, subprocess.CalledProcessError):
        return ["limited"]
