"""Where a reading command reads: Kafka where the settings have it, else the local log; or as it is told."""

from argparse import ArgumentParser, Namespace
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Final

import structlog

from consumers.sources import PlacedSource, Reading
from consumers.sources.local import LocalSource
from consumers.sources.placed import PlacedKafkaSource
from schemas.lines import Logger
from schemas.settings import Root

from ..meters import PrometheusMeters

_LOG: Final[Logger] = structlog.get_logger("meetwire.consumers")


def add_source_arguments(parser: ArgumentParser) -> None:
    """Add --log and --kafka, one of them at the most."""
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--log", action="store_true", help="read the local log (the default without [kafka])")
    where.add_argument("--kafka", action="store_true", help="read Kafka (the default with [kafka] in the settings)")


def source(arguments: Namespace, root: Root, reading: Reading) -> AbstractAsyncContextManager[PlacedSource]:
    """Return the source to enter. Raises ValueError where Kafka is asked for and not configured."""
    meters = PrometheusMeters()
    if arguments.kafka and root.kafka is None:
        raise ValueError("--kafka needs a table [kafka] in the settings")
    if root.kafka is not None and not arguments.log:
        return PlacedKafkaSource(root.kafka, reading, meters=meters, logger=_LOG)
    return LocalSource(Path(root.log.folder), reading, meters=meters, logger=_LOG)
