"""Records that Kafka will not take, each in a file of its own in the log's folder, until an operator decides.

`meetwire redrive` appends them to the log again once Kafka takes larger ones.
"""

import os
from pathlib import Path
from typing import Final

import msgspec

from schemas.record import Stored

from ..log.opening import sync_folder

FOLDER: Final = "refused"


class RefusedRecords:
    """The folder `refused`. Blocking."""

    def __init__(self, log_folder: Path) -> None:
        self._folder = log_folder / FOLDER

    def keep(self, stored: Stored) -> None:
        """Write one record; on disk once this returns."""
        self._folder.mkdir(mode=0o750, exist_ok=True)
        path = self._folder / f"{stored.position:020d}.json"
        with path.open("wb") as file:
            file.write(msgspec.json.encode(stored))
            file.flush()
            os.fsync(file.fileno())
        sync_folder(self._folder)

    def kept(self) -> list[Path]:
        """Return the files, oldest first."""
        return sorted(self._folder.glob("*.json"))


def read(path: Path) -> Stored:
    """Return the record of one file."""
    return msgspec.json.decode(path.read_bytes(), type=Stored)
