"""Read the local log's SQLite file. Blocking, for one thread; it never writes, and holds no lock between two calls.

What commits while a call runs is seen by the next one. The writer may be this process, another, or gone.
"""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from schemas import locallog as form
from schemas.ids import LogId, Position
from schemas.record import Stored

from ..errors import SourceDenied, SourceUnavailable
from . import Start

# A row is at most some 4 MiB; so this bounds what one read brings into memory.
MAX_READ_BYTES: Final = 8_388_608


class Chunk(msgspec.Struct, frozen=True):
    """What one read found: the wanted ones of the records before `end`."""

    records: list[Stored]
    end: Position
    missed: int
    """Records that had been pruned."""


class LogFile:
    """The open file. Raises SourceUnavailable where there is none, or one of another form; SourceDenied."""

    def __init__(self, folder: Path, topics: frozenset[str]) -> None:
        self._topics = topics
        self._path = folder / form.FILE_NAME
        with _naming(folder):
            if not self._path.exists():
                raise SourceUnavailable(f"no log in {folder}: start the receiver first, or name its log.folder")
            # One thread at a time uses it, but not the one that opens it.
            self._database = sqlite3.connect(
                f"{self._path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, check_same_thread=False
            )
            try:
                self.id = self._identify()
            except BaseException:
                self.close()
                raise

    def read(self, position: Position, limit: int) -> Chunk:
        """Return the wanted records from `position` on: some `limit` of them, more where one commit holds more."""
        records: list[Stored] = []
        end, missed, size = position, 0, 0
        for first, blob in self._rows(position):
            row = self._decode(first, blob)
            records += [one for one in row if one.position >= position and one.record.topic in self._topics]
            missed += max(0, first - end)
            end = Position(first + len(row))
            size += len(blob)
            if len(records) >= limit or size >= MAX_READ_BYTES:
                break
        return Chunk(records, end, missed)

    def end(self) -> Position:
        """Return the position that the next record will get."""
        row = self._one(form.LAST_COMMIT)
        return Position(row[0] + row[1]) if row else Position(1)

    def start(self, start: Start) -> Position:
        """Return where a reader without a position begins."""
        if start == "latest":
            return self.end()
        if start == "earliest":
            row = self._one(form.FIRST_COMMIT)
            return Position(row[0]) if row else Position(1)
        return self._received_from(int(start.timestamp() * 1_000))

    def appended_ms(self, position: Position) -> int | None:
        """Return when the record at `position` was appended; None where there is none."""
        row = self._one(form.ROW_OF, position)
        return row[1] if row and position < self.end() else None

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _identify(self) -> LogId:
        for pragma in form.READER_PRAGMAS:
            self._database.execute(pragma).close()
        log, found = LogId(self._meta("log")), self._meta("form")
        if found != form.FORM:
            raise SourceUnavailable(f"{self._path} has form {found}, this version reads {form.FORM}")
        return log

    def _received_from(self, instant_ms: int) -> Position:
        # A record is received before it is appended, so it stands in a row that is no older than itself.
        for first, blob in self._rows(self._appended_from(instant_ms)):
            for one in self._decode(first, blob):
                if one.record.received_ms >= instant_ms:
                    return one.position
        return self.end()

    def _appended_from(self, instant_ms: int) -> Position:
        """Return a position before which every row is older; by halving, for rows have no index of times."""
        low, high = 0, int(self.end())
        while low < high:
            middle = (low + high) // 2
            row = self._one(form.ROW_FROM, middle)
            if row is None or row[1] >= instant_ms:
                high = middle
            else:
                low = row[0] + 1
        return Position(low)

    def _decode(self, first: int, blob: bytes) -> list[Stored]:
        try:
            records = form.decode_records(blob)
        except msgspec.MsgspecError:
            raise SourceUnavailable(f"{self._path} is damaged at position {first}") from None
        return [Stored(self.id, Position(position), record) for position, record in enumerate(records, first)]

    def _rows(self, position: Position) -> Iterator[tuple[int, bytes]]:
        with self._readable(), contextlib.closing(self._database.execute(form.READ_FROM, (position, -1))) as rows:
            yield from rows

    def _one(self, statement: str, *values: int) -> Any:
        with self._readable():
            return self._database.execute(statement, values).fetchone()

    def _meta(self, name: str) -> str:
        with self._readable():
            row = self._database.execute(form.GET_META, (name,)).fetchone()
        if row is None:
            raise SourceUnavailable(f"{self._path} is no log of ours")
        return str(row[0])

    @contextlib.contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise SourceUnavailable(f"{self._path} cannot be read: {error}") from error


@contextlib.contextmanager
def _naming(folder: Path) -> Iterator[None]:
    """Say of what cannot be opened which folder it is in."""
    try:
        yield
    except PermissionError as error:
        raise SourceDenied(f"log.folder {folder}: {error.strerror}") from error
    except OSError as error:
        raise SourceUnavailable(f"log.folder {folder}: {error.strerror}") from error
    except sqlite3.Error as error:
        raise SourceUnavailable(f"log.folder {folder}: {error}") from error
