"""Read what the service's own alarms of quality go by, each hour, and publish it.

The numbers hold for an enterprise as a whole, so one receiver asks: the one that has the partition of the enterprise's
name. It asks beside the budget of calls for samples: one an hour is nothing. They are published each time, changed or
not, so that whoever reads back two hours knows them.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from typing import Final

import structlog

from schemas.events import QualityThresholdsRead, ServiceThreshold
from schemas.lines import Logger
from schemas.record import content_id, partition_of
from schemas.settings import Subscriber
from schemas.topics import STATE

from ..cloud.errors import CloudError
from ..cloud.errors import Final as FinalError
from ..entry import Entry, Origin
from ..errors import LogUnavailable
from ..forward.backoff import backoff
from ..log import Log
from ..normalise.enterprise import milliseconds
from .calls import asks
from .port import Limit, Limits, LimitsCloud

_LOG: Final[Logger] = structlog.get_logger("meetwire.receiver")

EVERY_S: Final = 3_600.0
# Until it is looked again whether the enterprise is ours, which it is a moment after the start, and the disk has room.
LOOK_S: Final = 1.0
_FIRST_BACKOFF_S: Final = 10.0
_MOST_BACKOFF_S: Final = 600.0


class ThresholdSource:
    """Asks for one enterprise; `owned` tells whether this process has the partition of a key."""

    def __init__(
        self,
        cloud: LimitsCloud,
        log: Log,
        *,
        enterprise: str,
        settings: Subscriber,
        partitions: int,
        owned: Callable[[str], bool],
        is_tight: Callable[[], bool] = lambda: False,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        uniform: Callable[[], float] = random.random,
    ) -> None:
        self._cloud, self._log, self._enterprise = cloud, log, enterprise
        self._asks, self._partitions = asks(settings.quality), partitions
        self._owned, self._is_tight = owned, is_tight
        self._now, self._sleep, self._uniform = now, sleep, uniform
        self._delays = self._backoff()
        self._refused = False

    async def run(self) -> None:
        """Ask until cancelled. Returns at once where the settings want no calls."""
        while self._asks:
            ours = self._owned(self._enterprise) and not self._is_tight()
            await self._sleep(await self._read() if ours else LOOK_S)

    async def _read(self) -> float:
        """Return how long to wait then."""
        try:
            told = thresholds_read(await self._cloud.thresholds(), self._enterprise, self._now())
            await self._log.append(enter_thresholds(told, self._partitions))
        except FinalError as error:
            self._say_refused(error)
            return EVERY_S
        except (CloudError, LogUnavailable):
            # Said where samples are asked for, by the same service; and by the log.
            return next(self._delays)
        self._delays = self._backoff()
        self._refused = False
        return EVERY_S

    def _say_refused(self, error: FinalError) -> None:
        if not self._refused:
            self._refused = True
            _LOG.warning(
                "thresholds.refused",
                enterprise=self._enterprise,
                kind=error.outcome,
                status=error.status,
                code=error.code,
            )

    def _backoff(self) -> Iterator[float]:
        return backoff(first_s=_FIRST_BACKOFF_S, most_s=_MOST_BACKOFF_S, uniform=self._uniform)


def thresholds_read(limits: Limits, enterprise: str, at: datetime) -> QualityThresholdsRead:
    """Return what the service said, in the units of samples. What is no share from 0 to 1 is not said. Pure."""
    return QualityThresholdsRead(
        enterprise=enterprise,
        occurred_at=at,
        latency_ms=_both(limits.latency_ms),
        jitter_ms=_both(limits.jitter_ms),
        packet_loss_ratio=_shares(limits.packet_loss_percent),
        client_cpu_ratio=_share(limits.client_cpu_percent),
        system_cpu_ratio=_share(limits.system_cpu_percent),
    )


def enter_thresholds(told: QualityThresholdsRead, partitions: int) -> Entry:
    """Return the entry of it, keyed by the enterprise: it is no meeting's. Pure."""
    at_ms = milliseconds(told.occurred_at)
    identity = content_id("thresholds", told.enterprise, at_ms)
    origin = Origin(identity, told.enterprise, partition_of(told.enterprise, partitions), told.occurred_at, at_ms)
    return Entry((origin.record(STATE, told),), None)


def _both(limit: Limit) -> ServiceThreshold:
    return ServiceThreshold(sent=_positive(limit.sent), received=_positive(limit.received))


def _shares(limit: Limit) -> ServiceThreshold:
    return ServiceThreshold(sent=_share(limit.sent), received=_share(limit.received))


def _positive(value: float | None) -> float | None:
    return value if value is not None and value >= 0 else None


def _share(percent: float | None) -> float | None:
    return percent / 100 if percent is not None and 0 <= percent <= 100 else None
