"""Read the log's file back, for the forwarder that is behind. Blocking, for a thread of its own; never writes."""

import contextlib
import sqlite3
from pathlib import Path
from typing import Final

from schemas import locallog as form
from schemas.ids import Position
from schemas.record import Record

from .tail import Chunk

_MAX_BYTES: Final = 4_194_304


class LogReader:
    """A second connection to the log, read-only."""

    def __init__(self, folder: Path) -> None:
        address = f"file:{(folder / form.FILE_NAME).absolute().as_posix()}?mode=ro"
        self._database = sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False)
        try:
            for statement in form.READER_PRAGMAS:
                self._database.execute(statement)
        except BaseException:
            self.close()
            raise

    def read(self, position: Position, limit: int) -> Chunk | None:
        """Return about `limit` records, at most some MiB, from `position` on; None where there is none.

        The chunk begins later than `position` where that was pruned.
        """
        first = position
        records: list[Record] = []
        wraps: list[bytes] = []
        size = 0
        # Row by row: a row can hold thousands of records, and what is not needed should not leave the disk.
        with contextlib.closing(self._database.execute(form.READ_WRAPPED_FROM, (position, limit))) as rows:
            for at, blob, wrapped in rows:
                if not records:
                    first = Position(max(position, at))
                elif bool(wraps) != bool(wrapped):
                    # Where an older version stopped writing, or Kafka came or went: all of a chunk has them, or none.
                    break
                skip = first + len(records) - at
                records += form.decode_records(blob)[skip:]
                wraps += form.decode_wraps(wrapped)[2 * skip :]
                size += len(blob)
                if len(records) >= limit or size >= _MAX_BYTES:
                    break
        return Chunk(first, records, wraps) if records else None

    def close(self) -> None:
        """Close the connection."""
        self._database.close()
