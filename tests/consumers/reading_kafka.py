"""Read a test's topics as a test wants it."""

from __future__ import annotations

from typing import Any

import structlog

from consumers.sources import Reading
from consumers.sources.kafka import KafkaSource
from consumers.sources.placed import PlacedKafkaSource
from deploy.meters import PrometheusMeters
from schemas.settings import Kafka

from .producing import Producer


def source(producer: Producer, wanted: Reading, **options: Any) -> KafkaSource:
    """Return a reader of the test's topics that soon sees a new one."""
    settings = Kafka(servers=(producer.bootstrap,), topic_prefix=producer.prefix)
    return reader_of(settings, wanted, **options)


def reader_of(kafka: Kafka, wanted: Reading, **options: Any) -> KafkaSource:
    """Return a reader that soon sees a new topic."""
    given = {"meters": PrometheusMeters(), "logger": structlog.get_logger(), "refresh_s": 0.2, **options}
    return KafkaSource(kafka, wanted, **given)


def placed_of(kafka: Kafka, wanted: Reading) -> PlacedKafkaSource:
    """Return one that keeps its own place."""
    return PlacedKafkaSource(kafka, wanted, meters=PrometheusMeters(), logger=structlog.get_logger(), refresh_s=0.2)
