"""The groups and the order by which tests run side by side: each place is there, and pytest is told of it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from .kafka.configuration import OF_A_WORKER, PORTS
from .side_by_side import FIRST, GROUPS, comes_first, group_of

ROOT = Path(__file__).parents[1]


def test_every_place_is_there() -> None:
    """One that was renamed would lose its group without a word."""
    assert [place for place in (*GROUPS, *FIRST) if not (ROOT / place).exists()] == []


@pytest.mark.parametrize(
    ("test", "group", "first"),
    [
        pytest.param("tests/receiver/forward/test_stop.py::test_a", "forward", False, id="in a folder that is a group"),
        pytest.param("tests/test_readme.py::test_a[1::2]", "demo", True, id="a file, and first"),
        pytest.param("tests/test_readme_tables.py::test_a", None, False, id="a name that begins alike"),
        pytest.param("tests/faults/test_fsync.py::test_a", None, True, id="first, by itself"),
    ],
)
def test_each_file_has_its_place(test: str, group: str | None, first: bool) -> None:
    """By folder or file, whole."""
    assert (group_of(test), comes_first(test)) == (group, first)


def test_a_group_goes_to_one_worker() -> None:
    """By one worker alone, and the rest by both."""
    command = [sys.executable, "-m", "pytest", "-n", "2", "-v", "-p", "no:cacheprovider"]
    files = ["tests/test_locks.py::test_address_is_caught", "tests/test_readme.py::test_what_differs_is_seen"]
    done = subprocess.run([*command, *files], cwd=ROOT, capture_output=True, text=True, timeout=200, check=False)
    ran = re.findall(r"^\[(gw\d)\] .* PASSED (.*?)::", done.stdout, re.MULTILINE)

    assert done.returncode == 0, done.stdout
    assert len({worker for worker, file in ran if file == "tests/test_readme.py"}) == 1
    assert len({worker for worker, _ in ran}) == 2


def test_workers_share_no_port() -> None:
    """Eight have ports of their own; as many as there are cores in a usual machine of CI."""
    shares = [set(PORTS[number::8]) for number in range(8)]

    assert set(OF_A_WORKER) in shares
    assert set().union(*shares) == set(PORTS)
    assert sum(map(len, shares)) == len(PORTS)
