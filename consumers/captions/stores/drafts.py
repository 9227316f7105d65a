"""Files of a folder store that are not whole yet. Blocking.

They lie in a folder beside the keys, under a name that no key has. Each writer holds a lock there, which the system
takes from it when it ends, however it ends: what a dead one left is removed by the next that opens the store. A draft
may hold the words of a meeting that is erased later, so none may stay.
"""

import contextlib
import fcntl
import itertools
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

# Not in the alphabet of keys.
FOLDER: Final = "~drafts"
_LOCK: Final = ".lock"


class Drafts:
    """The drafts of one writer below `root`. Raises OSError."""

    def __init__(self, root: Path) -> None:
        self._folder = root / FOLDER
        self._folder.mkdir(parents=True, exist_ok=True)
        self._numbers = itertools.count()
        self._lock = _locked(self._folder)
        self._name = Path(self._lock.name).name.removesuffix(_LOCK)
        _sweep(self._folder)

    @contextlib.contextmanager
    def draft(self) -> Iterator[tuple[BinaryIO, Path]]:
        """Give a new file to write to, and its path; what has not been moved away at the end is removed."""
        path = self._folder / f"{self._name}.{next(self._numbers)}"
        try:
            with path.open("xb") as file:
                yield file, path
        finally:
            path.unlink(missing_ok=True)

    def close(self) -> None:
        """Give the lock back. A second time does nothing."""
        if not self._lock.closed:
            Path(self._lock.name).unlink(missing_ok=True)
            self._lock.close()


def _locked(folder: Path) -> BinaryIO:
    """Return a new lock file, locked, under the name that it was made with."""
    while True:
        path = folder / f"{secrets.token_hex(8)}{_LOCK}"
        # Closed by `Drafts.close`: as long as it is open, the lock is held.
        file = path.open("xb")
        fcntl.flock(file, fcntl.LOCK_EX)
        # Between the two lines above somebody else may have taken the lock, and swept it away.
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_ino == os.fstat(file.fileno()).st_ino:
                return file
        file.close()


def _sweep(folder: Path) -> None:
    """Remove what writers left that are no more."""
    for lock in sorted(folder.glob(f"*{_LOCK}")):
        with contextlib.suppress(OSError), lock.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for left in folder.glob(f"{lock.name.removesuffix(_LOCK)}.*"):
                # The lock goes last: while it is there, the next sweep finds the rest.
                if left != lock:
                    left.unlink(missing_ok=True)
            lock.unlink(missing_ok=True)
