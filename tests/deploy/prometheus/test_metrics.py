"""What /metrics shows is as Prometheus wants it: promtool finds nothing to say of it."""

from __future__ import annotations

from deploy.meters import PrometheusMeters
from schemas.metrics import METRICS, Metric, MetricName

from .tool import promtool


def counted(meters: PrometheusMeters, name: MetricName, metric: Metric) -> None:
    """Let there be one of a metric."""
    labels = dict.fromkeys(metric.labels, "x")
    if metric.kind == "counter":
        meters.counter(name, **labels).inc()
    elif metric.kind == "gauge":
        meters.gauge(name, **labels).set(1)
    else:
        meters.histogram(name, **labels).observe(0.1)


def test_all_metrics_are_as_prometheus_wants_them() -> None:
    """Names, units, help and form."""
    meters = PrometheusMeters()
    for name, metric in METRICS.items():
        counted(meters, name, metric)

    assert promtool("check", "metrics", told=meters.exposition()) == (0, "")


def test_a_metric_that_is_not_is_found() -> None:
    """A counter without its suffix, and no help."""
    status, told = promtool("check", "metrics", told=b"# TYPE meetwire_oops counter\nmeetwire_oops 1\n")

    assert (status, 'counter metrics should have "_total" suffix' in told) == (3, True)
