"""One request over HTTP: sent, answered within its time and size, or one of our errors.

No cookies, no redirects (a token would go along), no proxy but the one in the settings, TLS always checked. What
goes wrong is told by kind alone: an error of aiohttp quotes addresses.
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Final

import aiohttp

from schemas.settings import App

from .ask import Answer, Ask
from .errors import BadRequest, CloudError, Faulty, Unreachable

AGENT: Final = f"meetwire/{version('meetwire')}"
# The longest answer is a page of 500 people or a series of figures: a few hundred KiB.
MAX_BODY_BYTES: Final = 67_108_864
# Requests on their way at once; more wait. Sockets are not among them.
_AT_ONCE: Final = 32
_CHUNK: Final = 65_536


class Transport:
    """Sends requests to one enterprise's address."""

    def __init__(self, session: aiohttp.ClientSession, app: App, *, max_body_bytes: int = MAX_BODY_BYTES) -> None:
        self._session = session
        self._address = app.api
        self._max_body_bytes = max_body_bytes
        self._timeout = aiohttp.ClientTimeout(total=app.request_timeout_s)
        self._free = asyncio.Semaphore(_AT_ONCE)

    async def send(self, ask: Ask, headers: Mapping[str, str]) -> Answer:
        """Return the answer, whatever its status. Raises Unreachable, Faulty, BadRequest."""
        async with self._free:
            try:
                return await self._send(ask, {**headers, **ask.headers})
            except (aiohttp.ClientError, OSError, ValueError) as error:
                raise _ours(error) from None

    async def _send(self, ask: Ask, headers: Mapping[str, str]) -> Answer:
        content = {} if ask.body is None else {"Content-Type": "application/json; charset=UTF-8"}
        async with self._session.request(
            ask.method,
            self._address + ask.path,
            params=ask.query,
            data=ask.body,
            headers={"Accept": "application/json", **content, **headers},
            allow_redirects=False,
            timeout=self._timeout,
        ) as response:
            return Answer(
                status=response.status,
                body=await self._read(response),
                date=response.headers.get("Date"),
                retry_after=response.headers.get("Retry-After"),
            )

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        body = bytearray()
        async for chunk in response.content.iter_chunked(_CHUNK):
            body += chunk
            if len(body) > self._max_body_bytes:
                response.close()
                raise Faulty(status=response.status)
        return bytes(body)


@asynccontextmanager
async def session_of(app: App, trust: ssl.SSLContext | None) -> AsyncIterator[aiohttp.ClientSession]:
    """Yield the one session for requests and sockets, through the proxy of the settings.

    Its connections are not limited: each open socket holds one, and there may be ten thousand.
    """
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, ssl=trust or True),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": AGENT},
        proxy=app.proxy,
        trust_env=False,
    ) as session:
        yield session


def trust_of(app: App) -> ssl.SSLContext | None:
    """Return what certificates are checked with: the system's authorities and those of `app.ca_file`. Blocking.

    Raises OSError (ssl.SSLError is one) for a file that is not there or holds no certificate.
    """
    if app.ca_file is None:
        return None
    context = ssl.create_default_context()
    context.load_verify_locations(app.ca_file)
    return context


def _ours(error: aiohttp.ClientError | OSError | ValueError) -> CloudError:
    """Say what an error of the way means, without its words."""
    match error:
        case TimeoutError():
            return Unreachable("timeout")
        case aiohttp.ClientHttpProxyError(status=status):
            return Unreachable("proxy", status=status)
        case aiohttp.ClientProxyConnectionError():
            return Unreachable("proxy")
        case aiohttp.ClientSSLError() | ssl.SSLError():
            return Unreachable("tls")
        case aiohttp.ClientConnectorError(os_error=socket.gaierror()):
            return Unreachable("dns")
        case aiohttp.ClientPayloadError() | aiohttp.ClientResponseError():
            return Faulty()
        case aiohttp.ClientError() | OSError():
            return Unreachable("connect")
        case _:
            # A header or an address that cannot be sent: a password with a line break in it.
            return BadRequest()
