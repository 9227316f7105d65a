"""The metrics of schemas, made real with prometheus_client. One registry for a process."""

import functools
from typing import Final, get_args

from prometheus_client import CollectorRegistry, disable_created_metrics, generate_latest
from prometheus_client import Counter as PrometheusCounter
from prometheus_client import Gauge as PrometheusGauge
from prometheus_client import Histogram as PrometheusHistogram
from prometheus_client.process_collector import ProcessCollector

from receiver.errors import Reason
from schemas.events.unrecognised import SetAsideReason
from schemas.metrics import METRICS, Counter, Gauge, Histogram, Meters, MetricName

# From half a millisecond, a quiet disk's commit, to the longest deadline.
BUCKETS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0)

_NOT_DURABLE: Final[tuple[Reason, ...]] = ("stopping", "failed", "disk_full", "log_failed", "log_closed", "deadline")


def begin_at_nought(meters: Meters) -> None:
    """Make the counters that are alarmed on at their first count: Prometheus sees no increase from nothing to 1."""
    for reason in get_args(SetAsideReason):
        meters.counter("meetwire_pushes_set_aside_total", reason=reason)
    for reason in _NOT_DURABLE:
        meters.counter("meetwire_pushes_refused_total", status="503", reason=reason)
    meters.counter("meetwire_forwarder_set_aside_total", reason="record_too_large")


class PrometheusMeters:
    """Makes each metric once; implements schemas.metrics.Meters."""

    def __init__(self) -> None:
        # A second series for each counter, of its birth, that nobody asked for.
        disable_created_metrics()  # type: ignore[no-untyped-call]  # annotated in none of its versions
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._counter = functools.cache(self._make_counter)
        self._gauge = functools.cache(self._make_gauge)
        self._histogram = functools.cache(self._make_histogram)

    def counter(self, name: MetricName, **labels: str) -> Counter:
        """Return the counter with these labels."""
        made = self._counter(name)
        return made.labels(**labels) if labels else made

    def gauge(self, name: MetricName, **labels: str) -> Gauge:
        """Return the gauge with these labels."""
        made = self._gauge(name)
        return made.labels(**labels) if labels else made

    def histogram(self, name: MetricName, **labels: str) -> Histogram:
        """Return the histogram with these labels."""
        made = self._histogram(name)
        return made.labels(**labels) if labels else made

    def exposition(self) -> bytes:
        """Return all of them in Prometheus's text format."""
        return generate_latest(self.registry)

    def value(self, name: str, **labels: str) -> float | None:
        """Return one sample, by the name that it has in the text format."""
        return self.registry.get_sample_value(name, labels)

    def _make_counter(self, name: MetricName) -> PrometheusCounter:
        declared = METRICS[name]
        return PrometheusCounter(name.removesuffix("_total"), declared.help, declared.labels, registry=self.registry)

    def _make_gauge(self, name: MetricName) -> PrometheusGauge:
        declared = METRICS[name]
        return PrometheusGauge(name, declared.help, declared.labels, registry=self.registry)

    def _make_histogram(self, name: MetricName) -> PrometheusHistogram:
        declared = METRICS[name]
        return PrometheusHistogram(name, declared.help, declared.labels, registry=self.registry, buckets=BUCKETS)
