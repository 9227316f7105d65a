"""The unit for systemd: it is one, and what it starts is a command of ours."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.cli import parser

UNIT = Path(__file__).parents[2] / "deploy/systemd/meetwire.service"
INSTALLED = "/opt/meetwire/bin/meetwire"
SECTIONS = {"Unit", "Service", "Install"}
SETTING = re.compile(r"[A-Z][A-Za-z]*=.*")


def complaints(unit: str, folder: Path) -> list[str]:
    """Return what systemd says against a unit, as if meetwire were installed where this test's is."""
    path = folder / "meetwire.service"
    path.write_text(unit.replace(INSTALLED, str(Path(sys.executable).parent / "meetwire")))
    if shutil.which("systemd-analyze") is None:
        return list(misspelt(unit))
    # It ends with 0 for most of what it finds, but it says all of it.
    done = subprocess.run(["systemd-analyze", "verify", path], capture_output=True, text=True, timeout=200, check=False)
    return done.stderr.splitlines()


def misspelt(unit: str) -> list[str]:
    """Return the lines that are neither comment, section nor setting: all that can be seen without systemd."""
    lines = [line for line in unit.splitlines() if line and not line.startswith("#")]
    return [line for line in lines if line.strip("[]") not in SECTIONS and not SETTING.fullmatch(line)]


def test_systemd_has_nothing_against_the_unit(tmp_path: Path) -> None:
    """No unknown setting, no wrong value, no file that is not there."""
    assert complaints(UNIT.read_text(), tmp_path) == []
    assert misspelt(UNIT.read_text()) == []


# What is spelt like a setting only systemd can tell from one.
BAD = ["restart always", *(["Restrt=always"] if shutil.which("systemd-analyze") else [])]


@pytest.mark.parametrize("bad", BAD)
def test_a_unit_that_is_none_is_seen(tmp_path: Path, bad: str) -> None:
    """A misspelt setting would be ignored, and with it what it was there for."""
    assert complaints(UNIT.read_text().replace("Restart=always", bad), tmp_path) != []


def test_the_unit_starts_a_command_of_ours() -> None:
    """What it starts is on the command line as it is written."""
    (start,) = re.findall("^ExecStart=(.+)$", UNIT.read_text(), re.MULTILINE)
    command, *words = shlex.split(start)

    chosen = parser().parse_args(words)

    assert command == INSTALLED
    assert (chosen.command, chosen.config) == ("standalone", Path("/etc/meetwire/meetwire.toml"))
