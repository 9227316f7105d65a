"""Put quality alerts together: their rules, sources, leader, outbox. Alone, or beside the receiver."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Final

import structlog

from consumers.errors import ConsumerError
from consumers.qos.alerts import alerting
from consumers.qos.errors import QosError, StateInUse
from consumers.qos.leading import Leading, elected, leader
from consumers.qos.opening import NAME
from consumers.qos.publishing import Telling
from consumers.qos.running import Tools
from consumers.qos.service import Parts, serve_alerts
from consumers.sources import PlacedSource, Reading
from consumers.sources.kafka import KafkaSource
from consumers.sources.local import LocalSource, News
from consumers.sources.placed import PlacedKafkaSource
from schemas.lines import Logger
from schemas.metrics import Meters
from schemas.ports import Sink
from schemas.rules import QosRules
from schemas.settings import DEFAULT_PARTITIONS, Kafka, Qos, Root

from . import again
from .desks.alerts import DeskHere
from .leading import in_line
from .qos_rules import SHIPPED, load_rules
from .sinks import KafkaSink, ReceiverSink

_LOG: Final[Logger] = structlog.get_logger("meetwire.consumers")


def rules_of(settings: Qos) -> QosRules:
    """Read the rules. Blocking. Raises SettingsError."""
    return load_rules(SHIPPED if settings.rules_file is None else Path(settings.rules_file))


def on_kafka(kafka: Kafka, settings: Qos, meters: Meters, desk: DeskHere) -> Parts:
    """Return what alerts run on where there is Kafka: one of several processes leads."""

    def source(reading: Reading) -> PlacedKafkaSource:
        return PlacedKafkaSource(kafka, reading, meters=meters, logger=_LOG)

    def leading() -> AbstractAsyncContextManager[Leading]:
        return elected(lambda: KafkaSource(kafka, leader(kafka.topic_prefix), meters=meters, logger=_LOG), _LOG)

    return Parts(
        sources=source,
        sink=lambda: KafkaSink(kafka),
        leading=leading,
        telling=lambda sink: _telling(settings, sink, kafka.partitions, meters, desk),
        partitions=kafka.partitions,
        one_sequence=False,
    )


def on_log(
    root: Root, settings: Qos, meters: Meters, desk: DeskHere, *, news: News | None = None, sink: Sink | None = None
) -> Parts:
    """Return what alerts run on where there is a local log: one of several processes leads.

    `news` and `sink` are the log's own, where the receiver is in this process; else it is asked by its socket.
    """
    folder = Path(root.log.folder)
    given = sink or ReceiverSink(folder)

    def source(reading: Reading) -> AbstractAsyncContextManager[PlacedSource]:
        return LocalSource(folder, reading, meters=meters, logger=_LOG, news=news)

    return Parts(
        sources=source,
        sink=lambda: contextlib.nullcontext(given),
        leading=lambda: in_line(folder),
        telling=lambda sink: _telling(settings, sink, DEFAULT_PARTITIONS, meters, desk),
        partitions=DEFAULT_PARTITIONS,
        one_sequence=True,
    )


@contextlib.asynccontextmanager
async def _telling(
    settings: Qos, sink: Sink, partitions: int, meters: Meters, desk: DeskHere
) -> AsyncIterator[Telling]:
    async with alerting(settings, sink, partitions=partitions, meters=meters, logger=_LOG) as alerts:
        with desk.of(alerts.desk):
            yield alerts


async def run_alerts(settings: Qos, rules: QosRules, parts: Parts, meters: Meters, stop: asyncio.Event) -> None:
    """Run until `stop`. Raises ConsumerError, QosError, OSError."""
    await serve_alerts(settings, rules, parts, stop, tools=Tools(meters=meters, logger=_LOG))


def beside(settings: Qos, rules: QosRules, parts: Parts, meters: Meters) -> AbstractAsyncContextManager[None]:
    """Run within this block, and again after whatever ended it: the receiver does not end with it.

    Raises StateInUse where another process has the state folder.
    """
    tools = Tools(meters=meters, logger=_LOG)

    async def run(stop: asyncio.Event, begun: Callable[[], None]) -> None:
        await serve_alerts(settings, rules, parts, stop, tools=tools, begun=begun)

    return again.beside(again.Kind(NAME, (ConsumerError, QosError, OSError), (StateInUse,)), run)
