"""Read what was written of a meeting: its files, its cues; not without seeing that they are what its manifest lists."""

import asyncio
from hashlib import sha256
from typing import Final

import msgspec

from schemas.archive.cues import Cue, CuesHead
from schemas.archive.manifest import ArchivedFile, Manifest

from ..errors import Altered, Missing
from ..life.sealing import Sealing
from ..stores import Store

CUES: Final = "captions.jsonl"
_HEAD: Final = msgspec.json.Decoder(CuesHead)
_CUE: Final = msgspec.json.Decoder(Cue)


async def cues(store: Store, seals: Sealing | None, key: str, manifest: Manifest) -> list[Cue] | None:
    """Return the cues of the version whose manifest lies at `key`; None where they are no longer to be read.

    They are gone, erased, or sealed while `seals` is None. Raises Altered, StoreUnavailable.
    """
    try:
        return await listed_cues(store, seals, key, manifest)
    except Missing:
        return None


async def listed_cues(store: Store, seals: Sealing | None, key: str, manifest: Manifest) -> list[Cue] | None:
    """The same, but raises Missing where the manifest lists them and they are gone."""
    file = next((one for one in manifest.files if one.name == CUES), None)
    content = None if file is None else await _content(store, seals, key, manifest, file)
    # Thousands, and others wait for the loop.
    return None if content is None else await asyncio.to_thread(decoded, key, content)


async def content_of(
    store: Store, seals: Sealing | None, key: str, manifest: Manifest, file: ArchivedFile
) -> bytes | None:
    """Return a file's content, opened; None where it is no longer to be read. Raises Altered, StoreUnavailable."""
    try:
        return await _content(store, seals, key, manifest, file)
    except Missing:
        return None


async def _content(
    store: Store, seals: Sealing | None, key: str, manifest: Manifest, file: ArchivedFile
) -> bytes | None:
    content = await store.get(beside(key, file.name))
    if sha256(content).hexdigest() != file.sha256:
        raise Altered(f"{beside(key, file.name)}: it is not the file that the manifest lists")
    if not file.sealed:
        return content
    sealer = None if seals is None else await seals.files(manifest.occurrence, manifest.version)
    return None if sealer is None else sealer.opened(file.name, content)


def beside(key: str, name: str) -> str:
    """Return the key of a file beside a manifest."""
    return f"{key.rpartition('/')[0]}/{name}"


def decoded(key: str, content: bytes) -> list[Cue]:
    """Return the cues in captions.jsonl. Raises Altered; what it says shows none of them."""
    try:
        head, *lines = content.splitlines()
        _HEAD.decode(head)
        return [_CUE.decode(line) for line in lines]
    except (msgspec.DecodeError, ValueError):
        raise Altered(f"{beside(key, CUES)}: not a file of cues") from None
