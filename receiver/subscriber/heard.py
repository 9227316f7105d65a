"""Of which meetings a push had to come to this receiver. Pure.

With several receivers a push comes to one of them, and is read from the topic by whoever owns its partition. So a
receiver can miss no push but of meetings whose partitions it owned before they were on.
"""

from collections.abc import Iterable

from schemas.record import partition_of

from ..cloud.meetings import OnlineMeeting


class Heard:
    """Of one enterprise's lists, one after the other."""

    def __init__(self, partitions: int) -> None:
        self._partitions = partitions
        self._owned: frozenset[int] = frozenset()
        self._elsewhere: set[str] = set()

    def expected(self, meetings: Iterable[OnlineMeeting], owned: frozenset[int]) -> list[OnlineMeeting]:
        """Return the meetings of a list whose pushes had to come here; `owned`: the partitions that are ours now."""
        here, stayed = list(meetings), self._owned & owned
        self._owned = owned
        # Pushed elsewhere once, or before we were there: no push of it can be missed here, whoever owns it later.
        self._elsewhere = {
            meeting.meeting_id
            for meeting in here
            if meeting.meeting_id in self._elsewhere or not self._partitions_of(meeting) <= stayed
        }
        return [meeting for meeting in here if meeting.meeting_id not in self._elsewhere]

    def _partitions_of(self, meeting: OnlineMeeting) -> set[int]:
        # The push may name the room.
        names = {meeting.meeting_id, meeting.room_id or meeting.meeting_id}
        return {partition_of(name, self._partitions) for name in names}
