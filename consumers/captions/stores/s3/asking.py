"""Ask S3: in threads, again where another try may end otherwise, and no longer than the settings say."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Final, TypeVar

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from ...errors import StoreUnavailable
from ..backoff import backoff
from ..threads import Threads
from .faults import Fault, fault, reason

_T = TypeVar("_T")

# Also the most connections. Each waits for the network; one core signs and hashes for all of them.
MOST: Final = 8

# A page of excuse in S3's place, of a proxy on the way, say with status 200: what an answer must have is not there.
_NO_S3: Final = (ResponseParserError, KeyError)


class Said(Exception):
    """S3 gave an answer that the asker had expected: `fault`, in its own words `reason`."""

    def __init__(self, what: Fault, why: str, *, again: bool) -> None:
        super().__init__(why)
        self.fault, self.reason = what, why
        self.again = again
        """There were tries before that failed, and may have done what was asked all the same."""


class Asking:
    """The way to one bucket."""

    def __init__(
        self,
        address: str,
        *,
        timeout_s: float,
        delays: Callable[[], Iterator[float]] = backoff,
    ) -> None:
        self.address = address
        self._timeout_s, self._delays = timeout_s, delays
        self.threads = Threads(MOST, "meetwire-s3")
        # What waits for a thread has not begun: its time does not run.
        self._turns = asyncio.Semaphore(MOST)

    async def ask(self, call: Callable[[], _T], *expected: Fault) -> _T:
        """Return what `call` returns, which asks S3 once, and takes from the answer what it needs.

        Raises Said where the answer is one of `expected`, else StoreUnavailable.
        """
        async with self._turns:
            return await self._ask(call, expected)

    async def _ask(self, call: Callable[[], _T], expected: tuple[Fault, ...]) -> _T:
        failed = ""
        try:
            async with asyncio.timeout(self._timeout_s):
                delays = self._delays()
                while True:
                    try:
                        return await self.threads.run(call)
                    except (BotoCoreError, ClientError, *_NO_S3) as error:
                        failed = self._sort(error, expected, again=bool(failed))
                    await asyncio.sleep(next(delays))
        except TimeoutError:
            pass
        raise StoreUnavailable(f"{self.address}: {failed or 'no answer'} within {self._timeout_s:g} s")

    def _sort(
        self,
        error: BotoCoreError | ClientError | ResponseParserError | KeyError,
        expected: tuple[Fault, ...],
        *,
        again: bool,
    ) -> str:
        """Return what to say if time runs out before another try ends better. Raises what no try would change."""
        if isinstance(error, _NO_S3):
            return "who answers is not S3"
        what, why = fault(error), reason(error)
        if what in expected:
            raise Said(what, why, again=again) from error
        if what is not Fault.AGAIN:
            raise StoreUnavailable(f"{self.address}: {why}") from error
        return why
