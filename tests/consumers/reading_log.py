"""Open the local log as a test wants it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import structlog

from consumers.sources import Reading
from consumers.sources.local import LocalSource
from deploy.meters import PrometheusMeters
from schemas import locallog as form

from .writing import LogWriter


def local(folder: Path, wanted: Reading, **options: Any) -> LocalSource:
    """Return a reader of the log in `folder`."""
    given = {"meters": PrometheusMeters(), "logger": structlog.get_logger(), **options}
    return LocalSource(folder, wanted, **given)


def place(writer: LogWriter, group: str = "g") -> form.ReaderPlace:
    """Return what a group's file says."""
    return msgspec.json.decode((writer.folder / "readers" / f"{group}.json").read_bytes(), type=form.ReaderPlace)
