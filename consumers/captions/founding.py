"""Have the ledger say, once a cluster, that its segments are vouched for from now on.

What lies there by then is of a version that did not vouch, and is listed by the last segment of each partition; without
that statement whoever took every MAC away could have an archive taken for an old one. It is said at the first time of
every cluster that has segments: one that was left can be gone on with later. What is kept beside the segments is taken
over as it lies. All writers of a version before have to have stopped.
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
    before: dict[str, str] = {}
    # Where it was said of another cluster before, no version before has ever written to this one.
    clusters = [cluster] if archive.ledger.vouched else [cluster, *await _others(archive, cluster)]
    is_first = not archive.ledger.vouched
    for one in clusters:
        found, standings = await _there(archive, storing, one) if is_first else ({}, [])
        for key in standings:
            await _take_over(archive, trust, key)
        if await _say(archive, SegmentsVouched(at=now(), cluster=one, before=found)) and one == cluster:
            trust.is_new, before = True, found
    trust.heed(archive.ledger.vouched)
    return len(before)


async def _say(archive: Archive, said: SegmentsVouched) -> bool:
    try:
        await archive.ledger.append([said])
    except Conflict:
        # Another one was faster, and found less, or more.
        return False
    return True


async def _others(archive: Archive, cluster: str) -> list[str]:
    """Return what other clusters have evidence there, with one request each."""
    found = []
    after = ""
    while (key := await anext(aiter(archive.store.keys(EVIDENCE, after=after)), None)) is not None:
        name = key.removeprefix(EVIDENCE).partition("/")[0]
        if name != cluster:
            found.append(name)
        # A slash sorts right before a nought: what begins with the folder's name and a slash is passed over.
        after = f"{EVIDENCE}{name}0" if key.startswith(f"{EVIDENCE}{name}/") else key
    return found


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
