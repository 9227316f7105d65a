"""Erase lines of the small archive, as `life` does."""

from __future__ import annotations

from hashlib import sha256

import msgspec

from consumers.captions.evidence.line import leaf
from consumers.captions.proof.ledger import Ledger
from consumers.captions.stores.folder import FolderStore
from schemas.archive import segment_key
from schemas.archive.lines import ErasedLine
from schemas.archive.statements import Erased
from schemas.archive.tombstones import ErasedStretch, Tombstone, done_key, tombstone_key
from schemas.topics import CAPTIONS

from .building import (
    AT,
    CLUSTER,
    folder,
    occurrence,
    segments,
)

FIRST = segment_key(CLUSTER, CAPTIONS, 0, 0)
B = occurrence(1)


def erasure(lines: list[int], *, whole: bool) -> tuple[Tombstone, bytes, str]:
    """Return a tombstone of meeting B's lines in the first segment, and where it lies."""
    leaves = segments(3, 8)[0].leaves
    stretch = ErasedStretch(segment=FIRST, lines=lines, leaves=[leaves[number].hex() for number in lines])
    tombstone = Tombstone(occurrence=B, enterprise="acme", meeting_id="m-1", version=1, whole=whole, erased=[stretch])
    content = msgspec.json.encode(tombstone)
    return tombstone, content, tombstone_key(B, sha256(content).hexdigest())


async def erase(store: FolderStore, ledger: Ledger, *, whole: bool = False, done: bool = True) -> str:
    """Erase lines 1 and 4 of the first segment, as `life` does; return the tombstone's key."""
    lines = [1, 4]
    _, content, key = erasure(lines, whole=whole)
    await store.put(key, content)
    said = Erased(
        at=AT,
        occurrence=B,
        tombstone=key,
        sha256=sha256(content).hexdigest(),
        records=2,
        who="ann",
        why="request",
        reference="case 7",
    )
    await ledger.append([said])
    await ledger.checkpoint()
    if done:
        await store.replace(FIRST, b"".join(one + b"\n" for one in gone(segments(3, 8)[0].lines, lines)))
        for name in ("captions.jsonl", "captions.zh-CN.vtt"):
            await store.delete(folder(1) + name)
        await store.put(done_key(key), b"")
    return key


def gone(lines: list[bytes], numbers: list[int]) -> list[bytes]:
    """Return lines with some of them erased."""
    return [
        msgspec.json.encode(
            ErasedLine(topic=CAPTIONS, partition=0, offset=number, time_ms=1, leaf=leaf(lines[number]).hex())
        )
        if number in numbers
        else one
        for number, one in enumerate(lines)
    ]
