"""What was erased, line by line, each with the leaf that it had: the proofs of all the rest hold with these.

A tombstone lies in the store before the ledger's Erased names it, and only then is anything erased. It never goes.
"""

from typing import Final

import msgspec

TOMBSTONES: Final = "tombstones/"


class ErasedStretch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Lines of one segment."""

    segment: str
    """Its key."""
    lines: list[int]
    """Counted from 0, ascending."""
    leaves: list[str]
    """The leaf of each, in the same order."""


class Tombstone(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One erasure. Nothing in it is personal."""

    occurrence: str
    enterprise: str
    meeting_id: str
    version: int
    """The newest version of the occurrence before; 0: it had none."""
    whole: bool
    """Nothing of the occurrence stays. False: some cues, or a person's records."""
    erased: list[ErasedStretch]
    """By segment key, ascending."""


def tombstone_key(occurrence: str, sha256: str) -> str:
    """Return where a tombstone lies; `sha256` is its content's: to erase the same again writes the same again."""
    return f"{TOMBSTONES}{occurrence}/{sha256[:32]}.json"


def done_key(tombstone: str) -> str:
    """Return what is there once everything that `tombstone` lists is gone; it is empty."""
    return tombstone.removesuffix(".json") + ".done"
