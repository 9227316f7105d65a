"""One reader of the local log: the file, and the group's place in it. Blocking, for one thread."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from schemas.ids import Position
from schemas.locallog import ReaderPlace

from . import Lag, Reading
from .logfile import Chunk, LogFile
from .place import GroupPlace


class LogReader:
    """Stands at `begin` when made. Raises SourceUnavailable where it cannot read, or the group is taken."""

    def __init__(self, folder: Path, reading: Reading, now: Callable[[], datetime]) -> None:
        self._reading, self._now = reading, now
        self._file = LogFile(folder, reading.topics)
        self._place: GroupPlace | None = None
        try:
            if reading.group is not None:
                self._place = GroupPlace(folder, reading.group)
            self.log = self._file.id
            self.begin = self._begin()
            # At once, so that the writer keeps what this group has not read.
            self.save(self.begin)
        except BaseException:
            self.close()
            raise

    def read(self, position: Position, limit: int) -> Chunk:
        """Return the wanted records from `position` on."""
        return self._file.read(position, limit)

    def has(self, position: Position) -> bool:
        """Whether there is a record at `position` or later."""
        return self._file.end() > position

    def save(self, position: Position) -> None:
        """Make `position` the group's place."""
        if self._place is not None and self._reading.group is not None:
            place = ReaderPlace(group=self._reading.group, log=self._file.id, position=position, seen_at=self._now())
            self._place.write(place)

    def end(self) -> Position:
        """Return the position that the next record will get."""
        return self._file.end()

    def lag(self, position: Position) -> Lag:
        """Say how far behind a reader at `position` is."""
        appended_ms = self._file.appended_ms(position)
        if appended_ms is None:
            return Lag(0, 0.0)
        age_s = self._now().timestamp() - appended_ms / 1_000
        return Lag(self._file.end() - position, max(0.0, age_s))

    def close(self) -> None:
        """Close the file, and let another process have the group."""
        self._file.close()
        if self._place is not None:
            self._place.close()

    def _begin(self) -> Position:
        place = self._place.read() if self._place is not None else None
        begin = max(self._reading.begin.values(), default=0)
        if place is None and 0 < begin <= self._file.end():
            return Position(begin)
        if place is None:
            return self._file.start(self._reading.start)
        if place.log != self._file.id or place.position > self._file.end():
            # The log was made anew, or comes from a backup: all that is in it is new to this group.
            return self._file.start("earliest")
        return place.position
