"""Know what the local readers of the log have not read: by the places that they keep, each in a file of its own."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec
import structlog

from schemas.ids import LogId, Position
from schemas.lines import Logger
from schemas.locallog import READERS_FOLDER, ReaderPlace

from ..forward.place import NAME as FORWARDER

_LOG: Final[Logger] = structlog.get_logger("meetwire.receiver")


class Readers:
    """Those of one log, all but the forwarder. Blocking."""

    def __init__(self, log_folder: str, log: LogId, forget_after: timedelta) -> None:
        self._folder, self._log, self._forget_after = Path(log_folder, READERS_FOLDER), log, forget_after
        self._forgotten: set[str] = set()
        self._damaged: set[str] = set()

    def first_unread(self, now: datetime) -> Position | None:
        """Return the first position that a reader still needs; None where there is no reader.

        Raises OSError where nobody can tell just now: what cannot be listed or read is not absent.
        """
        positions = [place.position for place in self._places() if not self._is_forgotten(place, now)]
        return min(positions, default=None)

    def _places(self) -> list[ReaderPlace]:
        try:
            # Not `glob`, which takes a folder for empty where no file can be opened (Python 3.12 and 3.13).
            names = os.listdir(self._folder)
        except FileNotFoundError:
            return []
        files = [self._folder / name for name in names if name.endswith(".json")]
        places = [place for file in files if file.stem != FORWARDER and (place := self._place(file)) is not None]
        return [place for place in places if place.log == self._log]

    def _place(self, file: Path) -> ReaderPlace | None:
        try:
            content, written_s = file.read_bytes(), file.stat().st_mtime
        except FileNotFoundError:
            return None
        try:
            place = msgspec.json.decode(content, type=ReaderPlace)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            # Its reader refuses it too and waits for somebody to look: it may need all that is there.
            self._say_damaged(file.stem)
            return ReaderPlace(
                group=file.stem, log=self._log, position=Position(1), seen_at=datetime.fromtimestamp(written_s, UTC)
            )
        self._damaged.discard(file.stem)
        return place

    def _say_damaged(self, group: str) -> None:
        if group not in self._damaged:
            self._damaged.add(group)
            _LOG.warning("reader.damaged", group=group)

    def _is_forgotten(self, place: ReaderPlace, now: datetime) -> bool:
        if now - place.seen_at < self._forget_after:
            self._forgotten.discard(place.group)
            return False
        if place.group not in self._forgotten:
            self._forgotten.add(place.group)
            _LOG.warning("reader.forgotten", group=place.group, position=place.position, seen_at=str(place.seen_at))
        return True
