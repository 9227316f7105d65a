"""Agree on who leads: one publishes and tells, all others decide the same and stand by.

On Kafka the group `qos-leader` says so: its member that has partition 0 of the topic of alerts. It learns of a dead
leader after the group's session, ten seconds. For a moment there can be two, one of which does not know yet: both
decide the same under the same IDs. On the local log the lock of a file beside it says so.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Final, Protocol

from schemas.lines import Logger
from schemas.topics import ALERTS

from ..errors import SourceUnavailable
from ..sources import Reading, Source

_GROUP: Final = "qos-leader"
_PAUSE_S: Final = 1.0


def leader(topic_prefix: str) -> Reading:
    """Return what a member of the group reads; each installation on a cluster has a group of its own."""
    group = f"{_GROUP}.{topic_prefix}"[:100] if topic_prefix else _GROUP
    return Reading(consumer=_GROUP, topics=frozenset({ALERTS}), group=group, start="latest")


class Leading(Protocol):
    """Says whether this process leads, now."""

    @property
    def leads(self) -> bool:
        """Whether it does."""
        ...

    @property
    def certain(self) -> bool:
        """Whether nobody else can lead while it says so."""
        ...


class Elected:
    """A member of the group; implements Leading. Made by `elected`."""

    certain: Final = False

    def __init__(self, source: Callable[[], AbstractAsyncContextManager[Source]], logger: Logger) -> None:
        self._source, self._logger = source, logger
        self.leads = False

    async def stand(self) -> None:
        """Take part in the group, for as long as this runs; where Kafka fails, begin anew."""
        while True:
            try:
                async with self._source() as source:
                    while True:
                        # For the group alone: what it says is read elsewhere, by all.
                        await source.fetch(1_000, _PAUSE_S)
                        self.leads = source.has(ALERTS, 0)
            except SourceUnavailable as error:
                self._logger.warning("consumer.failed", consumer=_GROUP, reason=str(error))
            except Exception as error:
                # A fault of ours must not make this one stand by for ever, unheard. Without what it was about.
                self._logger.error("service.failed", kind=type(error).__name__, where="leading")  # noqa: TRY400
            finally:
                self.leads = False
            await asyncio.sleep(_PAUSE_S)


@contextlib.asynccontextmanager
async def elected(source: Callable[[], AbstractAsyncContextManager[Source]], logger: Logger) -> AsyncIterator[Leading]:
    """Take part within this block."""
    member = Elected(source, logger)
    task = asyncio.create_task(member.stand())
    try:
        yield member
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
