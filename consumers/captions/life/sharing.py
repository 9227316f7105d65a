"""What parts of one long meeting have in common: each has the lines that say who is who, and what it is about."""

from collections.abc import Sequence

from schemas.archive.tombstones import ErasedStretch

from ..archive import Archive
from ..gathering import numbers_of
from .holding import Standing
from .versions import read_kept


async def refuse_held_parts(archive: Archive, stands: Standing, occurrence: str, gone: Sequence[ErasedStretch]) -> None:
    """Raise Held where a hold covers another occurrence that has some of what is to be erased as its own evidence."""
    lines = {stretch.segment: set(stretch.lines) for stretch in gone}
    held = {occurrence for hold in stands.holds.values() for occurrence in hold.occurrences}
    for kept in [stands.kept[one] for one in sorted(held - {occurrence}) if one in stands.kept]:
        other = (await read_kept(archive.store, kept)).manifest
        if any(its & lines.get(segment, set()) for segment, its in numbers_of(other).items()):
            stands.refuse_held(other.occurrence, other.meeting_id)
