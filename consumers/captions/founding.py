"""Have the ledger say, once a cluster, that its segments are vouched for from now on.

What lies there by then is of a version that did not vouch, and is listed by the last segment of each partition; without
that statement whoever took every MAC away could have an archive taken for an old one. What is kept beside the segments
is taken over as it lies. All writers of a version before have to have stopped.
"""

import contextlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime

from schemas.archive import EVIDENCE
from schemas.archive.statements import SegmentsVouched

from .archive import Archive
from .errors import Conflict, Locked
from .evidence.storing import Storing
from .evidence.trust import Trust


async def found(archive: Archive, storing: Storing, cluster: str, now: Callable[[], datetime]) -> int:
    """Have it said, and known; return how many partitions have segments of before, if it is said now.

    Raises Altered where nothing can be said in the ledger, and StoreUnavailable.
    """
    trust = storing.trust
    trust.heed(archive.ledger.vouched)
    if trust.knows(cluster):
        return 0
    # Where it was said of another cluster, no version before has ever written to this one.
    before, standings = await _there(archive, storing, cluster) if not archive.ledger.vouched else ({}, [])
    for key in standings:
        await _take_over(archive, trust, key)
    try:
        await archive.ledger.append([SegmentsVouched(at=now(), cluster=cluster, before=before)])
        trust.is_new = True
    except Conflict:
        # Another one was faster, and found less, or more.
        before = {}
    trust.heed(archive.ledger.vouched)
    return len(before)


async def _there(archive: Archive, storing: Storing, cluster: str) -> tuple[dict[str, str], list[str]]:
    """Return the last segment of each partition that a writer of ours wrote, and what else is remembered there."""
    there: dict[str, list[str]] = defaultdict(list)
    standings = []
    async for key in archive.store.keys(f"{EVIDENCE}{cluster}/"):
        if key.endswith(".standing"):
            standings.append(key)
        elif key.endswith(".jsonl") and key.count("/") == 4:
            _, _, topic, partition, _ = key.split("/")
            if partition.isdecimal():
                there[f"{topic}/{int(partition)}"].append(key)
    return {place: last for place, keys in there.items() if (last := await _last(storing, keys))}, standings


async def _last(storing: Storing, keys: Sequence[str]) -> str:
    for key in reversed(keys):
        if await storing.wrote(key):
            return key
    return ""


async def _take_over(archive: Archive, trust: Trust, key: str) -> None:
    content = await archive.store.get(key)
    if trust.opened(key, content) is None and content.endswith(b"}"):
        with contextlib.suppress(Locked):
            await archive.store.replace(key, trust.vouched(key, content))
