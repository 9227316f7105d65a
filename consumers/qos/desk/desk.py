"""The desk in the process that has the outbox, leader or standby; implements schemas.desk.AlertDesk.

What is done here is published first and folded then, so that it holds in every process or in none.
"""

import time
import uuid
from collections.abc import Mapping

import msgspec

from schemas.desk import AlertOnDesk, DeskUnavailable, NotThere, SilenceWanted, Tried, Who
from schemas.events import AlertAcknowledged, AlertChanged, AlertSilenced
from schemas.ports import Sink
from schemas.record import Record, content_id

from ..event import ALL_ENTERPRISES
from ..notify import ChannelError
from ..notify.letter import Channel, Letter
from ..outbox.outbox import Now, Outbox, utc_now
from .remarks import acknowledgement_of, remark, silence_of


class Desk:
    """Over the outbox's book."""

    def __init__(
        self, outbox: Outbox, sink: Sink, channels: Mapping[str, Channel], *, partitions: int, now: Now = utc_now
    ) -> None:
        self._outbox, self._sink, self._channels = outbox, sink, channels
        self._partitions, self._now = partitions, now

    async def standing(self) -> list[AlertOnDesk]:
        """Return what stands; the gravest and then the oldest first."""
        return self._outbox.book.standing(self._now(), self._outbox.told_of)

    async def past(self, limit: int = 100) -> list[AlertOnDesk]:
        """Return what is over; the newest first."""
        return self._outbox.book.past(limit)

    async def silences(self) -> list[AlertSilenced]:
        """Return those that hold and those that begin later, by their ends."""
        return self._outbox.book.current_silences(self._now())

    async def silence(self, wanted: SilenceWanted, who: Who) -> AlertSilenced:
        """Make one. Raises NotWanted, DeskUnavailable."""
        silence = silence_of(wanted, who, uuid.uuid4().hex, self._now())
        await self._say(silence, silence.silence_id, ALL_ENTERPRISES)
        return silence

    async def end_silence(self, silence_id: str, who: Who) -> AlertSilenced:
        """End one now. Raises NotThere, DeskUnavailable."""
        now, silence = self._now(), self._outbox.book.silences.get(silence_id)
        if silence is None or silence.ends_at <= now:
            raise NotThere("no such silence holds")
        ended = msgspec.structs.replace(silence, ended=True, ends_at=now, who=who, occurred_at=now)
        await self._say(ended, silence_id, ALL_ENTERPRISES)
        return ended

    async def acknowledge(self, alert_id: str, who: Who, note: str = "") -> AlertAcknowledged:
        """Say that somebody is at it. Raises NotThere, DeskUnavailable."""
        entry = self._outbox.book.alerts.get(alert_id)
        if entry is None or entry.over:
            raise NotThere("no such alert stands")
        seen = acknowledgement_of(entry.alert, who, note, self._now())
        await self._say(seen, entry.key, entry.alert.enterprise or ALL_ENTERPRISES)
        return seen

    async def _say(self, event: AlertSilenced | AlertAcknowledged, key: str, enterprise: str) -> None:
        event_id = f"{content_id(type(event).__name__, key, event.who, uuid.uuid4().hex)}-0"
        await self._publish(
            remark(event, key=key, event_id=event_id, enterprise=enterprise, partitions=self._partitions)
        )

    async def _publish(self, record: Record) -> None:
        try:
            await self._sink.publish([record])
            await self._outbox.take([record])
        except OSError as error:
            raise DeskUnavailable(f"it could not be made durable: {error}") from error

    async def send_test(self, channel: str | None = None) -> list[Tried]:
        """Send a test to one channel, or to all, past the queue. Raises NotThere."""
        if channel is not None and channel not in self._channels:
            raise NotThere("no such channel")
        names = [channel] if channel is not None else sorted(self._channels)
        return [await self._try(self._channels[name]) for name in names]

    async def _try(self, channel: Channel) -> Tried:
        begun, error = time.perf_counter(), None
        try:
            await channel.tell([self._test(channel.name)])
        except ChannelError as failure:
            error = failure.reason
        took_ms = round((time.perf_counter() - begun) * 1_000)
        return Tried(channel=channel.name, kind=channel.kind, error=error, took_ms=took_ms)

    def _test(self, channel: str) -> Letter:
        now, test_id = self._now(), uuid.uuid4().hex
        alert = AlertChanged(
            alert_id=test_id,
            enterprise="",
            change="fired",
            level="test",
            place=channel,
            meeting_id=None,
            participant_id=None,
            severity="info",
            since=now,
            occurred_at=now,
            because=None,
            troubles=[],
            people=0,
            measured=0,
            meetings=0,
            direction=None,
            held_by=None,
            muted=False,
        )
        return Letter(test_id, "test", alert)
