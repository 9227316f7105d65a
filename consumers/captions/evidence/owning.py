"""Have the spool's folder to oneself, and rid of what a dead process left there. Blocking.

Two processes with one spool would take each other's files away. The system gives the lock back when a process ends,
however it ends. A draft of a segment may hold the words of a meeting that was erased since, so none stays.
"""

import fcntl
import os
from pathlib import Path
from typing import Final

from ..errors import Misconfigured

DRAFTS: Final = "drafts"
_LOCK: Final = "lock"


class Owning:
    """The folder, until it is let go of. Raises OSError, and Misconfigured where another process has it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        self._handle = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for draft in (folder / DRAFTS).glob("*"):
                draft.unlink(missing_ok=True)
        except BlockingIOError:
            os.close(self._handle)
            raise Misconfigured(
                f"captions.spool_folder {folder}: another process archives with it; each needs a folder of its own"
            ) from None
        except BaseException:
            os.close(self._handle)
            raise

    def close(self) -> None:
        """Let go of it."""
        os.close(self._handle)
