"""Look after the enterprise push: ask how it stands, and notice meetings that are on and of which no push came.

What makes the service lock a push is not known, and a locked one loses meetings in silence: so it is said aloud, once,
and shown by a gauge for as long as it lasts.
"""

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, timedelta
from typing import Final

import structlog

from schemas.lines import Logger
from schemas.metrics import Meters

from .asking import Now, Sleep
from .errors import Again, CloudError
from .meetings import OnlineMeeting
from .push_configuration import Listed, PushStatus, PushTrouble, trouble, without_push

_LOG: Final[Logger] = structlog.get_logger("meetwire.receiver")

# A meeting may be on the list after its push: of one that is not there yet the push is remembered for so long.
_REMEMBER: Final = timedelta(hours=6)
_NAMED_AT_MOST: Final = 10


class PushWatch:
    """Watches the push of one enterprise. `status`: Cloud.push_status. `url`: where it should go, if that is known."""

    def __init__(
        self,
        *,
        enterprise: str,
        subscriber_id: str,
        status: Callable[[], Awaitable[PushStatus]],
        meters: Meters,
        now: Now,
        sleep: Sleep,
        url: str | None = None,
        every_s: float = 300.0,
        grace_s: float = 180.0,
    ) -> None:
        self._enterprise = enterprise
        self._subscriber_id = subscriber_id
        self._status = status
        self._meters = meters
        self._now = now
        self._sleep = sleep
        self._every_s = every_s
        self._grace = timedelta(seconds=grace_s)
        self._trouble: PushTrouble | None = None
        self._unread: str | None = None
        self._url = url
        self._seen: str | None = None
        self._listed: dict[str, Listed] | None = None
        self._before: set[str] = set()
        self._pushed: dict[str, datetime] = {}
        self._missed: tuple[str, ...] = ()

    async def run(self) -> None:
        """Ask every `every_s` until cancelled."""
        while True:
            await self.look()
            await self._sleep(self._every_s)

    async def look(self) -> None:
        """Ask once, and say what changed."""
        self._forget(self._now())
        try:
            status = await self._status()
        except Again:
            return  # said already, by the call
        except CloudError as error:
            self._cannot_read(error)
            return
        self._unread = None
        self._see_address(status.url)
        self._found(trouble(status, subscriber_id=self._subscriber_id, url=self._url))

    def pushed(self, meeting_id: str) -> None:
        """Take that a push of this meeting, or of its room, came."""
        self._pushed[meeting_id] = self._now()

    def listed(self, meetings: Iterable[OnlineMeeting]) -> None:
        """Take what the REST list shows; say where meetings are without a push for longer than the grace time.

        Meetings of the first list are not judged: their pushes may have come before we were there.
        """
        now, known, here = self._now(), self._listed or {}, list(meetings)
        if self._listed is None:
            self._before = {meeting.meeting_id for meeting in here}
        self._before &= {meeting.meeting_id for meeting in here}
        self._listed = {
            meeting.meeting_id: known.get(meeting.meeting_id) or Listed(meeting.meeting_id, meeting.room_id, now)
            for meeting in here
            if meeting.meeting_id not in self._before
        }
        self._forget(now)
        self._missing(without_push(self._listed.values(), self._pushed, now=now, grace=self._grace))

    def _forget(self, now: datetime) -> None:
        on = {name for meeting in (self._listed or {}).values() for name in (meeting.meeting_id, meeting.room_id)}
        self._pushed = {name: at for name, at in self._pushed.items() if name in on or now - at < _REMEMBER}

    def _see_address(self, url: str | None) -> None:
        """Say that pushes go to another address than before: where ours is not known, that is all that can be seen."""
        if url is not None and self._seen not in (None, url):
            _LOG.warning("enterprise_push.readdressed", enterprise=self._enterprise)
        self._seen = url or self._seen

    def _found(self, now_wrong: PushTrouble | None) -> None:
        self._gauge(now_wrong)
        if now_wrong == self._trouble:
            return
        if now_wrong is None:
            _LOG.info("enterprise_push.recovered", enterprise=self._enterprise, reason=self._trouble)
        else:
            _LOG.error("enterprise_push.troubled", enterprise=self._enterprise, reason=now_wrong)
        self._trouble = now_wrong

    def _gauge(self, wrong: PushTrouble | None) -> None:
        gauge = self._meters.gauge("meetwire_enterprise_push_enabled", enterprise=self._enterprise)
        gauge.set(float(wrong is None))

    def _cannot_read(self, error: CloudError) -> None:
        """Say once that the service does not let us see how the push stands."""
        if str(error) != self._unread:
            _LOG.warning("enterprise_push.unread", enterprise=self._enterprise, reason=str(error))
        self._unread = str(error)

    def _missing(self, meetings: tuple[str, ...]) -> None:
        gauge = self._meters.gauge("meetwire_enterprise_push_missed_meetings", enterprise=self._enterprise)
        gauge.set(len(meetings))
        if meetings and not self._missed:
            _LOG.warning(
                "enterprise_push.missed",
                enterprise=self._enterprise,
                meetings=len(meetings),
                meeting_ids=list(meetings[:_NAMED_AT_MOST]),
            )
        self._missed = meetings
