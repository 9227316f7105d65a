"""Read what was written of a meeting: its manifest, its files, its cues."""

from typing import Final

import msgspec

from schemas.archive.cues import Cue, CuesHead
from schemas.archive.manifest import ArchivedFile, Manifest

from ..errors import Altered, Missing
from ..life.sealing import Sealing
from ..stores import Store

CUES: Final = "captions.jsonl"
_MANIFEST: Final = msgspec.json.Decoder(Manifest)
_HEAD: Final = msgspec.json.Decoder(CuesHead)
_CUE: Final = msgspec.json.Decoder(Cue)


async def manifest(store: Store, key: str) -> Manifest:
    """Return a manifest. Raises Missing, Altered, StoreUnavailable."""
    try:
        return _MANIFEST.decode(await store.get(key))
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Altered(f"{key}: not a manifest") from None


async def cues(store: Store, seals: Sealing | None, key: str, manifest: Manifest) -> list[Cue] | None:
    """Return the cues of the version whose manifest lies at `key`; None where they are no longer to be read.

    They are erased, or sealed while `seals` is None. Raises Altered, StoreUnavailable.
    """
    file = next((one for one in manifest.files if one.name == CUES), None)
    content = None if file is None else await content_of(store, seals, key, manifest, file)
    return None if content is None else decoded(key, content)


async def content_of(
    store: Store, seals: Sealing | None, key: str, manifest: Manifest, file: ArchivedFile
) -> bytes | None:
    """Return a file's content, opened; None where it is no longer to be read. Raises Altered, StoreUnavailable."""
    try:
        content = await store.get(beside(key, file.name))
    except Missing:
        return None
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
