"""What happened in a meeting, as one topic tells it: the last few hundred things. Pure."""

from collections import deque
from datetime import datetime
from typing import Final

import msgspec

from schemas.api.meetings import Happening

MOST: Final = 500


class Item(msgspec.Struct, frozen=True, gc=False):
    """One thing that happened; the name of whom is looked up when it is shown."""

    at: datetime
    what: str
    detail: str | None = None
    participant_id: str | None = None
    name: str | None = None

    def __repr__(self) -> str:
        """Show no one's name."""
        return f"<Item {self.what}>"


Items = deque[Item]


def items() -> Items:
    """Return an empty list of them, which keeps the last ones."""
    return deque(maxlen=MOST)


def shown(parts: list[Items], names: dict[str, str | None]) -> list[Happening]:
    """Return the last of all, the oldest first, each once: two receivers may have written down the same push."""
    found = sorted({one for part in parts for one in part}, key=_order)
    return [
        Happening(
            at=one.at,
            what=one.what,
            detail=one.detail,
            participant_id=one.participant_id,
            name=one.name or names.get(one.participant_id or ""),
        )
        for one in found[-MOST:]
    ]


def _order(one: Item) -> tuple[datetime, str, str, str]:
    return one.at, one.what, one.participant_id or "", one.detail or ""
