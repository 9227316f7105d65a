"""Accept that a segment is lost: who, why, when, in the ledger.

A segment that was put and is gone, or is not what it was, holds up the meetings that may have lines in it, until it is
put back. Where it cannot be, somebody has to answer for going on without: from then on these meetings are closed of
what there is, and their manifests name the span. Nothing that is signed looks whole for it: a manifest that binds a
line of it goes on doing so, and verification goes on naming what lacks.
It refuses what nothing says was ever put, and what is there as it was put: nothing is given up beforehand.
"""

from collections.abc import Callable
from datetime import UTC, datetime

import msgspec

from schemas.archive import standing_key
from schemas.archive.statements import LossAccepted

from .archive import Archive, trust_in
from .errors import Altered, Conflict, Missing
from .evidence import reading
from .evidence.line import leaf
from .evidence.trust import Trust, place_of
from .life.indexes import is_segment
from .proof.merkle import root
from .tracking import decode_standing


def _now() -> datetime:
    return datetime.now(UTC)


async def accept_loss(
    archive: Archive, segment: str, *, who: str, why: str, now: Callable[[], datetime] = _now
) -> None:
    """Have the ledger say so, once.

    Raises Missing where nothing says that such a segment was put, and Conflict where it is there, or its loss was
    accepted already, by somebody else or for another reason.
    """
    had = await _had(archive, trust_in(archive), segment) if is_segment(segment) else None
    if had is None:
        raise Missing(f"{segment}: nothing says that such a segment was ever put")
    if had and had == await _has(archive, segment):
        raise Conflict(f"{segment}: it is there as it was put, nothing is lost")
    await archive.ledger.append([LossAccepted(at=now(), segment=segment, who=who, why=why)])
    await archive.access.note(who=who, what="accept-loss")


async def _had(archive: Archive, trust: Trust, segment: str) -> str | None:
    """Return the root over the lines that were put; empty where nobody knows it, None where nobody knows of them."""
    if (index := await trust.find(segment)) is not None:
        return index.root
    if (named := await _named_behind(archive, trust, segment)) is not None:
        return named
    return await _in_mind(archive, trust, segment)


async def _named_behind(archive: Archive, trust: Trust, segment: str) -> str | None:
    """Return what the next segment's index says of the one before it."""
    async for key in archive.store.keys(segment.rpartition("/")[0] + "/", after=segment):
        behind = key.removesuffix(".index") + ".jsonl"
        if key.endswith(".index") and is_segment(behind) and (index := await trust.vouched_index(behind)) is not None:
            return index.previous_root if index.previous == segment else None
    return None


async def _in_mind(archive: Archive, trust: Trust, segment: str) -> str | None:
    """Return what is known of it for the sake of the meetings that are on."""
    cluster, place = place_of(segment)
    key = standing_key(cluster, int(place.rpartition("/")[2]))
    try:
        content = trust.opened(key, await archive.store.get(key))
        standing = None if content is None else decode_standing(content)
    except (Missing, Altered, msgspec.MsgspecError, UnicodeDecodeError):
        standing = None
    if standing is None:
        return None
    is_named = any(ref.segment == segment for one in standing.meetings for ref in one.refs)
    return standing.roots.get(segment, "" if is_named else None)


async def _has(archive: Archive, segment: str) -> str | None:
    """Return the root over the lines that lie there; None where there are none."""
    try:
        return root([leaf(line) for line in await reading.lines(archive.store, segment)]).hex()
    except (Missing, Altered):
        return None
