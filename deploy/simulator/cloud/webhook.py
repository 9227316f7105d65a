"""The enterprise push of the same meetings: its configuration, its handshake, and what happened, signed and posted."""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from random import Random
from typing import Final

import msgspec

from ..address import parse_url, require_loopback
from ..connection import open_session, trust
from ..errors import SimulatorError
from ..events import instant, meeting_event
from ..faults import Delivery, Kind
from ..push import Subscriber
from ..sender import Sender
from .cloud import Cloud
from .meeting import Meeting
from .options import WebhookTarget

ENABLED: Final = 0
DISABLED: Final = 1
LOCKED: Final = 2


class Registration(msgspec.Struct, kw_only=True):
    """The one push configuration of the enterprise."""

    id: str
    target: WebhookTarget
    status: int


class Webhook:
    """Tells the configured address what happens while it is enabled; retries as the service does."""

    def __init__(self, cloud: Cloud) -> None:
        self.registration: Registration | None = None
        self._cloud = cloud
        self._rng = Random(cloud.options.seed)  # noqa: S311 -- nonces to be repeated, no secret
        self._open = AsyncExitStack()
        self._senders: dict[WebhookTarget, Sender] = {}
        self._stop = asyncio.Event()
        self._under_way: set[asyncio.Task[object]] = set()

    async def configure(self, target: WebhookTarget, status: int = DISABLED) -> None:
        """Take a configuration in place of the one before. Raises SimulatorError for an address that is not one."""
        url = parse_url(target.url)
        require_loopback(url.host, allow_remote=self._cloud.options.allow_remote)
        if target not in self._senders:
            tls = await asyncio.to_thread(trust, target.ca_file)
            session = await self._open.enter_async_context(open_session(tls=tls))
            self._senders[target] = Sender(
                session,
                url,
                target.subscriber,
                clock=self._cloud.clock,
                allow_remote=self._cloud.options.allow_remote,
                seed=self._cloud.options.seed,
            )
        self.registration = Registration(id=f"{self._rng.getrandbits(128):032x}", target=target, status=status)

    async def enable(self, registration: Registration) -> bool:
        """Do the handshake, and return whether it was answered rightly; only then events are pushed."""
        try:
            await self._senders[registration.target].handshake()
        except SimulatorError:
            return False
        registration.status = ENABLED
        return True

    def told(self, event: str, meeting: Meeting, attendee: Mapping[str, object] | None) -> None:
        """Begin to push one event; nothing while there is nobody to push to."""
        registration = self.registration
        if registration is None or registration.status != ENABLED:
            return
        ids = {"meetingID": meeting.told_id, "meetingUUID": meeting.meeting_uuid}
        sub = {"meetingCycleSubID": meeting.cycle_sub_id} if meeting.cycle_sub_id else {}
        now_ms = self._cloud.now_ms()
        event_info = meeting_event(event, now_ms, {**ids, **sub}, attendee)
        delivery = self._signed(registration.target.subscriber, event_info, now_ms)
        task = asyncio.create_task(self._senders[registration.target].deliver(delivery, stop=self._stop))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def delivered(self) -> None:
        """Return when what was told is delivered, or given up."""
        while self._under_way:
            await asyncio.wait(self._under_way)

    async def close(self) -> None:
        """Give up retries, wait for answers, and close the connections."""
        self._stop.set()
        await self.delivered()
        await self._open.aclose()

    def _signed(self, subscriber: Subscriber, event_info: Mapping[str, object], now_ms: int) -> Delivery:
        nonce = str(self._rng.randrange(10_000_000, 100_000_000))
        body = subscriber.push(event_info, timestamp_ms=now_ms, nonce=nonce)
        return Delivery(at=instant(now_ms), body=body, kind=Kind.PLAIN, event_info=event_info)
