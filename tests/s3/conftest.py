"""Hand tests an S3 server: one that all share, each with a bucket of its own, or one of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from .gateway import Gateway


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def s3(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Gateway]:
    """A server for the whole run: nobody kills or freezes it."""
    async with Gateway(tmp_path_factory.mktemp("s3")) as gateway:
        yield gateway


@pytest.fixture
async def own_s3(tmp_path: Path) -> AsyncIterator[Gateway]:
    """A server that the test may kill, freeze and start again."""
    async with Gateway(tmp_path / "s3") as gateway:
        yield gateway
