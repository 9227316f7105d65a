"""An archive with two meetings in it, and packages of the second."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from consumers.captions.archive import Archive

from ..meetings import NAME, archive_of
from .packages import Package, keep_both, package


@pytest.fixture
async def archive(tmp_path: Path) -> AsyncIterator[Archive]:
    """Give an archive with two meetings in it."""
    async with archive_of(tmp_path) as archive:
        await keep_both(archive)
        yield archive


@pytest.fixture
def public_key(archive: Archive) -> str:
    """Return the public key as a stranger has it."""
    return str(archive.key.verifier(NAME))


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Package, str]:
    """Return a package of an archive of its own, made once, and the public key."""

    async def build() -> tuple[Package, str]:
        async with archive_of(tmp_path_factory.mktemp("packed")) as archive:
            await keep_both(archive)
            return await package(archive), str(archive.key.verifier(NAME))

    return asyncio.run(build())
