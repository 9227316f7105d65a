"""What may not run side by side, and what begins first, where several workers share the tests (pytest-xdist).

Each worker has a broker, folders and ports of its own. Tests of one group go to one worker, one after the other: for
what is dear to make and shared, and for what there is once on a machine.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import Final

GROUPS: Final = {
    # Brokers that are killed and frozen by one test after the other, and one with users.
    "tests/receiver/forward": "forward",
    # One wheel, and an environment that it is installed in.
    "tests/test_packaging.py": "wheel",
    # The ports that stand in the README.
    "tests/deploy/test_demo.py": "demo",
    "tests/test_readme.py": "demo",
    # One trace of a writer, cut in many places.
    "tests/receiver/log/test_crash.py": "crash",
}

# What takes longest: begun last, it would be waited for by all others.
FIRST: Final = (
    "tests/faults",
    "tests/test_readme.py",
    "tests/test_packaging.py",
    "tests/receiver/webhook/test_crowd.py",
)


def group_of(path: PurePath) -> str | None:
    """Return the group of a test file, by its path in the project; None: any worker may have any of its tests."""
    return next((group for place, group in GROUPS.items() if path.is_relative_to(place)), None)


def comes_first(path: PurePath) -> bool:
    """Return whether a test file's tests are begun before others."""
    return any(path.is_relative_to(place) for place in FIRST)
