"""A small archive in a folder, for each test its own."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from consumers.captions.proof.key import SigningKey
from consumers.captions.proof.ledger import Ledger
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


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory, key: SigningKey) -> Path:
    """Return a folder with an archive in it, which is written once: a test takes a copy."""
    path = tmp_path_factory.mktemp("template") / "archive"

    async def write() -> None:
        async with open_folder(f"file:{path}") as store:
            await build(store, key)

    asyncio.run(write())
    return path


@pytest.fixture
async def built(tmp_path: Path, template: Path) -> AsyncIterator[FolderStore]:
    """Give a store with an archive in it."""
    shutil.copytree(template, tmp_path / "archive")
    async with open_folder(f"file:{tmp_path / 'archive'}") as store:
        yield store


@pytest.fixture
async def ledger(built: FolderStore, key: SigningKey) -> Ledger:
    """Return its ledger."""
    return await Ledger.open(built, key, NAME)
