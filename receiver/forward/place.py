"""How far the forwarder is, kept in a file of the form that every reader of the log has.

It may lag behind what Kafka has: then records go twice, under the same positions, and readers drop the second. It
never runs ahead.
"""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from schemas.ids import LogId, Position
from schemas.locallog import READERS_FOLDER, ReaderPlace

NAME: Final = "forwarder"


class Place:
    """The file `readers/forwarder.json` in the log's folder. Blocking."""

    def __init__(self, folder: Path, log: LogId) -> None:
        self._log = log
        self._path = folder / READERS_FOLDER / f"{NAME}.json"
        self._path.parent.mkdir(exist_ok=True)

    def read(self) -> Position:
        """Return the position to publish next: 1 where nothing is known of this log."""
        try:
            place = msgspec.json.decode(self._path.read_bytes(), type=ReaderPlace)
        except (FileNotFoundError, msgspec.MsgspecError, UnicodeDecodeError):
            return Position(1)
        return place.position if place.log == self._log else Position(1)

    def write(self, position: Position) -> None:
        """Keep `position`. Not synced: losing it costs repeats alone."""
        place = ReaderPlace(group=NAME, log=self._log, position=position, seen_at=datetime.now(UTC))
        draft = self._path.with_suffix(".draft")
        draft.write_bytes(msgspec.json.encode(place))
        os.replace(draft, self._path)
