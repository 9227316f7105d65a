"""What may not run side by side, and what begins first, where several workers share the tests (pytest-xdist).

Each worker has a broker, folders and ports of its own. Tests of one group go to one worker, one after the other: for
what is dear to make and shared, and for what there is once on a machine.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import Final

from xdist.scheduler import LoadScopeScheduling

GROUPS: Final = {
    # Brokers that are killed and frozen by one test after the other, and one with users.
    "tests/receiver/forward": "forward",
    # One wheel, and an environment that it is installed in.
    "tests/test_packaging.py": "wheel",
    # The ports that stand in the README.
    "tests/deploy/test_demo.py": "demo",
    "tests/test_readme.py": "demo",
    # One dashboard that is asked everything.
    "tests/consumers/dashboard/server/test_contract.py": "contract",
    # One trace of a writer, cut in many places.
    "tests/receiver/log/test_crash.py": "crash",
}

# What takes longest: begun last, it would be waited for by all others.
FIRST: Final = (
    "tests/faults",
    "tests/test_readme.py",
    "tests/test_packaging.py",
    "tests/consumers/qos/test_processes.py",
)


class SideBySide(LoadScopeScheduling):
    """Gives each test to the next worker that is free, and a group's all to one.

    pytest-xdist's own groups need a mark on each test, and its 3.8 does not see the marks under pytest 9.2.
    """

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid) or nodeid


def group_of(test: str) -> str | None:
    """Return the group of a test, by its name in pytest; None: any worker may have it."""
    return next((group for place, group in GROUPS.items() if _path(test).is_relative_to(place)), None)


def comes_first(test: str) -> bool:
    """Return whether a test is begun before others."""
    return any(_path(test).is_relative_to(place) for place in FIRST)


def _path(test: str) -> PurePath:
    return PurePath(test.partition("::")[0])
