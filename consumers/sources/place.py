"""Keep a group's place in the local log, in a file of its own, so that readers never hold up the writer.

Blocking. What `write` returned from is on disk, whole; the writer reads these files to know what it must keep. One
process has a group at a time: two would each read everything and overwrite each other's place.
"""

import fcntl
import os
from pathlib import Path

import msgspec

from schemas.locallog import READERS_FOLDER, ReaderPlace

from ..errors import SourceDenied, SourceUnavailable


class GroupPlace:
    """The file of one group. Raises SourceUnavailable where another process has it; SourceDenied."""

    def __init__(self, log_folder: Path, group: str) -> None:
        self._folder = log_folder / READERS_FOLDER
        self._file = self._folder / f"{group}.json"
        try:
            self._folder.mkdir(exist_ok=True)
            self._lock = _lock(self._folder / f"{group}.lock")
        except PermissionError as error:
            raise SourceDenied(f"{self._folder} cannot be written: {error.strerror}") from error

    def read(self) -> ReaderPlace | None:
        """Return where the group stands; None where it is new. Raises SourceUnavailable for a damaged file."""
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=ReaderPlace)
        except FileNotFoundError:
            return None
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise SourceUnavailable(f"{self._file} is damaged; without it the group starts anew") from None

    def write(self, place: ReaderPlace) -> None:
        """Replace the file. Raises SourceUnavailable where the disk does not take it."""
        try:
            _replace(self._file, msgspec.json.encode(place))
        except OSError as error:
            raise SourceUnavailable(f"{self._file} cannot be written: {error.strerror}") from error

    def close(self) -> None:
        """Let another process have the group."""
        os.close(self._lock)


def _lock(path: Path) -> int:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise SourceUnavailable(f"another process reads as group {path.stem}") from None
    return handle


def _replace(file: Path, content: bytes) -> None:
    draft = file.with_suffix(".draft")
    with draft.open("wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    draft.replace(file)
    _sync(file.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
