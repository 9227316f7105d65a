"""Tell failures of standard output from those of every other file.

Promises: what cannot be written there raises OutputFailed, which no command takes for a fault of its archive or log. A
reader that went away stays a BrokenPipeError.
"""

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import Any, TextIO, cast


class OutputFailed(Exception):
    """Standard output cannot be written; the message says why."""


class _Watched:
    """A file to write to, and all else that it is."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def write(self, text: str) -> int:
        with _told():
            return self._out.write(text)

    def flush(self) -> None:
        with _told():
            self._out.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._out, name)


@contextlib.contextmanager
def watched_output() -> Iterator[None]:
    """Have standard output raise OutputFailed within the block."""
    was = sys.stdout
    with contextlib.ExitStack() as stack:
        # Closed (`meetwire … >&-`): whoever writes there hears of it, and no file that is opened later has its number.
        # So has glibc it for programs that matter.
        out = was or stack.enter_context(open(os.open(os.devnull, os.O_RDONLY), "w", encoding="utf-8"))
        sys.stdout = cast(TextIO, _Watched(out))
        try:
            yield
        finally:
            sys.stdout = was


def drop_output() -> None:
    """Let go of what was not written: it would be flushed at the end, and Python would complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextlib.contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputFailed(error.strerror) from error
