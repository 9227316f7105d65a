"""Run what awaits something on both event loops: each wraps a connection over TLS in a way of its own."""

from __future__ import annotations

from tests.loops import pytest_asyncio_loop_factories

__all__ = ["pytest_asyncio_loop_factories"]
