"""The groups and the order by which tests run side by side: each place is there, and pytest is told of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path, PurePath

import pytest

from .kafka.configuration import OF_A_WORKER, PORTS
from .side_by_side import FIRST, GROUPS, comes_first, group_of

ROOT = Path(__file__).parents[1]


def test_every_place_is_there() -> None:
    """One that was renamed would lose its group without a word."""
    assert [place for place in (*GROUPS, *FIRST) if not (ROOT / place).exists()] == []


@pytest.mark.parametrize(
    ("path", "group", "first"),
    [
        pytest.param("tests/receiver/forward/test_stop.py", "forward", False, id="in a folder that is a group"),
        pytest.param("tests/test_readme.py", "demo", True, id="a file, and first"),
        pytest.param("tests/test_readme_tables.py", None, False, id="a name that begins alike"),
        pytest.param("tests/faults/test_fsync.py", None, True, id="first, by itself"),
    ],
)
def test_each_file_has_its_place(path: str, group: str | None, first: bool) -> None:
    """By folder or file, whole."""
    assert (group_of(PurePath(path)), comes_first(PurePath(path))) == (group, first)


def test_pytest_is_told() -> None:
    """What is first is collected first, and a group is in the name by which workers share tests out."""
    command = [sys.executable, "-m", "pytest", "-n", "1", "--dist", "loadgroup", "-v", "-p", "no:cacheprovider"]
    files = ["tests/test_locks.py::test_address_is_caught", "tests/test_readme.py::test_what_differs_is_seen"]
    done = subprocess.run(
        [*command, *files], cwd=ROOT, env=os.environ, capture_output=True, text=True, timeout=100, check=False
    )
    ran = [line.partition(" PASSED ")[2].strip() for line in done.stdout.splitlines() if " PASSED " in line]

    assert done.returncode == 0, done.stdout
    assert {name.partition("@")[2] for name in ran if "test_readme" in name} == {"demo"}
    assert {name.partition("@")[2] for name in ran if "test_locks" in name} == {""}


def test_workers_share_no_port() -> None:
    """Eight have ports of their own; as many as there are cores in a usual machine of CI."""
    shares = [set(PORTS[number::8]) for number in range(8)]

    assert set(OF_A_WORKER) in shares
    assert set().union(*shares) == set(PORTS)
    assert sum(map(len, shares)) == len(PORTS)
