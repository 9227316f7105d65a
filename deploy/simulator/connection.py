"""Post one body over a real connection, and say in a few countable words what came of it."""

import ssl
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Final

import aiohttp
import msgspec
from yarl import URL

from .errors import BadArguments

# What OpenSSL, by its versions, says of bytes that are another protocol's.
_NOT_TLS: Final = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG")


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What came back for one try."""

    text: str
    """The status, or in words why there was none."""
    seconds: float
    reason: str = ""
    headers: Mapping[str, str] = {}
    body: bytes = b""

    @property
    def came(self) -> bool:
        """Whether there was one at all."""
        return self.text.isdecimal()

    def __repr__(self) -> str:
        """Show the status, not what came with it."""
        return f"<Answer {self.text}>"


@asynccontextmanager
async def open_session(
    *, timeout_s: float = 10.0, tls: ssl.SSLContext | None = None
) -> AsyncIterator[aiohttp.ClientSession]:
    """Yield a pool of connections. Certificates are always checked, against `tls` where it is given."""
    connector = aiohttp.TCPConnector(limit=0, ssl=tls or True)
    timeout = aiohttp.ClientTimeout(total=timeout_s)
    async with aiohttp.ClientSession(
        connector=connector, timeout=timeout, auto_decompress=False, skip_auto_headers=("Accept", "Accept-Encoding")
    ) as session:
        yield session


def trust(ca_file: Path | None) -> ssl.SSLContext | None:
    """Return what to check certificates against; None for the machine's own. Raises BadArguments. Reads files."""
    if ca_file is None:
        return None
    try:
        return ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError) as error:
        raise BadArguments(f"no certificates can be read from {ca_file}: {error}") from None


def request_headers(url: URL, body: bytes, request_id: str) -> dict[str, str]:
    """Return every header that is sent: the block of the reference's example, and what HTTP itself asks for."""
    return {
        "Host": url.host_port_subcomponent or "",
        "Date": format_datetime(datetime.now(UTC), usegmt=True),
        "Content-Type": "application/json;charset=UTF-8",
        "Content-Length": str(len(body)),
        "Connection": "keep-alive",
        "Pragma": "No-cache",
        "Cache-Control": "no-cache",
        "X-Request-ID": request_id,
        # The service's is not documented.
        "User-Agent": "meetwire-simulator",
    }


async def post(session: aiohttp.ClientSession, url: URL, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Return the answer. Never raises for what the other side does; a redirect is an answer, and not followed."""
    began = time.perf_counter()
    try:
        async with session.post(url, data=body, headers=headers, allow_redirects=False) as response:
            content = await response.read()
            return Answer(
                text=str(response.status),
                seconds=time.perf_counter() - began,
                reason=response.reason or "",
                headers=response.headers,
                body=content,
            )
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        return Answer(text=in_words(error), seconds=time.perf_counter() - began)


def in_words(error: Exception) -> str:
    """Return why there was no answer."""
    match error:
        case TimeoutError():
            return "time is up"
        case aiohttp.ClientConnectorCertificateError(certificate_error=ssl.SSLCertVerificationError() as refused):
            return f"certificate refused: {refused.verify_message.rstrip('.')}"
        case aiohttp.ClientConnectorSSLError(os_error=ssl.SSLError(reason=reason)) if reason in _NOT_TLS:
            return "no TLS there"
        case aiohttp.ClientSSLError():
            return "no connection by TLS"
        case aiohttp.ClientConnectorDNSError():
            return "no such host"
        case aiohttp.ClientConnectorError():
            return "nothing listens there" if isinstance(error.os_error, ConnectionRefusedError) else "no connection"
        case aiohttp.ClientResponseError():
            return "not HTTP"
        case _:
            return "connection lost"
