"""A local log for each test that asks for one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .writing import LogWriter


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[LogWriter]:
    """A log that a test writes."""
    writer = LogWriter(tmp_path / "log")
    yield writer
    writer.close()
