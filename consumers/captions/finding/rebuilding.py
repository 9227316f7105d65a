"""Derive from the evidence, once more, what can be read of each meeting.

Where the rules have changed since, that is a new version beside the old one. Where they have not, the files are the
same bytes as ever: one that is missing or damaged is put back, and one that comes out otherwise is told, never put.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import sha256

import msgspec

from schemas.archive.manifest import ArchivedFile, Manifest
from schemas.archive.statements import MeetingKept

from ..archive import Archive
from ..errors import Altered, Missing
from ..formats import Rendered, rendered
from ..life.reading import told_of
from ..life.rewriting import is_gone
from ..life.versions import Version, put_version, read_kept
from ..manifesting import RULES
from ..transcript import Transcript, occurrences, transcribe
from ..transcript.shapes import Occurrence
from ..transcript.unseen import lost_of
from .files import beside
from .keeping import last_of


def _now() -> datetime:
    return datetime.now(UTC)


class Rebuilt(msgspec.Struct, kw_only=True):
    """What was done."""

    meetings: int = 0
    """That were looked at."""
    versions: list[str] = []
    """Manifests of the versions that other rules gave."""
    restored: list[str] = []
    """Files that were put back."""
    damaged: list[str] = []
    """What could not be, and why; `verify` says more."""


async def rebuild(archive: Archive, now: Callable[[], datetime] = _now) -> Rebuilt:
    """Rebuild every meeting that is kept.

    Raises StoreUnavailable, Misconfigured where it is sealed and the key is not given, Altered for the ledger.
    """
    done = Rebuilt()
    for kept in last_of(await archive.ledger.statements()).values():
        if isinstance(kept, MeetingKept):
            done.meetings += 1
            try:
                await _rebuild(archive, kept, done, now)
            except (Missing, Altered) as error:
                done.damaged.append(f"{kept.manifest}: {str(error).removeprefix(f'{kept.manifest}: ')}")
    if done.versions:
        await archive.ledger.checkpoint()
    return done


async def _rebuild(archive: Archive, kept: MeetingKept, done: Rebuilt, now: Callable[[], datetime]) -> None:
    version = await read_kept(archive.store, kept)
    if is_gone(version.manifest):
        return
    told = await told_of(archive, version.manifest.evidence)
    found = await asyncio.to_thread(occurrences, told, [version.manifest])
    occurrence = next((one for one in found if one.id == version.manifest.occurrence), None)
    if occurrence is None:
        raise Missing("its evidence tells of no such occurrence")
    occurrence = msgspec.structs.replace(occurrence, lost=lost_of(version.manifest))
    transcript, files = await asyncio.to_thread(_derived, occurrence)
    if version.manifest.rules != RULES:
        manifest = _by_other_rules(version.manifest, transcript)
        done.versions.append((await put_version(archive, version.above, manifest, files, now())).key)
    else:
        await _restore(archive, version, {file.name: file for file in files}, done)


def _derived(occurrence: Occurrence) -> tuple[Transcript, list[Rendered]]:
    transcript = transcribe(occurrence)
    return transcript, rendered(transcript, occurrence)


def _by_other_rules(manifest: Manifest, transcript: Transcript) -> Manifest:
    return msgspec.structs.replace(
        manifest,
        version=manifest.version + 1,
        because="rebuilt",
        captions=transcript.captions,
        cues=len(transcript.cues),
        unfinished=transcript.unfinished,
        languages=transcript.languages,
        unseen=transcript.unseen,
        rules=RULES,
    )


async def _restore(archive: Archive, version: Version, derived: Mapping[str, Rendered], done: Rebuilt) -> None:
    for file in version.manifest.files:
        key = beside(version.key, file.name)
        if await _lies_there(archive, key, file):
            continue
        content = await _sealed(archive, version.manifest, file, derived.get(file.name))
        if content is None or sha256(content).hexdigest() != file.sha256:
            done.damaged.append(f"{key}: what is derived today is not what it was")
            continue
        await archive.store.replace(key, content)
        done.restored.append(key)


async def _lies_there(archive: Archive, key: str, file: ArchivedFile) -> bool:
    try:
        return sha256(await archive.store.get(key)).hexdigest() == file.sha256
    except Missing:
        return False


async def _sealed(archive: Archive, manifest: Manifest, file: ArchivedFile, derived: Rendered | None) -> bytes | None:
    if derived is None or not file.sealed:
        return None if derived is None else derived.content
    sealer = None if archive.seals is None else await archive.seals.files(manifest.occurrence, manifest.version)
    return None if sealer is None else sealer.seal(file.name, derived.content)
