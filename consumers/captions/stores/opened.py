"""Open the store that an address names."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Final

from schemas.settings import Captions

from ..errors import Misconfigured
from . import Store
from .folder import open_folder

_EXTRA: Final = {"boto3", "botocore"}


@contextlib.asynccontextmanager
async def opened(settings: Captions, address: str, *, reading: bool = False) -> AsyncIterator[Store]:
    """Give the store at `address`: `settings.store`, `settings.keys_store`, a witness, or a copy.

    With `reading` nothing is made and nothing can be written. Raises Misconfigured where it cannot be one. A store that
    is away only now is given all the same: what is asked of it raises StoreUnavailable.
    """
    async with await _opening(settings, address, reading) as store:
        yield store


async def _opening(settings: Captions, address: str, reading: bool) -> contextlib.AbstractAsyncContextManager[Store]:
    if not address.startswith("s3://"):
        return open_folder(address, reading=reading)
    open_s3 = await asyncio.to_thread(_opener_of_s3, address)
    return open_s3(settings, address, reading)


def _opener_of_s3(address: str) -> Callable[[Captions, str, bool], contextlib.AbstractAsyncContextManager[Store]]:
    """Import what needs boto3: it is an extra, and takes half a second of reading files."""
    try:
        from .s3.store import open_s3
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _EXTRA:
            raise
        raise Misconfigured(f"{address} needs {error.name}: install what requirements/extras.txt lists") from None
    return open_s3
