"""The declared metrics, made real: each once, of its kind, with its labels."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from deploy.meters import BUCKETS, PrometheusMeters, begin_at_nought
from receiver.errors import NotDurable, Reason
from schemas.metrics import METRICS, MetricName


def make(meters: PrometheusMeters, name: MetricName) -> None:
    """Use a metric once, with a value for each of its labels."""
    labels = dict.fromkeys(METRICS[name].labels, "x")
    match METRICS[name].kind:
        case "counter":
            meters.counter(name, **labels).inc()
        case "gauge":
            meters.gauge(name, **labels).set(1)
        case "histogram":
            meters.histogram(name, **labels).observe(1)


def test_every_declared_metric_can_be_made() -> None:
    """Each name of the declaration, under that name, of its kind; and beside them only the process's own."""
    meters = PrometheusMeters()
    for name in METRICS:
        make(meters, name)

    types = dict(re.findall(r"^# TYPE (\w+) (\w+)$", meters.exposition().decode(), re.MULTILINE))

    assert {name: kind for name, kind in types.items() if not name.startswith("process_")} == {
        name: metric.kind for name, metric in METRICS.items()
    }
    assert "process_resident_memory_bytes" in types


def test_asking_twice_gives_the_same() -> None:
    """Two parts of the program that count the same thing count together."""
    meters = PrometheusMeters()

    for _ in range(2):
        meters.counter("meetwire_pushes_repeated_total").inc()
        meters.counter("meetwire_log_records_total", topic="t").inc(2)
        meters.gauge("meetwire_connections").set(3)
        meters.histogram("meetwire_push_seconds").observe(0.004)

    assert meters.value("meetwire_pushes_repeated_total") == 2
    assert meters.value("meetwire_log_records_total", topic="t") == 4
    assert meters.value("meetwire_connections") == 3
    assert meters.value("meetwire_push_seconds_bucket", le="0.005") == 2
    assert meters.value("meetwire_push_seconds_bucket", le="0.0025") == 0
    assert meters.value("meetwire_disk_free_bytes") is None


def test_a_label_that_is_not_declared_is_refused() -> None:
    """A label too many would be a new series for each value."""
    with pytest.raises(ValueError, match="Incorrect label names"):
        PrometheusMeters().counter("meetwire_log_records_total", meeting_id="1")


def test_durations_are_told_apart_from_a_commit_to_the_longest_deadline() -> None:
    """A quiet disk's half millisecond, and webhook.deadline_s at its most."""
    assert (BUCKETS[0], BUCKETS[-1]) == (0.0005, 25.0)
    assert list(BUCKETS) == sorted(BUCKETS)


def test_every_reason_for_a_503_begins_at_nought() -> None:
    """None is missing, so that an alert on their increase hears the first one, whatever it is."""
    meters = PrometheusMeters()
    begin_at_nought(meters)

    begun = {
        reason
        for reason in get_args(Reason)
        if meters.value("meetwire_pushes_refused_total", status="503", reason=reason) == 0
    }

    assert NotDurable.status == 503
    assert begun == {"stopping", "failed", "disk_full", "log_failed", "log_closed", "deadline"}
