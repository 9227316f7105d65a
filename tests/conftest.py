"""Hold every test to the rules of the house: a blocked event loop fails, and under CI nothing is skipped."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from blockbuster import BlockBuster

from .kafka.fixtures import kafka, own_broker, topic_prefix
from .side_by_side import comes_first, group_of

__all__ = ["kafka", "own_broker", "topic_prefix"]

OURS = ["receiver", "consumers", "schemas", "deploy"]
ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def blocked_loops_fail() -> Iterator[None]:
    """Raise BlockingError where our code blocks a running event loop; a test's own files and threads are free."""
    detector = BlockBuster(OURS)
    detector.activate()
    yield
    detector.deactivate()


# Before pytest-xdist looks for the groups.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep together what must not run side by side, and begin with what takes longest."""
    places = {item: item.path.relative_to(ROOT) for item in items if item.path.is_relative_to(ROOT)}
    for item, place in places.items():
        if (group := group_of(place)) is not None:
            item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=lambda item: item not in places or not comes_first(places[item]))


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
