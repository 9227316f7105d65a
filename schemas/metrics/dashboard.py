"""The metrics of the dashboard."""

from typing import Final, Literal

from .declaration import Metric, counter, gauge

DashboardMetric = Literal[
    "meetwire_dashboard_readers",
    "meetwire_dashboard_missed_total",
    "meetwire_dashboard_logins_total",
    "meetwire_dashboard_behind_seconds",
]

DASHBOARD: Final[dict[DashboardMetric, Metric]] = {
    "meetwire_dashboard_readers": gauge("Open pages (live) and streams of the API (stream).", "kind"),
    "meetwire_dashboard_missed_total": counter(
        "Events that a reader was too slow for; each is told so. Growing: look at its line.", "kind"
    ),
    "meetwire_dashboard_logins_total": counter(
        "Tries to log in, by outcome: accepted, refused, limited. Many refused: somebody guesses.", "outcome"
    ),
    "meetwire_dashboard_behind_seconds": gauge("Age of the oldest record that is not shown yet."),
}
