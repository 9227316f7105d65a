"""What is declared of a metric, and short words to do so."""

from typing import Literal

import msgspec


class Metric(msgspec.Struct, frozen=True, kw_only=True):
    """The declaration of one metric."""

    kind: Literal["counter", "gauge", "histogram"]
    help: str
    labels: tuple[str, ...] = ()


def counter(help_text: str, *labels: str) -> Metric:
    """Declare what counts up."""
    return Metric(kind="counter", help=help_text, labels=labels)


def gauge(help_text: str, *labels: str) -> Metric:
    """Declare what is set to what is."""
    return Metric(kind="gauge", help=help_text, labels=labels)


def histogram(help_text: str, *labels: str) -> Metric:
    """Declare what takes durations, in seconds."""
    return Metric(kind="histogram", help=help_text, labels=labels)
