"""Run a coroutine on uvloop where that is installed, else on asyncio's own loop."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

_T = TypeVar("_T")


def run(main: Coroutine[Any, Any, _T]) -> _T:
    """Return what `main` returns."""
    try:
        import uvloop
    except ImportError:  # pragma: no cover -- uvloop installs wherever the tests run
        return asyncio.run(main)
    return uvloop.run(main)
