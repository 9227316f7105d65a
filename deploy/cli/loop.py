"""Run a coroutine on uvloop where that is installed, else on asyncio's own loop."""

import asyncio
import contextlib
import ctypes
import gc
import resource
import sys
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

_T = TypeVar("_T")

# <malloc.h>
_M_TRIM_THRESHOLD: Final = -1
_M_MMAP_THRESHOLD: Final = -3
_KEPT_BYTES: Final = 33_554_432


def run(main: Coroutine[Any, Any, _T]) -> _T:
    """Return what `main` returns."""
    # Ctrl-C may come before the loop has it: nothing that was not begun is left over, to be warned of.
    with contextlib.closing(main):
        return _run(main)


def _run(main: Coroutine[Any, Any, _T]) -> _T:
    # The log's thread wants the interpreter a few times in each commit. A busy event loop gives it up only when this is
    # over, and Python's own 5 ms, several times over, is what the slowest answers then wait for.
    sys.setswitchinterval(0.0005)
    # What is there by now stays: modules, classes, settings. To look through it all for garbage takes some 30 ms, for
    # which everybody waits.
    gc.collect()
    gc.freeze()
    # What is in hand at once, such as the headers of 250 messages, is more than the 700 objects after which Python
    # looks for garbage, each time in vain: a tenth of what it costs to read a record from Kafka.
    gc.set_threshold(10_000)
    _keep_memory()
    _allow_files()
    try:
        import uvloop
    except ImportError:  # pragma: no cover -- uvloop installs wherever the tests run
        return asyncio.run(main)
    return uvloop.run(main)


def _keep_memory() -> None:
    """Let glibc keep some MiB for the next large request to Kafka. It gives them back to the system each time by
    itself, and gets them page by page again: a fifth of what it costs to publish a record."""
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        library.mallopt(_M_MMAP_THRESHOLD, _KEPT_BYTES)
        library.mallopt(_M_TRIM_THRESHOLD, _KEPT_BYTES)


def _allow_files() -> None:
    """Have as many files open as the system lets this process: each connection and each socket is one.

    A shell, and many a container, begin with 1,024 for the sake of select(), which nothing here uses. A thousand
    strangers who say nothing would take the place of pushes, of meetings' sockets and of the log's own files.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
