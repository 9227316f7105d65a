"""An archive that is opened: which settings do not fit the one that is there."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from consumers.captions.archive import refuse_unsealed
from consumers.captions.errors import Misconfigured

from .life.conftest import write_master
from .meetings import archive_of, keep


@pytest.mark.parametrize("keys", ["keys", "keys that nobody made"])
async def test_a_sealed_archive_is_not_gone_on_with_unsealed(memory: Path, keys: str) -> None:
    """Where the master key was left out of the settings, by mistake or not: all that came would lie open beside it."""
    master = await asyncio.to_thread(write_master, memory / "master", b"m" * 32)
    async with archive_of(memory, encryption_key_file=str(master)) as archive:
        await keep(archive)
        await refuse_unsealed(archive)

    async with archive_of(memory, keys_store=f"file:{memory / keys}") as archive:
        with pytest.raises(Misconfigured, match=r"/archive is sealed: captions\.encryption_key_file is needed"):
            await refuse_unsealed(archive)


async def test_an_open_archive_is_gone_on_with_open(memory: Path) -> None:
    """With a folder for keys that was made and never used, or none."""
    async with archive_of(memory) as archive:
        await keep(archive)
    (memory / "keys").mkdir()

    async with archive_of(memory) as archive:
        await refuse_unsealed(archive)
