"""Hold every test to the rules of the house: a blocked event loop fails, and under CI nothing is skipped."""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Generator, Iterator

import pytest
import structlog
from hypothesis import HealthCheck, settings
from xdist.remote import Producer

from .kafka.fixtures import kafka, own_broker, topic_prefix
from .side_by_side import SideBySide, comes_first
from .watching import detector

__all__ = ["kafka", "own_broker", "topic_prefix"]

# How long an example takes, or is thought of, tells of what runs beside it. Examples are the same in each run: what
# looks for others, and may find one that fails, is `pytest --hypothesis-profile=others`.
settings.register_profile("others", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("side by side", settings.get_profile("others"), derandomize=True, database=None)
settings.load_profile("side by side")


@pytest.fixture(autouse=True)
def blocked_loops_fail() -> Iterator[None]:
    """Raise BlockingError where our code blocks a running event loop; a test's own files and threads are free."""
    watching = detector()
    watching.activate()
    yield
    watching.deactivate()


@pytest.fixture(autouse=True)
def logging_stays() -> Iterator[None]:
    """Leave logging as it was found: a command within a test sets it up, and its screen ends with the test."""
    configured, root, aiokafka = structlog.get_config(), logging.getLogger(), logging.getLogger("aiokafka")
    handlers, levels = root.handlers[:], (root.level, aiokafka.level)
    # basicConfig with `force` closes what it takes away, and pytest's handlers are still wanted.
    root.handlers = []
    yield
    structlog.configure(**configured)
    root.handlers = handlers
    root.setLevel(levels[0])
    aiokafka.setLevel(levels[1])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest. Raises UsageError where tests share an id: workers would run one of them alone."""
    several = [nodeid for nodeid, tests in Counter(item.nodeid for item in items).items() if tests > 1]
    if several:
        raise pytest.UsageError(f"several tests have one id: {', '.join(several)}")
    items.sort(key=lambda item: not comes_first(item.nodeid))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> SideBySide:
    """Share the tests out among workers such that what must not run side by side does not."""
    return SideBySide(config, log)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail what was skipped or was expected to fail."""
    report = yield
    refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Fail a module that skipped itself whole."""
    report = yield
    refuse_skip(report)
    return report


def refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Under CI=true, turn a skip into a failure: a green run must have run everything."""
    if os.environ.get("CI") == "true" and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"skipped under CI: {report.longreprtext or getattr(report, 'wasxfail', '')}"
