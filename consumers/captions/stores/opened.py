"""Open the store that an address names."""

import contextlib
from collections.abc import AsyncIterator

from schemas.settings import Captions

from . import Store
from .folder import open_folder


@contextlib.asynccontextmanager
async def opened(settings: Captions, address: str) -> AsyncIterator[Store]:
    """Give the store at `address`: `settings.store`, `settings.keys_store`, or a witness.

    Raises Misconfigured where it cannot be one. A store that is away only now is given all the same: what is asked of
    it raises StoreUnavailable.
    """
    async with open_folder(address) as store:
        yield store
