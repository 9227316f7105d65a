"""What a commit looks like where nothing in it was seen before, which is nearly always. Pure.

Such a commit is one statement. Those entries that are known by an id come first in it and have a record each; the order
among them, and among the others, stays.
"""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from schemas import locallog as form
from schemas.ids import Position
from schemas.record import Record

from ..entry import Entry
from .tail import Chunk


class Appended(msgspec.Struct, frozen=True, gc=False):
    """Where an entry stands: the position of its last record."""

    position: Position
    repeated: bool
    """It stood there before; nothing was appended now."""


class Committed(msgspec.Struct, frozen=True, gc=False):
    """What one commit did: for each entry where it stands, and the records that are new."""

    appended: list[Appended]
    chunk: Chunk
    """With wraps where they are in the log; without records where nothing was new."""


class Fresh(NamedTuple):
    """One commit, ready to go."""

    records: list[Record]
    keys: bytes
    """The ids of the first records, end to end."""
    appended: list[Appended]


def arrange(entries: Sequence[Entry], first: Position) -> Fresh | None:
    """Return the commit that begins at position `first`; None where it takes more than one statement."""
    known = [entry for entry in entries if entry.seen is not None]
    records = [entry.records[0] for entry in known if len(entry.records) == 1]
    if len(records) != len(known) or len(known) > form.MAX_FRESH or any(entry.marks for entry in entries):
        return None
    keys = b"".join([entry.seen.key for entry in known if entry.seen is not None])
    if len(known) != len(entries):
        records += [record for entry in entries if entry.seen is None for record in entry.records]
    return Fresh(records, keys, _standing(entries, first, first + len(known))) if records else None


def _standing(entries: Sequence[Entry], with_id: int, without: int) -> list[Appended]:
    appended = []
    for entry in entries:
        if entry.seen is not None:
            appended.append(Appended(Position(with_id), repeated=False))
            with_id += 1
        else:
            without += len(entry.records)
            appended.append(Appended(Position(without - 1), repeated=False))
    return appended
