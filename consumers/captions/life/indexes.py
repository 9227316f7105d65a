"""Know whose the lines of a segment are by the word of the archive alone: data are destroyed by that.

Whoever can write to the store and has not the signing key can put any index beside a segment. What is erased, and what
stays, follows from those that are vouched for, and from those of before there were MACs.
"""

from typing import Final

from ..archive import Archive, trust_in
from ..errors import Altered
from ..evidence.index import Index

# Slashes in a segment's key.
_PARTS: Final = 4


async def own_index(archive: Archive, segment: str) -> Index:
    """Return a segment's index. Raises Altered where none is the archive's, and StoreUnavailable."""
    found = await trust_in(archive).find(segment) if is_segment(segment) else None
    if found is None:
        raise Altered(f"{segment}: no index vouches for it; see `meetwire archive verify`")
    return found


def is_segment(key: str) -> bool:
    """Whether a key is one that a segment of the archive's can have. Pure."""
    if key.count("/") != _PARTS or not key.endswith(".jsonl"):
        return False
    _, _, _, partition, _ = key.split("/")
    return partition.isdecimal()
