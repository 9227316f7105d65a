"""The service's own thresholds are read each hour by the one receiver whose business they are, and published."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from receiver.cloud import Faulty, Forbidden, Threshold, Thresholds, Unreachable
from receiver.errors import LogUnavailable
from receiver.quality.thresholds import EVERY_S, LOOK_S, ThresholdSource, enter_thresholds, thresholds_read
from schemas.events import QualityThresholdsRead, ServiceThreshold, decode
from schemas.record import content_id, partition_of
from schemas.settings import Subscriber
from tests.receiver.lines import lines_caught
from tests.receiver.list_log import ListLog

from .serving import Clock
from .world import NOON

TOLD = Thresholds(
    latency_ms=Threshold(sent=300.0, received=250.0),
    jitter_ms=Threshold(sent=50.0),
    packet_loss_percent=Threshold(sent=10.0, received=5.0),
    client_cpu_percent=80.0,
)
NOTHING = ServiceThreshold(sent=None, received=None)


class Service:
    """Tells `TOLD`, or fails with what is in `fails`, the first one first."""

    def __init__(self, clock: Clock) -> None:
        self.asked: list[float] = []
        self.fails: list[Exception | None] = []
        self._clock = clock

    async def thresholds(self) -> Thresholds:
        """Return what the enterprise has set."""
        self.asked.append(self._clock.seconds)
        await asyncio.sleep(0)
        if self.fails and (error := self.fails.pop(0)) is not None:
            raise error
        return TOLD


class Parts:
    """A source and what it stands between."""

    def __init__(self, **settings: Any) -> None:
        self.clock, self.log = Clock(), ListLog()
        self.service = Service(self.clock)
        self.ours, self.is_tight = True, False
        self.asked_of: set[str] = set()
        self.source = ThresholdSource(
            self.service,
            self.log,
            enterprise="acme",
            settings=Subscriber(**{"quality": "rest", **settings}),
            partitions=12,
            owned=self._owned,
            is_tight=lambda: self.is_tight,
            now=self.clock.now,
            sleep=self.clock.sleep,
            uniform=lambda: 0.5,
        )

    def _owned(self, key: str) -> bool:
        self.asked_of.add(key)
        return self.ours


@contextlib.asynccontextmanager
async def reading(**settings: Any) -> AsyncIterator[Parts]:
    """Yield the parts of a source that reads until the end of the block."""
    parts = Parts(**settings)
    task = asyncio.create_task(parts.source.run())
    try:
        yield parts
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def events(parts: Parts) -> list[QualityThresholdsRead]:
    """Return what was published."""
    told = [decode(record.value) for record in parts.log.records]
    return [event for event in told if isinstance(event, QualityThresholdsRead)]


def test_what_is_said_is_told_in_the_units_of_samples() -> None:
    """Per cent become shares; what the service does not say is not said."""
    assert thresholds_read(TOLD, "acme", NOON) == QualityThresholdsRead(
        enterprise="acme",
        occurred_at=NOON,
        latency_ms=ServiceThreshold(sent=300.0, received=250.0),
        jitter_ms=ServiceThreshold(sent=50.0, received=None),
        packet_loss_ratio=ServiceThreshold(sent=0.1, received=0.05),
        client_cpu_ratio=0.8,
        system_cpu_ratio=None,
    )


def test_what_cannot_be_is_not_said() -> None:
    """A loss of 300 per cent, a latency before it was sent."""
    wrong = Threshold(sent=-1.0, received=300.0)
    told = thresholds_read(
        Thresholds(latency_ms=wrong, packet_loss_percent=wrong, client_cpu_percent=101.0), "acme", NOON
    )

    assert (told.latency_ms, told.packet_loss_ratio, told.jitter_ms, told.client_cpu_ratio) == (
        ServiceThreshold(sent=None, received=300.0),
        NOTHING,
        NOTHING,
        None,
    )


def test_they_are_a_record_of_the_enterprise() -> None:
    """On meeting.state.v1, keyed by its name, under an ID that is the same from whoever reads them at that time."""
    told = thresholds_read(TOLD, "acme", NOON)

    (record,) = enter_thresholds(told, 12).records

    identity = content_id("thresholds", "acme", 1_772_452_800_000)
    assert (record.topic, record.key, record.partition) == ("meeting.state.v1", "acme", partition_of("acme", 12))
    assert (record.id, record.type, record.enterprise) == (f"{identity}-0", "QualityThresholdsRead", "acme")
    assert decode(record.value) == told


async def test_they_are_read_every_hour() -> None:
    """And published each time, changed or not."""
    async with reading() as parts:
        await parts.clock.forward(2 * EVERY_S + 1)

    assert parts.service.asked == [0.0, EVERY_S, 2 * EVERY_S]
    assert [event.occurred_at for event in events(parts)] == [NOON + timedelta(hours=hour) for hour in range(3)]


@pytest.mark.parametrize("quality", ["push", "off"])
async def test_without_a_wish_for_calls_none_is_made(quality: str) -> None:
    """The loop is over before it begins."""
    parts = Parts(quality=quality)

    await parts.source.run()

    assert parts.service.asked == []


async def test_one_receiver_asks_and_when_it_is_another_that_one_does() -> None:
    """The one that has the partition of the enterprise's name."""
    async with reading() as parts:
        parts.ours = False
        await parts.clock.forward(1.5 * LOOK_S)
        meanwhile = list(parts.service.asked)
        parts.ours = True
        await parts.clock.forward(2.5 * LOOK_S)

    assert (meanwhile, parts.service.asked, parts.asked_of) == ([], [2 * LOOK_S], {"acme"})


async def test_nothing_is_asked_while_the_disk_has_little_room() -> None:
    """What could not be kept need not be asked for."""
    async with reading() as parts:
        parts.is_tight = True
        await parts.clock.forward(1.5 * LOOK_S)

    assert parts.service.asked == []


async def test_an_edition_that_lacks_them_is_said_once_and_asked_again_each_hour() -> None:
    """And again once it was there meanwhile."""
    refused = Forbidden(code="MMC.111070005", status=403)
    with lines_caught() as lines:
        async with reading() as parts:
            parts.service.fails = [refused, refused, None, refused]
            await parts.clock.forward(3 * EVERY_S + 1)

    line = {"event": "thresholds.refused", "log_level": "warning", "enterprise": "acme", "kind": "forbidden"}
    assert list(lines) == [line | {"status": 403, "code": "MMC.111070005"}] * 2
    assert (parts.service.asked, len(events(parts))) == ([0.0, EVERY_S, 2 * EVERY_S, 3 * EVERY_S], 1)


async def test_a_service_that_fails_is_asked_again_sooner_and_later_each_time() -> None:
    """With jitter; and from the beginning after it answered."""
    with lines_caught() as lines:
        async with reading() as parts:
            parts.service.fails = [Unreachable("connect"), Faulty(), None, Unreachable("connect")]
            await parts.clock.forward(EVERY_S + 100)

    assert parts.service.asked == [0.0, 5.0, 15.0, EVERY_S + 15, EVERY_S + 20]
    assert (list(lines), len(events(parts))) == ([], 2)


async def test_a_log_that_takes_nothing_is_tried_again() -> None:
    """It says itself what is wrong with it."""
    async with reading() as parts:
        parts.log.refuses = LogUnavailable("disk_full")
        await parts.clock.forward(1)
        parts.log.refuses = None
        await parts.clock.forward(6)

    assert (parts.service.asked, len(events(parts))) == ([0.0, 5.0], 1)
