"""Note of which meetings the catalogue lacks what the ledger keeps, as it is damaged or missing. Blocking.

The ledger is read on past them, so that they hide no other meeting; here they wait until they can be read, or until the
ledger says something else of them.
"""

import sqlite3
from collections.abc import Mapping
from typing import Final, NamedTuple

import msgspec

from schemas.archive.statements import MeetingKept

_SAID: Final = msgspec.json.Decoder(MeetingKept)


class Unread(NamedTuple):
    """A version that could not be read."""

    said: MeetingKept
    why: str
    """With the key of what is wrong, and none of what is in it."""


def unread(connection: sqlite3.Connection) -> list[Unread]:
    """Return all of them, first the one that was not tried for the longest."""
    found = connection.execute("SELECT said, why FROM unread ORDER BY id")
    return [Unread(_SAID.decode(said), why) for said, why in found]


def note(connection: sqlite3.Connection, tried: Mapping[str, Unread | None]) -> None:
    """Note what came of each occurrence that was tried: those that still cannot be read are the last in turn."""
    connection.executemany("DELETE FROM unread WHERE occurrence = ?", [(occurrence,) for occurrence in tried])
    connection.executemany(
        "INSERT INTO unread (occurrence, said, why) VALUES (?, ?, ?)",
        [(one.said.occurrence, msgspec.json.encode(one.said), one.why) for one in tried.values() if one is not None],
    )
