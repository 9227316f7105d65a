"""Metric names keep to Prometheus' conventions, and each has its declaration."""

from collections.abc import Iterator
from typing import get_args

import pytest

from schemas.metrics import METRICS, Metric, MetricName

# Free text in a label is a new time series for each value: these have closed sets.
LABELS = {"event", "status", "reason", "topic", "consumer", "enterprise", "call", "outcome", "way", "witness"}
LABELS |= {"rating", "modality", "channel", "kind"}
SUFFIXES = {"counter": "_total", "histogram": "_seconds"}


def faults(name: str, metric: Metric) -> Iterator[str]:
    """Yield what in a declaration breaks a convention ("Metric and label naming", Prometheus documentation)."""
    if not name.startswith("meetwire_"):
        yield "no prefix"
    if not name.endswith(SUFFIXES.get(metric.kind, "")):
        yield f"a {metric.kind} without {SUFFIXES[metric.kind]}"
    if metric.kind == "gauge" and name.endswith("_total"):
        yield "a gauge like a counter"
    if name.endswith(("_ms", "_minutes", "_days", "_kib", "_mb")):
        yield "no base unit"
    if not metric.help.endswith("."):
        yield "help is no sentence"
    if not set(metric.labels) <= LABELS:
        yield "an open label"


def test_every_name_has_its_declaration() -> None:
    """A name without a declaration cannot be counted; a declaration without a name cannot be used."""
    assert get_args(MetricName) == tuple(METRICS)


def test_declarations_keep_to_the_conventions() -> None:
    """Every declared metric has the prefix, its kind's suffix, base units, a sentence and closed labels."""
    assert {name: list(faults(name, metric)) for name, metric in METRICS.items()} == {name: [] for name in METRICS}


@pytest.mark.parametrize(
    ("name", "metric", "told"),
    [
        ("pushes_total", Metric(kind="counter", help="x."), ["no prefix"]),
        ("meetwire_pushes", Metric(kind="counter", help="x."), ["a counter without _total"]),
        ("meetwire_push", Metric(kind="histogram", help="x."), ["a histogram without _seconds"]),
        ("meetwire_open_total", Metric(kind="gauge", help="x."), ["a gauge like a counter"]),
        ("meetwire_behind_ms", Metric(kind="gauge", help="x."), ["no base unit"]),
        ("meetwire_open", Metric(kind="gauge", help="x"), ["help is no sentence"]),
        ("meetwire_open", Metric(kind="gauge", help="x.", labels=("meeting_id",)), ["an open label"]),
    ],
)
def test_a_declaration_against_the_conventions_is_seen(name: str, metric: Metric, told: list[str]) -> None:
    """Each convention is checked."""
    assert list(faults(name, metric)) == told
