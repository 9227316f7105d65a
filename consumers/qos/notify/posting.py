"""Speak with a channel over HTTP, within its time-out, and read of the answer no more than is needed.

What goes wrong is told by kind alone: an error of aiohttp quotes addresses, and those are passwords here.
"""

import asyncio
import contextlib
import ssl
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final, Protocol

import aiohttp
import msgspec

from schemas.notify import Notify

from . import Refused, Unavailable

MOST_BYTES: Final = 65_536
_MOST_WAIT_S: Final = 3_600.0
# The message itself is at fault; everything else may be mended, here or there, while we try again.
_OF_THE_MESSAGE: Final = frozenset({400, 410, 413, 415, 422})


class Answer(msgspec.Struct, frozen=True):
    """What the other side said."""

    status: int
    body: bytes
    after_s: float = 0.0
    """Retry-After."""

    def member(self, name: str) -> Any:
        """Return a member of a JSON object; None where there is no such thing."""
        try:
            told = msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None
        return told.get(name) if isinstance(told, dict) else None

    def check(self) -> None:
        """Raise Refused or Unavailable for another status than 2xx."""
        if 200 <= self.status < 300:
            return
        if self.status in _OF_THE_MESSAGE:
            raise Refused(f"status {self.status}")
        raise Unavailable(f"status {self.status}", self.after_s)


class Post(Protocol):
    """Posts JSON, or asks for some."""

    async def __call__(
        self, url: str, body: bytes | None, headers: Mapping[str, str] | None = None, *, most_bytes: int = MOST_BYTES
    ) -> Answer:
        """Return the answer, whatever its status, cut to so many bytes; `body`: None asks. Raises Unavailable."""
        ...


@contextlib.asynccontextmanager
async def posting(settings: Notify) -> AsyncIterator[Post]:
    """Yield what posts for one channel. Raises OSError for a `ca_file` that cannot be used."""
    always = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "meetwire", **_login(settings)}
    trust = await asyncio.to_thread(ssl.create_default_context, cafile=settings.ca_file)
    timeout = aiohttp.ClientTimeout(total=settings.timeout_s)
    connector = aiohttp.TCPConnector(ssl=trust, limit=4)
    async with aiohttp.ClientSession(
        connector=connector, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()
    ) as session:

        async def post(
            url: str, body: bytes | None, headers: Mapping[str, str] | None = None, *, most_bytes: int = MOST_BYTES
        ) -> Answer:
            try:
                # A redirect would carry what we say to somebody that nobody chose.
                async with session.request(
                    "GET" if body is None else "POST",
                    url,
                    data=body,
                    headers={**always, **(headers or {})},
                    allow_redirects=False,
                    proxy=settings.proxy,
                ) as response:
                    told = await _read(response.content, most_bytes)
                    return Answer(response.status, told, _after(response.headers.get("Retry-After", "")))
            except TimeoutError:
                raise Unavailable("no answer in time") from None
            except (aiohttp.ClientError, OSError, ValueError) as error:
                raise Unavailable(type(error).__name__) from None

        yield post


def _login(settings: Notify) -> dict[str, str]:
    """Return what a proxy asks for (RFC 7617), where it does."""
    if settings.user is None or settings.password is None:
        return {}
    known = f"{settings.user}:{settings.password.reveal()}".encode()
    return {"Authorization": f"Basic {b64encode(known).decode()}"}


async def _read(content: aiohttp.StreamReader, most_bytes: int) -> bytes:
    """Return what is said, however many packets it comes in; what breaks off is what came until then."""
    told = bytearray()
    with contextlib.suppress(aiohttp.ClientError, TimeoutError):
        while len(told) < most_bytes and (more := await content.read(most_bytes - len(told))):
            told += more
    return bytes(told)


def _after(text: str) -> float:
    # As seconds alone: nobody whom we know sends a date.
    return min(float(text), _MOST_WAIT_S) if text.isascii() and text.isdigit() else 0.0
