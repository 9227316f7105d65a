"""Run a coroutine on uvloop where that is installed, else on asyncio's own loop."""

import asyncio
import sys
from collections.abc import Coroutine
from typing import Any, TypeVar

_T = TypeVar("_T")


def run(main: Coroutine[Any, Any, _T]) -> _T:
    """Return what `main` returns."""
    # The log's thread wants the interpreter a few times in each commit. A busy event loop gives it up only when this is
    # over, and Python's own 5 ms, several times over, is what the slowest answers then wait for.
    sys.setswitchinterval(0.0005)
    try:
        import uvloop
    except ImportError:  # pragma: no cover -- uvloop installs wherever the tests run
        return asyncio.run(main)
    return uvloop.run(main)
