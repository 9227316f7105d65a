"""A small archive in a folder, for each test its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from consumers.captions.proof.key import SigningKey
from consumers.captions.stores.folder import FolderStore, open_folder

from .building import NAME, build


@pytest.fixture(scope="session")
def key(tmp_path_factory: pytest.TempPathFactory) -> SigningKey:
    """Return a signing key."""
    return SigningKey.load_or_make(tmp_path_factory.mktemp("key") / "archive.key")


@pytest.fixture
def public_key(key: SigningKey) -> str:
    """Return the public key as an auditor has it."""
    return str(key.verifier(NAME))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[FolderStore]:
    """Give an empty store."""
    async with open_folder(f"file:{tmp_path / 'archive'}") as store:
        yield store


@pytest.fixture
async def built(store: FolderStore, key: SigningKey) -> FolderStore:
    """Return a store with an archive in it."""
    await build(store, key)
    return store
