"""The cloud checks the receiver, so it must not be made of it."""

from __future__ import annotations

import ast
from pathlib import Path

import deploy.simulator.cloud

OURS = {"receiver", "consumers", "schemas", "deploy"}


def test_cloud_imports_nothing_of_ours() -> None:
    """Neither the receiver's code nor its schemas: what it sends is written from the reference alone."""
    files = sorted(Path(deploy.simulator.cloud.__file__).parent.glob("*.py"))
    imported = {
        name.partition(".")[0]
        for file in files
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module]
            if isinstance(node, ast.ImportFrom) and not node.level and node.module
            else []
        )
    }

    assert len(files) > 20
    assert imported & OURS == set()
    assert imported >= {"aiohttp", "msgspec", "uvloop"}
