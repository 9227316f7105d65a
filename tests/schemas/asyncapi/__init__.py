"""Ask the AsyncAPI initiative's own parser about a document; offline, and not a line of it is ours."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
CHECK = Path(__file__).with_name("check.mjs")
PARTS = ROOT / ".parts/asyncapi"


def errors_in(document: Path) -> list[str]:
    """Return the errors in an AsyncAPI document, each with its path; fail the test where the parser is missing."""
    node = shutil.which("node")
    if node is None or not (PARTS / "node_modules").is_dir():
        pytest.fail(f"Node.js or the AsyncAPI parser in {PARTS} is missing: run `make parts`", False)
    command: list[str | Path] = [node, CHECK, PARTS, document]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)
    assert done.stderr == ""
    errors = done.stdout.splitlines()
    assert done.returncode == bool(errors)
    return errors
