"""The simulator checks the receiver, so it must not be made of it."""

from __future__ import annotations

import ast
from pathlib import Path

import deploy.simulator

OURS = {"receiver", "consumers", "schemas", "deploy"}
ALLOWED = {"aiohttp", "msgspec", "uvloop", "yarl"}


def test_simulator_imports_nothing_of_ours() -> None:
    """Neither the receiver's code nor its schemas: what it sends is written from the reference alone."""
    files = sorted(Path(deploy.simulator.__file__).parent.glob("*.py"))
    imported: set[str] = set()
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                imported.add(node.module.partition(".")[0])

    assert len(files) > 20
    assert imported & OURS == set()
    assert imported >= ALLOWED
