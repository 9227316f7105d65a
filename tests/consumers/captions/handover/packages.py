"""Packages of the weekly meeting, and what a check finds in them."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import msgspec

from consumers.captions.archive import Archive
from consumers.captions.handover.checking import Checked
from consumers.captions.handover.gathering import Wanted, gather

from ..meetings import MORNING, Spoken, keep

CUES: Final = "transcript/captions.jsonl"


Package = dict[str, bytes]


async def keep_both(archive: Archive) -> None:
    """Write a small meeting, and the one that is handed over."""
    small = (Spoken("Bob", {"English": "another meeting"}, 5),)
    await keep(archive, small, meeting_id="900000002", at=MORNING - timedelta(hours=2))
    await keep(archive)


async def package(archive: Archive, **wanted: object) -> Package:
    """Return a package of the second meeting."""
    return await gather(archive, msgspec.convert({"occurrence": await newest(archive), **wanted}, Wanted))


async def newest(archive: Archive) -> str:
    """Return the second meeting's occurrence."""
    said = await archive.ledger.statements()
    return str(msgspec.to_builtins(said[1])["occurrence"])


def found(checked: Checked) -> list[tuple[str, str, int | None]]:
    """Return what was found wrong, and where."""
    return [(one.what, one.file, one.line) for one in checked.findings]
