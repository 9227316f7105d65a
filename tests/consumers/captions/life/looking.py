"""Look for words in an archive as somebody would who has all its disks, and every key that is left."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from consumers.captions.archive import Archive
from consumers.captions.evidence.line import opened, read
from consumers.captions.life.reading import seals_of
from consumers.captions.proof.verify import Report, verify
from schemas.archive import EVIDENCE, MEETINGS
from schemas.archive.lines import OpenLine

from .building import EVENING

# Long after what was sealed in the morning can be erased.
LATER: Final = EVENING


async def words(archive: Archive, folder: Path, *searched: str) -> set[str]:
    """Return which of these words can be read: in any file, or in what opens with the keys that are left."""
    found = {word for word in searched for content in _files(folder) if word.encode() in content}
    for content in [line async for line in _opened(archive)]:
        found |= {word for word in searched if word.encode() in content}
    return found


def _files(folder: Path) -> list[bytes]:
    paths = [path for path in folder.rglob("*") if path.is_file()]
    assert paths
    return [path.read_bytes() for path in paths]


async def _opened(archive: Archive) -> AsyncIterator[bytes]:
    async for key in archive.store.keys(EVIDENCE):
        if not key.endswith(".jsonl"):
            continue
        lines = (await archive.store.get(key)).splitlines()
        if archive.seals is not None:
            await archive.seals.fetch(seals_of(lines))
        for line in lines:
            found = opened(line, archive.seals)
            if isinstance(found, OpenLine):
                yield bytes(found.value)
    async for key in archive.store.keys(MEETINGS):
        *_, occurrence, version, name = key.split("/")
        if archive.seals is None or name == "manifest.json":
            continue
        sealer = await archive.seals.files(occurrence, int(version))
        if sealer is not None:
            yield sealer.opened(name, await archive.store.get(key))


async def verified(archive: Archive) -> Report:
    """Return what verification says of the archive, with its public key alone."""
    return await verify(archive.store, str(archive.key.verifier(archive.settings.name)))


async def kinds(archive: Archive) -> list[type]:
    """Return what the lines of the archive are, in order."""
    found = []
    async for key in archive.store.keys(EVIDENCE):
        if key.endswith(".jsonl"):
            found += [type(read(line)) for line in (await archive.store.get(key)).splitlines()]
    return found
