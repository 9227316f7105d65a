"""Catch what the receiver says of itself, whole."""

from __future__ import annotations

import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

import structlog
from structlog.testing import capture_logs

Line = MutableMapping[str, Any]


@contextmanager
def lines_caught() -> Iterator[list[Line]]:
    """Yield the log lines as they are said, those below `info` included.

    Another test may have set up logging for good, as a command does: loggers that remember that are made to ask again.
    """
    structlog.reset_defaults()
    for name, module in list(sys.modules.items()):
        if name.startswith("receiver.") and hasattr(module, "_LOG"):
            vars(module._LOG).pop("bind", None)
    with capture_logs() as lines:
        yield lines
