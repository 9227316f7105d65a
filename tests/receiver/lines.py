"""Catch what the receiver says of itself, whole; and wait for it to be said."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any, Final

import structlog

Line = dict[str, Any]
_LEVELS: Final = {"warn": "warning", "exception": "error"}


class Lines(list[Line]):
    """The lines in the order in which they were said, those below `info` included."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()

    async def said(self, event: str, **what: object) -> Line:
        """Return the first line of this name, past or to come, that has these values; fail after a minute."""
        waiting = (asyncio.get_running_loop(), asyncio.Event())
        self._waiting.add(waiting)
        async with asyncio.timeout(60):
            while True:
                for line in self:
                    if line["event"] == event and what.items() <= line.items():
                        self._waiting.discard(waiting)
                        return line
                waiting[1].clear()
                await waiting[1].wait()

    def named(self, *events: str) -> list[Line]:
        """Return the lines of these names."""
        return [line for line in self if line["event"] in events]

    def keep(self, _: object, method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """Take one line, as structlog's only processor. Any thread may say it."""
        self.append({**line, "log_level": _LEVELS.get(method, method)})
        for loop, event in self._waiting:
            loop.call_soon_threadsafe(event.set)
        raise structlog.DropEvent


@contextmanager
def lines_caught() -> Iterator[Lines]:
    """Yield the log lines as they are said.

    Another test may have set up logging for good, as a command does: loggers that remember that are made to ask again.
    """
    _forget_settings()
    lines = Lines()
    structlog.configure(processors=[lines.keep], cache_logger_on_first_use=False)
    try:
        yield lines
    finally:
        _forget_settings()


def _forget_settings() -> None:
    structlog.reset_defaults()
    for name, module in list(sys.modules.items()):
        if name.startswith(("receiver.", "deploy.")) and hasattr(module, "_LOG"):
            vars(module._LOG).pop("bind", None)
