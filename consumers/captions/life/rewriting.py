"""Write an occurrence anew from what is left of its evidence, as its next version."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from schemas.archive.manifest import Manifest
from schemas.archive.tombstones import Tombstone

from ..archive import Archive
from ..errors import Locked
from ..evidence.told import Told
from ..formats import Rendered, rendered
from ..manifesting import RULES
from ..transcript import ClosedBy, Occurrence, transcribe
from ..transcript.unseen import lost_of
from .reading import told_of
from .versions import MANIFEST, Version, newest, put_version, read_version


async def rewritten(archive: Archive, tombstone: Tombstone, at: datetime) -> Version:
    """Return the version without what the tombstone lists, written now where it was not before.

    Of an occurrence of which nothing is left it has no files. Raises Missing, Altered, Misconfigured.
    """
    last = await newest(archive, tombstone.occurrence)
    is_later = last.manifest.version > tombstone.version and last.manifest.because == "erased"
    if is_later and is_gone(last.manifest):
        return last
    # Nothing is left of what nobody wrote to in between: there is nothing to read.
    untouched = tombstone.whole and last.manifest.version == tombstone.version
    told = [] if untouched else await told_of(archive, last.manifest.evidence)
    # A later one may be of another erasure, by who read the evidence before this one's lines went: it is the one only
    # where the same is derived again.
    number = last.manifest.version + (not is_later)
    manifest, files = await asyncio.to_thread(_derived, last, told, number)
    return await put_version(archive, last.above, manifest, files, at)


async def delete_before(archive: Archive, version: Version) -> None:
    """Delete the files of all versions before this one, manifests excepted, and the keys of sealed ones.

    Where the store refuses, a sealed file stays, and nobody can read it. Raises Locked for one that is not sealed.
    """
    listed = {
        key async for key in archive.store.keys(version.above) if _number(version, key) < version.manifest.version
    }
    manifests = [await read_version(archive.store, key) for key in sorted(listed) if key.endswith(f"/{MANIFEST}")]
    sealed = {key for one in manifests for key in _keys(one, sealed=True)}
    opened = {key for one in manifests for key in _keys(one, sealed=False)}
    if archive.seals is not None:
        for number in range(1, version.manifest.version):
            await archive.seals.erase_files(version.manifest.occurrence, number)
    # Those too that are not listed any more: who deleted one may have ended amid it.
    for key in sorted((listed | sealed | opened) - {one.key for one in manifests}):
        await _delete(archive, key, may_stay=archive.seals is not None and key not in opened)


def is_gone(manifest: Manifest) -> bool:
    """Return whether nothing of the occurrence is left. Pure."""
    return manifest.because == "erased" and not manifest.files


def _number(version: Version, key: str) -> int:
    return int(key.removeprefix(version.above).partition("/")[0])


def _keys(version: Version, *, sealed: bool) -> set[str]:
    folder = version.key.removesuffix(MANIFEST)
    return {folder + file.name for file in version.manifest.files if file.sealed == sealed}


async def _delete(archive: Archive, key: str, *, may_stay: bool) -> None:
    try:
        await archive.store.delete(key)
    except Locked:
        if not may_stay:
            raise


def _derived(last: Version, told: list[Told], number: int) -> tuple[Manifest, list[Rendered]]:
    """Return the manifest of version `number`, its files not yet listed, and the files of what is left. Pure."""
    before = last.manifest
    manifest = msgspec.structs.replace(
        before,
        version=number,
        because="erased",
        cues=0,
        unfinished=0,
        languages=[],
        files=[],
        rules=RULES,
    )
    # A receiver's sign of life is of no enterprise; it alone is nothing to read.
    left = [one for one in told if one.enterprise]
    if not left:
        return manifest, []
    occurrence = _occurrence(last, told, left)
    transcript = transcribe(occurrence)
    manifest = msgspec.structs.replace(
        manifest,
        cues=len(transcript.cues),
        unfinished=transcript.unfinished,
        languages=transcript.languages,
        unseen=transcript.unseen,
    )
    return manifest, rendered(transcript, occurrence)


def _occurrence(last: Version, told: list[Told], left: Sequence[Told]) -> Occurrence:
    before = last.manifest
    return Occurrence(
        id=before.occurrence,
        enterprise=before.enterprise,
        meeting_id=before.meeting_id,
        meeting_uuid=before.meeting_uuid,
        day=last.above.split("/")[2],
        started_at=before.started_at,
        ended_at=before.ended_at,
        closed_by=msgspec.convert(before.closed_by, ClosedBy),
        last_at=datetime.fromtimestamp(max(one.time_ms for one in left) / 1000, UTC),
        told=told,
        lost=lost_of(before),
    )
