"""The rules that conftest.py holds every test to: each is fed something bad."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from blockbuster import BlockingError

from .conftest import pytest_collection_modifyitems

ROOT = Path(__file__).parents[1]

SKIPPING = """
import pytest

def test_skips(): pytest.skip("no broker")

@pytest.mark.xfail
def test_fails(): assert False
"""


def run(test_file: Path, *, ci: str) -> str:
    """Run a test file under our conftest.py and return pytest's closing line."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.conftest", "-p", "no:cacheprovider", str(test_file)]
    environment = os.environ | {"CI": ci}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=200, check=False)
    return done.stdout.splitlines()[-1]


async def test_blocked_loop_raises() -> None:
    """A coroutine of ours that sleeps in the event loop's thread is caught."""
    ours = compile("import time; time.sleep(0)", str(ROOT / "receiver/planted.py"), "exec")

    with pytest.raises(BlockingError):
        exec(ours)  # noqa: S102 -- code that lies in receiver/, without a file there


@pytest.mark.parametrize(
    ("ci", "closing"),
    [
        pytest.param("true", "2 failed", id="under CI"),
        pytest.param("", "1 skipped, 1 xfailed", id="at a desk"),
    ],
)
def test_ci_refuses_skipped_tests(tmp_path: Path, ci: str, closing: str) -> None:
    """Under CI a skipped test and one that is expected to fail are failures."""
    (tmp_path / "test_skipping.py").write_text(SKIPPING)

    assert closing in run(tmp_path / "test_skipping.py", ci=ci)


def test_ci_refuses_skipped_modules(tmp_path: Path) -> None:
    """A module that skips itself whole is an error under CI."""
    (tmp_path / "test_skipping.py").write_text("import pytest\npytest.skip('no', allow_module_level=True)\n")

    assert "1 error" in run(tmp_path / "test_skipping.py", ci="true")


def test_tests_of_one_id_are_refused(request: pytest.FixtureRequest) -> None:
    """Workers know a test by its id: of several, one alone would run."""
    with pytest.raises(pytest.UsageError, match="test_tests_of_one_id_are_refused"):
        pytest_collection_modifyitems([request.node, request.node])
