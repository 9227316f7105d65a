"""Have the ledger say, once a cluster, that its segments are vouched for from now on.

What lies there by then is of a version that did not vouch, and is listed by the last segment of each partition; without
that statement whoever took every MAC away could have an archive taken for an old one. What is kept beside the segments
is taken over as it lies. All writers of a version before have to have stopped.
"""

import contextlib
from collections.abc import Callable
from datetime import datetime

from schemas.archive import EVIDENCE
from schemas.archive.statements import SegmentsVouched

from .archive import Archive
from .errors import Conflict, Locked
from .evidence.trust import Trust


async def found(archive: Archive, trust: Trust, cluster: str, now: Callable[[], datetime]) -> int:
    """Have it said, and `trust` know it; return how many partitions have segments of before, if it is said now.

    Raises Altered where nothing can be said in the ledger, and StoreUnavailable.
    """
    trust.heed(archive.ledger.vouched)
    if trust.knows(cluster):
        return 0
    before, standings = await _there(archive, cluster)
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


async def _there(archive: Archive, cluster: str) -> tuple[dict[str, str], list[str]]:
    """Return the last segment of each partition, and what else is remembered there."""
    last: dict[str, str] = {}
    standings = []
    async for key in archive.store.keys(f"{EVIDENCE}{cluster}/"):
        if key.endswith(".standing"):
            standings.append(key)
        elif key.endswith(".jsonl") and key.count("/") == 4:
            _, _, topic, partition, _ = key.split("/")
            if partition.isdecimal():
                last[f"{topic}/{int(partition)}"] = key
    return last, standings


async def _take_over(archive: Archive, trust: Trust, key: str) -> None:
    content = await archive.store.get(key)
    if trust.opened(key, content) is None and content.endswith(b"}"):
        with contextlib.suppress(Locked):
            await archive.store.replace(key, trust.vouched(key, content))
