"""Send pushes as the service does: the handshake, each event until it is taken, the retry schedule. Keeps a ledger.

Exactly 200 counts as taken; whether the service takes another 2xx is not documented.
"""

import asyncio
import enum
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from random import Random
from typing import Final

import aiohttp
import msgspec
from yarl import URL

from .address import parse_url, require_loopback
from .clock import Clock, RealClock, reached
from .connection import Answer, open_session, post, request_headers
from .errors import NoConnection, Refused
from .events import VERIFY, milliseconds, verify_event
from .faults import Delivery
from .ledger import Entry, Fate, Ledger
from .push import Subscriber
from .schedule import retry_delays

# Deliveries begun and not ended, those that wait for a retry included: bounds the memory that an outage costs.
_OUTSTANDING: Final = 10_000


class Retry(enum.StrEnum):
    """What a retry is made of; the reference leaves it open."""

    SAME = "same"
    """The same bytes and the same X-Request-ID."""
    RESIGNED = "resigned"
    """The same event under a new timestamp, nonce, signature and X-Request-ID."""


class Sender:
    """The sending half of one push configuration. Its clock rules the retries; the ledger may be shared."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: URL,
        subscriber: Subscriber,
        *,
        clock: Clock | None = None,
        ledger: Ledger | None = None,
        retry: Retry = Retry.SAME,
        in_flight: int = 8,
        allow_remote: bool = False,
        stamp: Callable[[], datetime] | None = None,
        due: Callable[[Delivery], None] | None = None,
        seed: int = 0,
    ) -> None:
        self.ledger = ledger or Ledger()
        self._session = session
        self._url = url
        self._subscriber = subscriber
        self._clock = clock or RealClock()
        self._retry = retry
        self._allow_remote = allow_remote
        self._stamp = stamp or self._clock.now
        self._due = due
        self._rng = Random(seed)  # noqa: S311 -- nonces and request IDs to be repeated, no secret
        self._in_flight = asyncio.Semaphore(in_flight)
        self._outstanding = asyncio.Semaphore(_OUTSTANDING)

    async def handshake(self) -> None:
        """Do what enabling the push on the service's page does.

        Raises NoConnection, or Refused unless the answer is 200 with the two members and this nonce.
        """
        stamp_ms, nonce = milliseconds(self._stamp()), self._nonce()
        answer = await self.send(self._subscriber.push(verify_event(stamp_ms), timestamp_ms=stamp_ms, nonce=nonce))
        if not answer.came:
            raise NoConnection(f"{self._url}: {answer.text}")
        if answer.text != "200":
            raise Refused(f"{self._url}: the handshake was answered {answer.text}")
        if not answers_handshake(answer.body, nonce):
            raise Refused(f"{self._url}: the handshake was answered 200, but not with its event and nonce alone")

    async def send(self, body: bytes, *, request_id: str | None = None) -> Answer:
        """Send one body once, to any address. Never raises for what the other side does."""
        headers = request_headers(self._url, body, request_id or self._request_id())
        return await post(self._session, self._url, body, headers)

    async def deliver(self, delivery: Delivery, *, stop: asyncio.Event | None = None) -> Entry:
        """Send one delivery until it is taken or the schedule ends; what is not genuine is tried once."""
        self._require_loopback()
        answers: list[str] = []
        request = (delivery.body, self._request_id())
        fate = await self._try(delivery, request, answers)
        for delay_s in retry_delays():
            if fate is not None:
                break
            due = self._clock.now() + timedelta(seconds=delay_s)
            if await reached(self._clock, due, stop or asyncio.Event()):
                request = self._request_again(delivery, request)
                fate = await self._try(delivery, request, answers)
            else:
                fate = "unfinished"
        entry = Entry(delivery=delivery, answers=tuple(answers), fate=fate or "dropped", at=self._clock.now())
        self.ledger.ended(entry)
        return entry

    async def follow(self, plan: Iterable[Delivery], *, stop: asyncio.Event) -> None:
        """Send each delivery at its instant by the clock; return when all have ended, soon after `stop` is set."""
        await self._send_all(((delivery.at, delivery) for delivery in plan), self._clock, stop)

    async def pour(self, plan: Iterable[Delivery], *, stop: asyncio.Event, rate: float | None = None) -> None:
        """Send whatever the instants say: `rate` a second in real time, or as fast as it is answered."""
        clock = RealClock()
        began = clock.now()
        step = timedelta(seconds=1 / rate if rate else 0)
        await self._send_all(((began + number * step, delivery) for number, delivery in enumerate(plan)), clock, stop)

    async def _send_all(self, timeline: Iterable[tuple[datetime, Delivery]], clock: Clock, stop: asyncio.Event) -> None:
        self._require_loopback()
        async with asyncio.TaskGroup() as group:
            for due, delivery in timeline:
                if not await reached(clock, due, stop):
                    break
                await self._outstanding.acquire()
                if self._due is not None:
                    # Who plays the meetings hears of it before the receiver does.
                    self._due(delivery)
                task = group.create_task(self.deliver(delivery, stop=stop))
                task.add_done_callback(lambda _: self._outstanding.release())

    async def _try(self, delivery: Delivery, request: tuple[bytes, str], answers: list[str]) -> Fate | None:
        """Return how the delivery ended by this try; None if it is to be tried again."""
        async with self._in_flight:
            answer = await self.send(request[0], request_id=request[1])
        self.ledger.answered(delivery, answer, retry=bool(answers))
        answers.append(answer.text)
        if answer.text == "200":
            return "accepted"
        return None if delivery.kind.genuine else "refused"

    def _request_again(self, delivery: Delivery, request: tuple[bytes, str]) -> tuple[bytes, str]:
        if self._retry is Retry.SAME or delivery.event_info is None:
            return request
        stamp_ms, nonce = milliseconds(self._stamp()), self._nonce()
        body = self._subscriber.push(delivery.event_info, timestamp_ms=stamp_ms, nonce=nonce, style=delivery.style)
        return body, self._request_id()

    def _require_loopback(self) -> None:
        require_loopback(self._url.host, allow_remote=self._allow_remote)

    def _nonce(self) -> str:
        # Eight decimal digits, and 32 hexadecimal ones below, as in the reference's examples.
        return str(self._rng.randrange(10_000_000, 100_000_000))

    def _request_id(self) -> str:
        return f"{self._rng.getrandbits(128):032x}"


@asynccontextmanager
async def open_sender(
    url: str, subscriber: Subscriber, *, clock: Clock | None = None, retry: Retry = Retry.SAME, in_flight: int = 8
) -> AsyncIterator[Sender]:
    """Yield a sender to this machine with connections of its own."""
    async with open_session() as session:
        yield Sender(session, parse_url(url), subscriber, clock=clock, retry=retry, in_flight=in_flight)


def answers_handshake(body: bytes, nonce: str) -> bool:
    """Return whether a body is the handshake's answer: these two members, no other, white space aside."""
    try:
        return bool(msgspec.json.decode(body) == {"event": VERIFY, "nonce": nonce})
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
