"""Both event loops: the command takes uvloop where it installs, else asyncio's own.

pytest-asyncio asks conftest.py files for `pytest_asyncio_loop_factories`, and never a module of tests.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import uvloop


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Return how each loop is made."""
    return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
