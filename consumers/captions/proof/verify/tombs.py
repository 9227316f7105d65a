"""Check the tombstones: what the ledger says was erased is listed, line by line, as it was listed then."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

import msgspec

from schemas.archive.tombstones import TOMBSTONES, Tombstone, done_key

from ...stores import Store
from ..entries import fetched
from .plan import Erasure
from .report import Report

_AT_ONCE: Final = 64
_DECODER: Final = msgspec.json.Decoder(Tombstone)


Erased = dict[str, dict[int, bytes]]
"""What was erased lawfully: by segment and line, the leaf."""


async def checked_tombs(store: Store, erasures: Sequence[Erasure], report: Report) -> Erased:
    """Return what the tombstones list that the ledger binds; what is wrong with others is told."""
    lawful: Erased = {}
    for start in range(0, len(erasures), _AT_ONCE):
        part = erasures[start : start + _AT_ONCE]
        keys = [one.erased.tombstone for one in part]
        for erasure, content in zip(part, await fetched(store, keys), strict=True):
            if (tombstone := _checked(erasure, content, report)) is not None:
                _take(tombstone, lawful)
        for erasure, done in zip(part, await fetched(store, [done_key(key) for key in keys]), strict=True):
            if done is None:
                says = (
                    "The ledger says that this was erased, and it is not finished: `meetwire archive expire` goes on."
                )
                report.tell(
                    "erasure_unfinished", erasure.erased.tombstone, says, occurrences=[erasure.erased.occurrence]
                )
    return lawful


def _checked(erasure: Erasure, content: bytes | None, report: Report) -> Tombstone | None:
    erased, touched = erasure.erased, [erasure.erased.occurrence]
    if content is None:
        says = "The ledger says that something was erased, and the list of it is gone."
        report.tell("tombstone_missing", erased.tombstone, says, occurrences=touched)
        return None
    try:
        tombstone = _DECODER.decode(content)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        tombstone = None
    if tombstone is None or sha256(content).hexdigest() != erased.sha256 or tombstone.occurrence != erased.occurrence:
        says = "It is not the list that the ledger names: what it lists was not erased lawfully."
        report.tell("tombstone_differs", erased.tombstone, says, occurrences=touched)
        return None
    return tombstone


def _take(tombstone: Tombstone, lawful: Erased) -> None:
    for stretch in tombstone.erased:
        lines = lawful.setdefault(stretch.segment, {})
        lines.update(zip(stretch.lines, map(bytes.fromhex, stretch.leaves), strict=True))


async def check_stray_tombs(store: Store, erasures: Sequence[Erasure], report: Report) -> None:
    """Tell the report of tombstones that no statement names: nothing was erased by them."""
    named = {erasure.erased.tombstone for erasure in erasures}
    async for key in store.keys(TOMBSTONES):
        if key not in named and not (key.endswith(".done") and f"{key.removesuffix('.done')}.json" in named):
            report.tell(
                "unbound", key, "No statement in the ledger names it: an erasure was begun, or it was put there."
            )
