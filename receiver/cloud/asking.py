"""Ask the service as often as it makes sense, and no more than it wants to be asked."""

import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

import structlog

from schemas.lines import Logger
from schemas.metrics import Meters

from .ask import Answer, Ask
from .errors import Again, CloudError, Throttled, Unauthenticated, Unreachable, meaning, plain_code
from .reading import members
from .transport import Transport

_LOG: Final[Logger] = structlog.get_logger("meetwire.receiver")

Now = Callable[[], datetime]
Sleep = Callable[[float], Awaitable[None]]
Uniform = Callable[[], float]
"""Draws from 0 up to 1."""

TRIES: Final = 4
_FIRST_S: Final = 0.5
_MOST_S: Final = 8.0
# A 429 that does not say how long.
_PAUSE_S: Final = 5.0
# A 429 that says longer than a day is mistaken, or nobody's to obey.
_LONGEST_PAUSE_S: Final = 86_400.0
# Nobody's call waits longer than this; it fails with Throttled, and its caller knows what else to do.
_LONGEST_WAIT_S: Final = 30.0


class Asking:
    """The calls of one enterprise. A 429 to one of them holds up all."""

    def __init__(
        self, transport: Transport, *, enterprise: str, meters: Meters, now: Now, sleep: Sleep, uniform: Uniform
    ) -> None:
        self._transport = transport
        self._enterprise = enterprise
        self._meters = meters
        self._now = now
        self._sleep = sleep
        self._uniform = uniform
        self._pause = _Pause()

    async def ask(self, make: Callable[[], Ask], headers: Mapping[str, str]) -> Answer:
        """Return a good answer. `make` is called for each try: a signature is good for one.

        Raises CloudError; Again only after the last try.
        """
        delays = _delays(self._uniform)
        while True:
            await self._wait_out()
            ask = make()
            try:
                return await self._once(ask, headers)
            except Again as error:
                delay_s = next(delays, None)
                if delay_s is None or not ask.repeatable:
                    raise
                if not isinstance(error, Throttled):
                    await self._sleep(delay_s)

    async def _once(self, ask: Ask, headers: Mapping[str, str]) -> Answer:
        began = time.perf_counter()
        try:
            answer = await self._transport.send(ask, headers)
            if not 200 <= answer.status < 300:
                raise refusal(answer, now=self._now())
        except CloudError as error:
            self._count(ask, error.outcome)
            if isinstance(error, Throttled):
                self._throttle(error)
            raise
        finally:
            self._meters.histogram("meetwire_cloud_call_seconds", call=ask.name).observe(time.perf_counter() - began)
        self._count(ask, "good")
        return answer

    async def _wait_out(self) -> None:
        """Wait until the service wants to be asked again. Raises Throttled where that is too long to wait for."""
        while (left_s := self._pause.left_s(self._now())) > 0:
            if left_s > _LONGEST_WAIT_S:
                raise Throttled(retry_after_s=left_s)
            # Not all at the same moment.
            await self._sleep(left_s + self._uniform())

    def _throttle(self, error: Throttled) -> None:
        self._meters.counter("meetwire_cloud_throttled_total", enterprise=self._enterprise).inc()
        now, seconds = self._now(), _PAUSE_S if error.retry_after_s is None else error.retry_after_s
        left_s = self._pause.left_s(now)
        if seconds > left_s:
            self._pause = _Pause(now, seconds)
        # Of many that are on their way at once, one is told of.
        if left_s == 0:
            _LOG.warning("cloud.throttled", enterprise=self._enterprise, retry_after_s=seconds)

    def _count(self, ask: Ask, outcome: str) -> None:
        self._meters.counter(
            "meetwire_cloud_calls_total", enterprise=self._enterprise, call=ask.name, outcome=outcome
        ).inc()


class _Pause:
    """How long nothing is asked. A clock that is set back does not make it longer."""

    def __init__(self, since: datetime | None = None, seconds: float = 0.0) -> None:
        self._since = since
        self._seconds = seconds

    def left_s(self, now: datetime) -> float:
        """Return how many seconds are left, 0 at the least."""
        if self._since is None:
            return 0.0
        gone_s = (now - self._since).total_seconds()
        return max(0.0, self._seconds - gone_s) if gone_s >= 0 else 0.0


def refusal(answer: Answer, *, now: datetime) -> CloudError:
    """Return what an answer other than 2xx means. Pure."""
    code = _code(answer.body)
    kind = meaning(answer.status, code)
    if issubclass(kind, Unreachable):
        return Unreachable("proxy", status=answer.status)
    if issubclass(kind, Throttled):
        return Throttled(code=code, status=answer.status, retry_after_s=retry_after_s(answer, now=now))
    if issubclass(kind, Unauthenticated):
        date = _http_date(answer.date)
        ahead_s = None if date is None else (now - date).total_seconds()
        return Unauthenticated(code=code, status=answer.status, ahead_s=ahead_s)
    return kind(code=code, status=answer.status)


def retry_after_s(answer: Answer, *, now: datetime) -> float | None:
    """Return how long a 429 asks to wait: given as seconds or as a date (RFC 9110, 10.2.3), by the service's clock."""
    spelt = (answer.retry_after or "").strip()
    if spelt.isdecimal():
        return min(_LONGEST_PAUSE_S, float(spelt))
    until = _http_date(spelt)
    if until is None:
        return None
    return min(_LONGEST_PAUSE_S, max(0.0, (until - (_http_date(answer.date) or now)).total_seconds()))


def _code(body: bytes) -> str | None:
    try:
        return plain_code(members(body).get("error_code"))
    except CloudError:
        return None


def _http_date(spelt: str | None) -> datetime | None:
    try:
        found = parsedate_to_datetime(spelt or "")
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _delays(uniform: Uniform) -> Iterator[float]:
    """Yield how long to wait before each further try: full jitter under a bound that doubles."""
    for number in range(TRIES - 1):
        yield uniform() * min(_MOST_S, _FIRST_S * 2**number)
