"""Know what a ledger says already, so that nothing is said twice. Pure.

Of a version of a meeting, a tombstone, a meeting that is left, a cluster whose segments are vouched for or a segment
that is lost, one statement stands for good. Of a hold and of the access log the last one counts: a hold that was added,
removed and added again is three statements.
"""

from datetime import UTC, datetime
from hashlib import blake2b
from typing import Final

import msgspec

from schemas.archive.statements import (
    AccessSealed,
    Erased,
    HoldAdded,
    HoldRemoved,
    LossAccepted,
    MeetingKept,
    MeetingLeft,
    SegmentsVouched,
    Statement,
)

from ..errors import Conflict

_ANY_TIME: Final = datetime(2000, 1, 1, tzinfo=UTC)


class Standing:
    """What each statement is about, and what the last one about that says; some 200 bytes an entry."""

    def __init__(self) -> None:
        self._last: dict[bytes, bytes] = {}

    def has(self, said: Statement, place: str) -> bool:
        """Return whether it stands. Raises Conflict, which names `place`, where another stands for good."""
        standing = self._last.get(_subject(said))
        if standing is None or standing == _content(said):
            return standing is not None
        if isinstance(said, MeetingKept | MeetingLeft | Erased | SegmentsVouched | LossAccepted):
            raise Conflict(f"{place}: the ledger says something else of {_about(said)} already")
        return False

    def add(self, said: Statement) -> None:
        """Take note of an entry."""
        self._last[_subject(said)] = _content(said)


def _about(said: Statement) -> str:
    """Name what it is about: two statements of one name take each other's place."""
    match said:
        case MeetingKept():
            return f"kept {said.occurrence} {said.version}"
        case MeetingLeft():
            return f"left {said.occurrence}"
        case Erased():
            return f"erased {said.tombstone}"
        case HoldAdded() | HoldRemoved():
            return f"hold {said.hold}"
        case SegmentsVouched():
            return f"vouched {said.cluster}"
        case LossAccepted():
            return f"lost {said.segment}"
        case AccessSealed():  # pragma: no branch -- there is no other
            return "accesses"


def _subject(said: Statement) -> bytes:
    return blake2b(_about(said).encode(), digest_size=16).digest()


def _content(said: Statement) -> bytes:
    """Return a hash of what it says, whenever that was written down."""
    return blake2b(msgspec.json.encode(msgspec.structs.replace(said, at=_ANY_TIME)), digest_size=16).digest()
