"""Run the commands of the dashboard's chapter, and compare what they print with what is shown."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from consumers.dashboard.access.roll import read

from .deploy.cli.running import environment
from .readme.document import READMES, fences
from .readme.session import BIN, commands


@pytest.mark.parametrize("language", READMES)
def test_users_are_written_as_the_chapter_shows(language: str, tmp_path: Path) -> None:
    """In both languages; the day on which a token ends is another one."""
    (block,) = fences(READMES[language].read_text(), "console", "users")
    here = environment({"PATH": f"{BIN}:{os.environ['PATH']}"})
    day = re.compile(r"\d{4}-\d\d-\d\d")
    for command in commands(block):
        done = subprocess.run(
            ["bash", "-c", command.line],
            cwd=tmp_path,
            env=here,
            capture_output=True,
            text=True,
            timeout=200,
            check=True,
        )
        assert (day.sub("", done.stdout.rstrip("\n")), done.stderr) == (day.sub("", command.shown.rstrip("\n")), "")

    known = read(tmp_path / "data/dashboard-users.json")
    assert known is not None
    assert ([user.user for user in known.users], [token.name for token in known.tokens]) == (["ann", "bob"], ["wall"])
