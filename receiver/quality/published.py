"""What of the figures is published, so that none is published twice. Pure."""

from collections import OrderedDict
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Final

from .port import Kind

# The participants of the largest meeting, a webinar, in four kinds.
MOST_IN_ONE: Final = 40_000
LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Published:
    """Up to when the figures of each participant and kind are published, of the meetings that are on."""

    def __init__(self, most_in_one: int = MOST_IN_ONE) -> None:
        self._until: dict[str, OrderedDict[tuple[str, Kind], datetime]] = {}
        self._most_in_one = most_in_one

    def until(self, meeting_uuid: str, participant_id: str, kind: Kind) -> datetime:
        """Return the time of the newest that is published; `LONG_AGO` where there is none."""
        noted = self._until.get(meeting_uuid)
        return LONG_AGO if noted is None else noted.get((participant_id, kind), LONG_AGO)

    def note(self, meeting_uuid: str, participant_id: str, kind: Kind, until: datetime) -> None:
        """Note the newest. Of too many in one meeting the one that was noted longest ago is forgotten."""
        noted = self._until.setdefault(meeting_uuid, OrderedDict())
        noted[participant_id, kind] = until
        noted.move_to_end((participant_id, kind))
        if len(noted) > self._most_in_one:
            noted.popitem(last=False)

    def keep(self, meeting_uuids: Collection[str]) -> None:
        """Forget every meeting but these."""
        for over in self._until.keys() - set(meeting_uuids):
            del self._until[over]
