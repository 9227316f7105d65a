"""Archives in a folder, for each test its own: one that anybody with the files can read, and one under a master key."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from consumers.captions.archive import Archive
from consumers.captions.life.sealing import Sealing

from ..meetings import archive_of


def write_master(path: Path, *keys: bytes) -> Path:
    """Write a file of master keys."""
    path.write_bytes(b"".join(base64.b64encode(key) + b"\n" for key in keys))
    path.chmod(0o600)
    return path


@pytest.fixture(params=["plain", "sealed"])
async def archive(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Archive]:
    """Give an empty archive, once without and once with encryption."""
    other: dict[str, object] = {}
    if request.param == "sealed":
        other["encryption_key_file"] = str(write_master(tmp_path / "master", b"m" * 32))
    async with archive_of(tmp_path, **other) as archive:
        yield archive


@pytest.fixture
async def sealed(tmp_path: Path) -> AsyncIterator[Archive]:
    """Give an empty archive with encryption."""
    key_file = write_master(tmp_path / "master", b"m" * 32)
    async with archive_of(tmp_path, encryption_key_file=str(key_file)) as archive:
        yield archive


@pytest.fixture
async def plain(tmp_path: Path) -> AsyncIterator[Archive]:
    """Give an empty archive without encryption."""
    async with archive_of(tmp_path) as archive:
        yield archive


@pytest.fixture
def seals(sealed: Archive) -> Sealing:
    """Return what seals it."""
    assert sealed.seals is not None
    return sealed.seals
