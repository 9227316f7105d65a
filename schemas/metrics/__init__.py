"""The metrics: each name, its kind, its labels and what to do about it. Labels are closed sets, never free text.

deploy makes the real ones of them and hands them in; code that counts knows this package alone. Each part of meetwire
declares its own in a module here.
"""

from typing import Final, Literal, Protocol

from .captions import CAPTIONS, CaptionsMetric
from .consumers import CONSUMERS, ConsumerMetric
from .dashboard import DASHBOARD, DashboardMetric
from .declaration import Metric
from .qos import QOS, QosMetric
from .receiver import RECEIVER, ReceiverMetric

__all__ = ["METRICS", "Counter", "Gauge", "Histogram", "Meters", "Metric", "MetricName"]

MetricName = Literal[ReceiverMetric, ConsumerMetric, CaptionsMetric, QosMetric, DashboardMetric]

METRICS: Final[dict[MetricName, Metric]] = RECEIVER | CONSUMERS | CAPTIONS | QOS | DASHBOARD


class Counter(Protocol):
    """Counts up."""

    def inc(self, amount: float = 1, /) -> None: ...  # noqa: D102


class Gauge(Protocol):
    """Is set to what is."""

    def set(self, value: float, /) -> None: ...  # noqa: D102


class Histogram(Protocol):
    """Takes durations, in seconds."""

    def observe(self, amount: float, /) -> None: ...  # noqa: D102


class Meters(Protocol):
    """Makes the metrics that are declared above. Asking twice for the same gives the same."""

    def counter(self, name: MetricName, **labels: str) -> Counter: ...  # noqa: D102
    def gauge(self, name: MetricName, **labels: str) -> Gauge: ...  # noqa: D102
    def histogram(self, name: MetricName, **labels: str) -> Histogram: ...  # noqa: D102
