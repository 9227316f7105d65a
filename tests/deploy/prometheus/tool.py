"""Run promtool, as it stands in Debian's package prometheus."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

FOLDER = Path(__file__).parents[3] / "deploy" / "prometheus"


def promtool(*arguments: str, folder: Path = FOLDER, told: bytes = b"") -> tuple[int, str]:
    """Return the status and what promtool says; `told` is its input."""
    found = shutil.which("promtool")
    assert found, "promtool is missing: requirements/tools.sh installs it"
    ended = subprocess.run([found, *arguments], cwd=folder, input=told, capture_output=True, timeout=200)
    return ended.returncode, (ended.stdout + ended.stderr).decode()
