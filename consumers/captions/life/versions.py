"""Read and write the versions of an occurrence: its files, its manifest, and what the ledger says of it.

Files come first, then the manifest, then the ledger: a folder without a manifest is a version that never was, and who
writes that version later may write over its files. What has a manifest stays as it is; it is said in the ledger by who
comes to the same, and by nobody else, for it may be anybody's: who finds another one takes the next version.
"""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

import msgspec

from schemas.archive.manifest import ArchivedFile, Manifest
from schemas.archive.statements import MeetingKept

from ..archive import Archive
from ..errors import Altered, Locked, Missing
from ..formats import Rendered
from ..stores import Keep, Store
from .holding import KeptVersion
from .over import over_at
from .past import standing
from .sealing import FileSealer

MANIFEST: Final = "manifest.json"
_DECODER: Final = msgspec.json.Decoder(Manifest)


class Version(msgspec.Struct, frozen=True):
    """A manifest, and where it lies."""

    key: str
    manifest: Manifest

    @property
    def above(self) -> str:
        """What the keys of all versions of the occurrence begin with."""
        return self.key.rsplit("/", 2)[0] + "/"


def enterprise_in(key: str) -> str:
    """Return the enterprise of the meeting whose manifest lies at `key`. Pure."""
    return key.split("/")[1]


def occurrence_in(key: str) -> str:
    """Return the occurrence whose manifest lies at `key`. Pure."""
    return key.split("/")[3]


async def read_version(store: Store, key: str) -> Version:
    """Return the version whose manifest lies at `key`, whoever put it. Raises Missing, Altered."""
    return Version(key, _decoded(key, await store.get(key)))


async def read_kept(store: Store, said: MeetingKept | KeptVersion) -> Version:
    """Return the version that the ledger keeps. Raises Missing, and Altered where it is another manifest."""
    content = await store.get(said.manifest)
    if sha256(content).hexdigest() != said.sha256:
        raise Altered(f"{said.manifest}: it is not the manifest that the ledger names")
    return Version(said.manifest, _decoded(said.manifest, content))


async def newest(archive: Archive, occurrence: str) -> Version:
    """Return the newest version that the ledger keeps of an occurrence. Raises Missing, Altered."""
    said = (await standing(archive)).kept.get(occurrence)
    if said is None:
        raise Missing(f"occurrence {occurrence}")
    return await read_kept(archive.store, said)


async def put_version(
    archive: Archive, above: str, manifest: Manifest, files: Sequence[Rendered], at: datetime
) -> Version:
    """Write a version of `manifest`, with these files, sealed where the archive is, and return it as it lies.

    `above`: meeting_folder(…) without the version. The manifest's version is the first that is tried; where another
    manifest lies there, or something of a version that never was and cannot be written over, it is the next one. To
    write the same again changes nothing.
    """
    while True:
        contents = await _contents(archive, manifest, files)
        key = f"{above}{manifest.version:03d}/{MANIFEST}"
        if contents is not None:
            manifest = msgspec.structs.replace(manifest, files=_listed(files, contents, archive.seals is not None))
            content = msgspec.json.encode(manifest)
            there = await _put(archive, key, manifest, content, dict(zip(_names(files), contents, strict=True)))
            if there == content:
                await _say(archive, key, there, at)
                return Version(key, manifest)
        manifest = msgspec.structs.replace(manifest, version=manifest.version + 1)


async def keep_of(archive: Archive, key: str, manifest: Manifest) -> Keep | None:
    """Return how long the store itself is to refuse deletion of an occurrence's files. Raises Altered."""
    if archive.settings.object_lock == "off":
        return None
    return Keep(until=await over_at(archive, key, manifest) + timedelta(days=archive.settings.retention_days))


async def _put(archive: Archive, key: str, manifest: Manifest, content: bytes, files: dict[str, bytes]) -> bytes | None:
    """Return what lies at `key` afterwards; None where the files cannot be written.

    Another process may write the same version, and be first: what it wrote stays.
    """
    if (there := await _there(archive.store, key)) is not None:
        return there
    keep = await keep_of(archive, key, manifest)
    folder = key.removesuffix(MANIFEST)
    try:
        # Of a version that never was: whatever else lies there is none of this one.
        async for other in archive.store.keys(folder):
            if other == key:
                return await archive.store.get(key)
            if other.removeprefix(folder) not in files:
                await archive.store.delete(other)
        there = None
        for name, file in files.items():
            if not await _is_put(archive.store, folder + name, file, keep):
                if (there := await _there(archive.store, key)) is not None:
                    break
                await archive.store.replace(folder + name, file)
        if there is None:
            await archive.store.put(key, content, keep=keep)
            there = await archive.store.get(key)
        if there != content:
            await _take_back(archive.store, key, there, files)
    except Locked:
        return None
    return there


async def _take_back(store: Store, key: str, there: bytes, files: Iterable[str]) -> None:
    """Delete what was put beside another process's manifest that does not list it. Raises Locked."""
    try:
        listed = {file.name for file in _decoded(key, there).files}
    except Altered:
        return
    for name in files:
        if name not in listed:
            await store.delete(key.removesuffix(MANIFEST) + name)


async def _there(store: Store, key: str) -> bytes | None:
    try:
        return await store.get(key)
    except Missing:
        return None


async def _is_put(store: Store, key: str, content: bytes, keep: Keep | None) -> bool:
    """Return whether `content` lies there; False where something else does."""
    return await store.put(key, content, keep=keep) or await _there(store, key) == content


async def _say(archive: Archive, key: str, content: bytes, at: datetime) -> None:
    manifest = _decoded(key, content)
    said = MeetingKept(
        at=at,
        occurrence=manifest.occurrence,
        version=manifest.version,
        manifest=key,
        sha256=sha256(content).hexdigest(),
        records=manifest.records,
        root=manifest.root,
    )
    await archive.ledger.append([said])


async def _contents(archive: Archive, manifest: Manifest, files: Sequence[Rendered]) -> list[bytes] | None:
    """Return the files as they are to lie; None where the key of this version's files was erased."""
    if archive.seals is None or not files:
        return [file.content for file in files]
    sealer = await archive.seals.files(manifest.occurrence, manifest.version, make=True)
    return None if sealer is None else await asyncio.to_thread(_sealed, sealer, files)


def _sealed(sealer: FileSealer, files: Sequence[Rendered]) -> list[bytes]:
    return [sealer.seal(file.name, file.content) for file in files]


def _names(files: Sequence[Rendered]) -> list[str]:
    return [file.name for file in files]


def _listed(files: Sequence[Rendered], contents: Sequence[bytes], sealed: bool) -> list[ArchivedFile]:
    return [
        ArchivedFile(
            name=file.name,
            media_type=file.media_type,
            size=len(content),
            sha256=sha256(content).hexdigest(),
            sealed=sealed,
        )
        for file, content in zip(files, contents, strict=True)
    ]


def _decoded(key: str, content: bytes) -> Manifest:
    try:
        return _DECODER.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Altered(f"{key}: no manifest") from None
