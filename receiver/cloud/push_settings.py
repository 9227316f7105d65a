"""Set where the enterprise push goes, step by step, as the service's page does it for a person.

What is configured for somebody else is never touched without being told to: it may be in use.
"""

from collections.abc import Callable
from typing import Protocol, TypeVar

from schemas.settings import Secret

from . import push_configuration as push
from .ask import Ask
from .errors import Faulty, NotFound
from .push_configuration import PushDiffers, PushStatus, PushUnaddressed

_T = TypeVar("_T")


class Read(Protocol):
    """Asks, and returns what is read of the answer's body. Raises CloudError."""

    async def __call__(self, ask: Ask, read: Callable[[bytes], _T], /) -> _T: ...  # noqa: D102 -- the class says it


class PushSettings:
    """The enterprise push of one enterprise. Its methods are Cloud's."""

    def __init__(self, read: Read, *, corp_id: str | None) -> None:
        self._read = read
        self._corp_id = corp_id

    async def status(self) -> PushStatus:
        """Return how it is configured."""
        try:
            return await self._read(push.ask_push(self._corp_id), push.push_of)
        except NotFound:
            return push.ABSENT

    async def enable(self, *, subscriber_id: str, password: Secret, url: str | None, replace: bool) -> PushStatus:
        """Register it where it is not there, or may be replaced, and enable it."""
        found = await self.status()
        wrong = push.trouble(found, subscriber_id=subscriber_id, url=url)
        if wrong in ("other_subscriber", "other_url") and not replace:
            raise PushDiffers
        if replace and found.configuration_id is not None:
            await self._done(push.ask_remove(found.configuration_id))
            url, found = url or found.url, push.ABSENT
        if found.configuration_id is None:
            found = await self._registered(subscriber_id, password, url)
        return await self._changed(found, push.ENABLE)

    async def disable(self) -> PushStatus:
        """Disable what is there."""
        found = await self.status()
        return found if found.configuration_id is None else await self._changed(found, push.DISABLE)

    async def _registered(self, subscriber_id: str, password: Secret, url: str | None) -> PushStatus:
        if url is None:
            raise PushUnaddressed
        await self._done(
            push.ask_register(subscriber_id=subscriber_id, password=password, url=url, corp_id=self._corp_id)
        )
        # The answer does not say under which ID.
        found = await self.status()
        if found.configuration_id is None:
            raise Faulty
        return found

    async def _changed(self, found: PushStatus, status: int) -> PushStatus:
        await self._done(push.ask_change(found.configuration_id or "", status))
        return await self.status()

    async def _done(self, ask: Ask) -> None:
        await self._read(ask, lambda _: None)
