"""Which segments the archive's own writers put, and what their indexes say: nothing else is closed over.

A segment is ours if its index is vouched for (`vouching`). The index is put before the segment, so there is never a
segment of ours without it, whatever was interrupted. Where it is gone, a segment is ours all the same if its lines make
the root that something vouched for says it had. Archives are older than MACs: up to where there are none, the ledger
says, once and signed; what lies before that is taken as it lies.
"""

from collections.abc import Callable, Iterable

from schemas.archive import index_key
from schemas.archive.statements import SegmentsVouched

from ..errors import Altered, Missing
from ..stores import Store
from . import reading
from .index import Index, decode_index
from .line import Salt
from .vouching import Vouching


class Trust:
    """What is known of an archive's segments."""

    def __init__(self, store: Store, vouching: Vouching, salt: Salt) -> None:
        self._store, self._vouching, self._salt = store, vouching, salt
        self._before: dict[str, dict[str, str]] = {}
        self.is_new = False
        """It was said only now from where on segments are vouched for: nothing was put before."""
        self.root_of: Callable[[str], str | None] = lambda _: None
        """Tells the root that a segment had, where it is in mind. Whoever keeps meetings in mind sets it."""
        self.is_lost: Callable[[str], bool] = lambda _: False
        """Whether somebody has accepted the loss of a segment: the ledger says so. Whoever has that sets it."""

    def heed(self, said: Iterable[SegmentsVouched]) -> None:
        """Take in what the ledger says. Of several statements on a cluster the first counts."""
        for one in said:
            self._before.setdefault(one.cluster, one.before)

    def knows(self, cluster: str) -> bool:
        """Whether the ledger says from where on a cluster's segments are vouched for."""
        return cluster in self._before

    def is_old(self, segment: str) -> bool:
        """Whether a segment was put before there were MACs."""
        cluster, place = place_of(segment)
        before = self._before.get(cluster)
        # Of a cluster that the archive has left before: what is still asked for, a manifest binds.
        return before is None or segment <= before.get(place, "")

    async def find(self, segment: str) -> Index | None:
        """Return a segment's index; None where none is vouched for, or old. Raises StoreUnavailable."""
        found = await self.vouched_index(segment)
        if found is None and self.is_old(segment):
            content = await reading.content(self._store, index_key(segment))
            return None if content is None else _old(content)
        return found

    async def vouched_index(self, segment: str) -> Index | None:
        """Return a segment's index if it is vouched for. Raises StoreUnavailable."""
        content = await reading.content(self._store, index_key(segment))
        found = None if content is None else self._vouching.index(index_key(segment), content)
        return found if found is not None and found.segment == segment else None

    async def index(self, segment: str) -> Index:
        """Return a segment's index. Raises StoreUnavailable, Altered.

        Raises Missing where it is to be made anew, of lines that have to make the root that is known of it, if any is.
        """
        found = await self.find(segment)
        if found is not None:
            return found
        if self.root_of(segment) is not None or self.is_old(segment):
            raise Missing(index_key(segment))
        raise Altered(f"{segment}: no index vouches for it")

    def check(self, made: Index) -> Index:
        """Return an index that was made anew of what lies there. Raises Altered where that is not what was put."""
        had = self.root_of(made.segment)
        if had != made.root and not (had is None and self.is_old(made.segment)):
            raise Altered(f"{made.segment}: its lines are not those that were put there, and its index is gone")
        return made

    def knows_salt(self, topic: str, partition: int, offset: int, salt: str) -> bool:
        """Whether a writer of ours wrote the line of a record, or somebody altered one that he wrote."""
        return salt == self._salt(topic, partition, offset)

    def opened(self, key: str, content: bytes) -> bytes | None:
        """Return an object of ours without its MAC; None for what is not vouched for at `key`."""
        return self._vouching.opened(key, content)

    def vouched(self, key: str, content: bytes) -> bytes:
        """Return a JSON object with its MAC."""
        return self._vouching.vouched(key, content)


def place_of(segment: str) -> tuple[str, str]:
    """Return the cluster of a segment, and topic/partition as the ledger has them. Pure."""
    _, cluster, topic, partition, _ = segment.split("/")
    return cluster, f"{topic}/{int(partition)}"


def _old(content: bytes) -> Index | None:
    try:
        return decode_index(content)
    except Altered:
        return None
