"""Read the log's file back, for the forwarder that is behind. Blocking, for a thread of its own; never writes."""

import sqlite3
from pathlib import Path
from typing import Final

from schemas import locallog as form
from schemas.ids import Position
from schemas.record import Record

from .commit import Chunk

_ROWS: Final = 32
_MAX_BYTES: Final = 4_194_304


class LogReader:
    """A second connection to the log, read-only."""

    def __init__(self, folder: Path) -> None:
        address = f"file:{(folder / form.FILE_NAME).absolute().as_posix()}?mode=ro"
        self._database = sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False)
        for statement in form.READER_PRAGMAS:
            self._database.execute(statement)

    def read(self, position: Position, limit: int) -> Chunk | None:
        """Return about `limit` records, at most some MiB, from `position` on; None where there is none.

        The chunk begins later than `position` where that was pruned.
        """
        first = position
        records: list[Record] = []
        size = 0
        while len(records) < limit and size < _MAX_BYTES:
            rows = self._database.execute(form.READ_FROM, (first + len(records), _ROWS)).fetchall()
            for at, blob in rows:
                found = form.decode_records(blob)
                wanted = Position(first + len(records))
                if not records and at > wanted:
                    first = wanted = Position(at)
                records += found[wanted - at :] if wanted > at else found
                size += len(blob)
                if len(records) >= limit or size >= _MAX_BYTES:
                    break
            if len(rows) < _ROWS:
                break
        return Chunk(first, records) if records else None

    def close(self) -> None:
        """Close the connection."""
        self._database.close()
