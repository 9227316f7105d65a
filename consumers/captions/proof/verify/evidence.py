"""Go over the evidence, segment by segment, in the order of their keys: each is read once and hashed once."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Final

import msgspec

from schemas.archive import EVIDENCE, index_key
from schemas.archive.statements import LossAccepted

from ...stores import Store
from ..entries import fetched
from .meeting import Meeting
from .report import Finding, Report
from .segments import Evidence, Share, examine
from .tombs import Erased


class _Chained(msgspec.Struct):
    previous: str = ""


_CHAINED: Final = msgspec.json.Decoder(_Chained)


async def check_evidence(
    store: Store,
    meetings: Sequence[Meeting],
    erased: Erased,
    losses: Mapping[str, LossAccepted],
    report: Report,
    *,
    everything: bool,
) -> None:
    """Tell the report about every segment that a meeting has lines in; with `everything` about all others too.

    `losses`: segments of which somebody has accepted that they are lost. What is bound to be there is missed for all
    that.
    """
    shares: dict[str, list[Share]] = {}
    for meeting in meetings:
        for stretch in meeting.manifest.evidence:
            shares.setdefault(stretch.segment, []).append(Share(meeting, stretch))
    there = {key async for key in _segments(store, report)} if everything else set[str]()
    async for key, content, index in _read(store, sorted(shares.keys() | there)):
        mine = shares.get(key, [])
        before = _before(index) if everything else ""
        before = "" if before in losses else before
        # What was put since it was listed is looked for.
        if before and before not in there and before not in shares and await fetched(store, [before]) == [None]:
            says = "The index of the segment behind it names it, and it is gone."
            report.tell("segment_missing", before, says)
        if content is None:
            touched = [share.meeting.occurrence for share in mine]
            says = "The manifests of meetings bind this segment, and it is gone."
            report.tell("segment_missing", key, says, occurrences=touched)
        else:
            evidence = Evidence(key, content, index, mine, erased.get(key, {}))
            await asyncio.to_thread(examine, evidence, report)
    for key, one in losses.items() if everything else ():
        says = f"{one.who} accepted on {one.at:%Y-%m-%d} that it is lost: {one.why}"
        report.tell("loss_accepted", key, says)
    _check_trees(meetings, report)


def _before(index: bytes | None) -> str:
    """Return the segment that an index names as the one before its own; nobody signed that."""
    try:
        return "" if index is None else _CHAINED.decode(index).previous
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return ""


async def _segments(store: Store, report: Report) -> AsyncIterator[str]:
    async for key in store.keys(EVIDENCE):
        if key.endswith(".jsonl") and key.count("/") == 4:
            yield key
        elif not key.endswith((".index", ".standing")):
            report.tell("unbound", key, "It is no segment of evidence.")


async def _read(store: Store, keys: Sequence[str]) -> AsyncIterator[tuple[str, bytes | None, bytes | None]]:
    """Yield segments with their indexes; the next one is fetched while one is looked at."""
    ahead: asyncio.Task[list[bytes | None]] | None = None
    for number, key in enumerate(keys):
        now = ahead or _fetching(store, key)
        ahead = _fetching(store, keys[number + 1]) if number + 1 < len(keys) else None
        content, index = await now
        yield key, content, index


def _fetching(store: Store, key: str) -> asyncio.Task[list[bytes | None]]:
    return asyncio.ensure_future(fetched(store, [key, index_key(key)]))


def _check_trees(meetings: Sequence[Meeting], report: Report) -> None:
    """Say which meetings' leaves do not make their root, unless a line of theirs was named already."""
    named = {occurrence for one in report.findings if _names(one) for occurrence in one.occurrences}
    for meeting in meetings:
        manifest, tree = meeting.manifest, meeting.tree
        if (tree.size, tree.root().hex()) != (manifest.records, manifest.root) and meeting.occurrence not in named:
            says = f"Its {tree.size} lines of evidence do not make the tree of its manifest, over {manifest.records}."
            report.tell("tree_differs", meeting.version.kept.manifest, says, occurrences=[meeting.occurrence])


def _names(finding: Finding) -> bool:
    """Return whether a finding says already what is wrong with a meeting's tree."""
    return finding.line is not None or finding.what == "segment_missing"
