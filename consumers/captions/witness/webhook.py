"""A web address as a witness: each checkpoint is posted to it, and any 2xx says that it has it.

What it does with it is its own affair. It cannot be asked what it has, so after a start it gets the newest once more.
"""

import asyncio
import ssl
from urllib.parse import urlsplit

import aiohttp

from ..errors import Conflict, StoreUnavailable


class Webhook:
    """A witness at `url`; the body is the signed note, as it lies in the archive."""

    def __init__(self, session: aiohttp.ClientSession, url: str, trust: ssl.SSLContext) -> None:
        self._session, self._url, self._trust = session, url, trust

    @property
    def address(self) -> str:
        """Scheme and host: what comes after may be a secret."""
        parts = urlsplit(self._url)
        return f"{parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else "")

    async def take(self, size: int, note: bytes) -> None:
        """Post the note. 409 says that the witness has one that this does not follow from (C2SP tlog-witness)."""
        try:
            status = await self._post(note)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise StoreUnavailable(f"{self.address}: {type(error).__name__}") from error
        if status == 409:
            raise Conflict(f"{self.address}: it has a checkpoint that the one over {size} entries does not follow from")
        if not 200 <= status < 300:
            raise StoreUnavailable(f"{self.address}: it answers {status}")

    async def _post(self, note: bytes) -> int:
        headers = {"Content-Type": "text/plain; charset=utf-8"}
        # A redirect may lead anywhere, and turns a POST into a GET: it is no answer.
        async with self._session.post(
            self._url, data=note, headers=headers, ssl=self._trust, allow_redirects=False
        ) as answer:
            return answer.status


async def trusted(ca_file: str | None) -> ssl.SSLContext:
    """Return what says whom to trust: the system's authorities, and `ca_file`'s. Raises OSError."""
    context = await asyncio.to_thread(ssl.create_default_context)
    if ca_file is not None:
        await asyncio.to_thread(context.load_verify_locations, ca_file)
    return context
