"""Run the simulated enterprise against a receiver: handshake, then days of meetings in the asked-for way.

Four ways: a day in fast time, paced for watching, at a fixed rate, or a total as fast as it is answered. A simulated
day lies in the past and ends now: a receiver sets aside what is stamped ahead of its clock or older than the retry
horizon.
"""

import asyncio
import contextlib
import itertools
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import msgspec

from .address import parse_url, require_loopback
from .clock import Clock, FastClock, RealClock
from .cloud import Cloud, CloudOptions, running_cloud
from .cloud.follow import follow
from .connection import open_session, trust
from .day import Planned, day_of_meetings
from .faults import Delivery, Kind, deliveries
from .ledger import Ledger
from .pace import at_pace, days
from .push import Style, Subscriber
from .report import Report, report_of
from .sender import Retry, Sender


class SimulateOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What to simulate, and for whom."""

    url: str
    subscriber: Subscriber
    seed: int = 1
    meetings: int = 40
    """A day."""
    hours: float = 10.0
    """The length of a day; up to 24, so that no push is older than the receiver's retry horizon."""
    speed: float = 600.0
    """Simulated seconds a second; the waits between retries included."""
    rate: float | None = None
    """Pushes a second in real time, whatever the day says."""
    total: int | None = None
    """Stop after so many pushes; without `rate` or `paced` as fast as they are answered."""
    for_s: float | None = None
    once: bool = False
    """Stop after one day."""
    paced: bool = False
    """Two to five events a second, as if they happened now."""
    faults: Mapping[Kind, float] = {}
    styles: tuple[Style, ...] = (Style.COMPACT,)
    retry: Retry = Retry.SAME
    in_flight: int = 8
    timeout_s: float = 10.0
    """For one answer."""
    progress_every_s: float = 5.0
    ca_file: Path | None = None
    allow_remote: bool = False
    cloud: CloudOptions | None = None
    """Have the meeting cloud beside it: the same meetings, with REST calls and sockets. Its clock is the machine's."""


async def simulate(
    options: SimulateOptions,
    *,
    stop: asyncio.Event,
    progress: Callable[[Report], None] | None = None,
    ledger: Ledger | None = None,
    listening: Callable[[Cloud], None] | None = None,
    cloud: Cloud | None = None,
) -> Report:
    """Return the figures once all that was asked for is sent, or soon after `stop` is set.

    What is in flight then is still waited for; retries are not. Hand in a `ledger` to have each delivery's end,
    `listening` to have the cloud of the options before anything is sent, or a `cloud` that runs already, in which the
    same meetings are to be on.
    Raises NoConnection or Refused when the handshake fails, NotLoopback for another machine.
    """
    url = parse_url(options.url)
    require_loopback(url.host, allow_remote=options.allow_remote)
    tls = await asyncio.to_thread(trust, options.ca_file)
    kept = ledger or Ledger(keep=False)
    began = time.monotonic()
    async with open_session(timeout_s=options.timeout_s, tls=tls) as session, _played(options, listening, cloud) as due:
        run = _Run(options, session, kept, due)
        await run.sender(RealClock()).handshake()
        async with _ended(stop, options.for_s) as ended, _told(progress, options.progress_every_s, kept, began):
            await run.until(ended)
    return report_of(kept, time.monotonic() - began)


_Due = Callable[[Delivery], None]


class _Run:
    """One simulation under way."""

    def __init__(
        self, options: SimulateOptions, session: aiohttp.ClientSession, ledger: Ledger, due: _Due | None
    ) -> None:
        self._options = options
        self._session = session
        self._ledger = ledger
        self._due = due

    def sender(self, clock: Clock) -> Sender:
        """Return a sender that stamps by `clock`, but never ahead of the machine's own."""
        options = self._options
        return Sender(
            self._session,
            parse_url(options.url),
            options.subscriber,
            clock=clock,
            ledger=self._ledger,
            retry=options.retry,
            in_flight=options.in_flight,
            allow_remote=options.allow_remote,
            stamp=lambda: min(clock.now(), datetime.now(UTC)),
            due=self._due,
            seed=options.seed,
        )

    async def until(self, ended: asyncio.Event) -> None:
        """Send in the way that the options ask for."""
        options = self._options
        if options.paced:
            clock = RealClock()
            plan = at_pace(self._days(self._first_instant()), seed=options.seed, start=clock.now())
            await self.sender(clock).follow(self._signed(plan), stop=ended)
        elif options.rate is not None or options.total is not None:
            sender = self.sender(FastClock(datetime.now(UTC), options.speed))
            await sender.pour(self._signed(self._days(self._first_instant())), stop=ended, rate=options.rate)
        else:
            await self._fast_days(ended)

    async def _fast_days(self, ended: asyncio.Event) -> None:
        options = self._options
        for seed in itertools.count(options.seed):
            start = self._first_instant()
            plan = day_of_meetings(seed=seed, meetings=options.meetings, start=start, hours=options.hours)
            await self.sender(FastClock(start, options.speed)).follow(self._signed(plan), stop=ended)
            if options.once or ended.is_set():
                return

    def _first_instant(self) -> datetime:
        return datetime.now(UTC) - timedelta(hours=self._options.hours)

    def _days(self, start: datetime) -> Iterator[Planned]:
        options = self._options
        if options.once:
            return day_of_meetings(seed=options.seed, meetings=options.meetings, start=start, hours=options.hours)
        return days(seed=options.seed, meetings=options.meetings, start=start, hours=options.hours)

    def _signed(self, plan: Iterable[Planned]) -> Iterator[Delivery]:
        options = self._options
        signed = deliveries(plan, options.subscriber, seed=options.seed, rates=options.faults, styles=options.styles)
        return itertools.islice(signed, options.total)


@asynccontextmanager
async def _played(
    options: SimulateOptions, listening: Callable[[Cloud], None] | None, running: Cloud | None
) -> AsyncIterator[_Due | None]:
    """Yield what plays a delivery's event in a cloud; None where there is none."""
    if running is None and options.cloud is None:
        yield None
        return
    async with contextlib.nullcontext(running) if running else running_cloud(options.cloud) as cloud:
        if listening is not None:
            listening(cloud)
        yield lambda delivery: follow(cloud, delivery.event_info or {})


@asynccontextmanager
async def _ended(stop: asyncio.Event, for_s: float | None) -> AsyncIterator[asyncio.Event]:
    """Yield an event that is set with `stop` or after `for_s`; the caller's own is left alone."""
    ended = asyncio.Event()

    async def watch() -> None:
        try:
            async with asyncio.timeout(for_s):
                await stop.wait()
        except TimeoutError:
            pass
        ended.set()

    watching = asyncio.create_task(watch())
    try:
        yield ended
    finally:
        watching.cancel()


@asynccontextmanager
async def _told(
    progress: Callable[[Report], None] | None, every_s: float, ledger: Ledger, began: float
) -> AsyncIterator[None]:
    """Report every few seconds while the body runs."""

    async def tell() -> None:
        while progress is not None:
            await asyncio.sleep(every_s)
            progress(report_of(ledger, time.monotonic() - began))

    telling = asyncio.create_task(tell())
    try:
        yield
    finally:
        telling.cancel()
