"""The desk of another process, over its listener; implements schemas.desk.AlertDesk.

An answer is decoded as strictly as a question. What is not understood is DeskUnavailable: nothing is guessed.
"""

import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final, TypeVar
from urllib.parse import quote

import aiohttp
import msgspec

from schemas.desk import (
    AlertOnDesk,
    DeskError,
    DeskUnavailable,
    NotAllowed,
    NotThere,
    NotWanted,
    SilenceWanted,
    Tried,
    Who,
)
from schemas.events import AlertAcknowledged, AlertSilenced
from schemas.secret import Secret

from .shapes import Acknowledging, Problem, SilenceAsked, TestAsked

# A test goes to every channel, each within its own time-out.
_PATIENCE_S: Final = 180.0
_ERRORS: Final[Mapping[int, type[DeskError]]] = {400: NotWanted, 401: NotAllowed, 404: NotThere}
_T = TypeVar("_T")


class DeskClient:
    """Asks one listener."""

    def __init__(self, session: aiohttp.ClientSession, address: str, token: Secret) -> None:
        self._session, self._address = session, address.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token.reveal()}", "Content-Type": "application/json"}

    async def standing(self) -> list[AlertOnDesk]:
        """Return what stands. Raises DeskError, as all of them do."""
        return await self._ask("GET", "/v1/alerts", list[AlertOnDesk])

    async def past(self, limit: int = 100) -> list[AlertOnDesk]:
        """Return what is over."""
        return await self._ask("GET", f"/v1/alerts?past={limit}", list[AlertOnDesk])

    async def silences(self) -> list[AlertSilenced]:
        """Return those that hold or begin later."""
        return await self._ask("GET", "/v1/silences", list[AlertSilenced])

    async def silence(self, wanted: SilenceWanted, who: Who) -> AlertSilenced:
        """Make one."""
        return await self._ask("POST", "/v1/silences", AlertSilenced, SilenceAsked(wanted, who))

    async def end_silence(self, silence_id: str, who: Who) -> AlertSilenced:
        """End one."""
        path = f"/v1/silences/{quote(silence_id, safe='')}?who={quote(who, safe='')}"
        return await self._ask("DELETE", path, AlertSilenced)

    async def acknowledge(self, alert_id: str, who: Who, note: str = "") -> AlertAcknowledged:
        """Say that somebody is at it."""
        path = f"/v1/alerts/{quote(alert_id, safe='')}/acknowledge"
        return await self._ask("POST", path, AlertAcknowledged, Acknowledging(who, note))

    async def send_test(self, channel: str | None = None) -> list[Tried]:
        """Send a test."""
        return await self._ask("POST", "/v1/test", list[Tried], TestAsked(channel))

    async def _ask(self, method: str, path: str, kind: type[_T], asked: object = None) -> _T:
        body = None if asked is None else msgspec.json.encode(asked)
        try:
            async with self._session.request(
                method, self._address + path, data=body, headers=self._headers, allow_redirects=False
            ) as response:
                return _told(response.status, await response.read(), kind)
        except TimeoutError:
            raise DeskUnavailable("the desk did not answer in time") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise DeskUnavailable(f"the desk is not reached: {type(error).__name__}") from None


def _told(status: int, body: bytes, kind: type[_T]) -> _T:
    try:
        if status == 200:
            return msgspec.json.decode(body, type=kind)
        problem = msgspec.json.decode(body, type=Problem)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise DeskUnavailable(f"the desk answered what is not understood, with status {status}") from None
    raise _ERRORS.get(status, DeskUnavailable)(problem.message)


@contextlib.asynccontextmanager
async def asking(address: str, token: Secret, **options: Any) -> AsyncIterator[DeskClient]:
    """Yield a client of the listener at http://host:port."""
    timeout = aiohttp.ClientTimeout(total=_PATIENCE_S, connect=5.0)
    async with aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar(), **options) as session:
        yield DeskClient(session, address, token)
