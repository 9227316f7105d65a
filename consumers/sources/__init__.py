"""What a consumer reads from: Kafka, or the local log on one machine, behind one protocol.

A source gives the records of a topic's partition in order and drops what does not rise in its log; it never gives
again what was committed, and after a restart it gives again what was not. It knows nothing of events.
"""

import re
from collections.abc import Mapping, Set
from datetime import datetime
from types import MappingProxyType
from typing import Final, Literal, Protocol

import msgspec

from schemas.record import Stored
from schemas.topics import TOPICS, TopicName

Start = Literal["earliest", "latest"] | datetime
"""Where one begins who has no position: at the first record there is, after the last, or at what was received at an
instant or later."""

Held = Mapping[tuple[str, int], int]
"""By topic and partition: the first offset (`Stored.offset`) that is handed out and not done yet."""

NOTHING_HELD: Final[Held] = MappingProxyType({})

Places = Mapping[tuple[str, int], int]
"""By topic and partition: the offset (`Stored.offset`) that comes next. The local log, one sequence, has one entry."""

NOWHERE: Final[Places] = MappingProxyType({})

# A group names a file, and a Kafka group.
_GROUP: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What is wanted of a source. Raises ValueError for what no source can give."""

    consumer: str
    """The label of its metrics."""
    topics: frozenset[TopicName] = frozenset(TOPICS)
    group: str | None = None
    """Whose position is kept. None: none is; a tail reads for itself alone and holds nothing up."""
    start: Start = "earliest"
    begin: Places = NOWHERE
    """Where one without a group begins, as `places` gave it; what is not in it begins at `start`. It counts in the
    source's `cluster`, which is for the reader to compare."""
    repeats: bool = False
    """Hand out what the forwarder published twice, too: an archive keeps a topic as it is. Then what a reader has of a
    partition does not depend on where it began."""

    def __post_init__(self) -> None:
        """Check what types cannot."""
        if not self.topics:
            raise ValueError("a reading needs a topic")
        if self.group is not None and not _GROUP.fullmatch(self.group):
            raise ValueError(f"{self.group!r} is no name of a group: letters, digits, dot, dash, underscore")
        if isinstance(self.start, datetime) and self.start.tzinfo is None:
            raise ValueError("an instant to start from needs a time zone")


class Foreign(msgspec.Struct, frozen=True, kw_only=True):
    """A Kafka message that none of ours wrote."""

    topic: str
    """Without the installation's prefix."""
    partition: int
    offset: int
    key: bytes
    value: bytes
    header: str
    """The header that it lacks."""

    def __repr__(self) -> str:
        """Show where it stands, never what it says."""
        return f"<Foreign at {self.topic}/{self.partition}/{self.offset}>"


class Batch(msgspec.Struct, frozen=True):
    """What came: records in order per topic and partition, and what is not ours. Both empty where nothing came."""

    records: list[Stored] = []
    foreign: list[Foreign] = []


class Lag(msgspec.Struct, frozen=True):
    """How far behind a reader is."""

    records: int
    """Not read yet. On the local log those of all topics count: they share one sequence."""
    oldest_s: float
    """Age of the oldest of them, since it was received; 0 where there is none."""


class Source(Protocol):
    """One reader. Not for several tasks at once, but `close` may come from any."""

    @property
    def cluster(self) -> str:
        """What the offsets count in: Kafka's cluster ID, or the local log's."""
        ...

    @property
    def generation(self) -> int:
        """Rises whenever partitions may have come to this reader, or gone: others may have read them meanwhile."""
        ...

    def has(self, topic: str, partition: int) -> bool:
        """Whether what comes of this partition comes to this reader now; another of its group may have it."""
        ...

    async def fetch(self, limit: int, wait_s: float) -> Batch:
        """Return up to `limit` records as soon as there is one; an empty batch after `wait_s`, or once closed.

        Raises SourceUnavailable.
        """
        ...

    async def commit(self, held: Held = NOTHING_HELD) -> None:
        """Make it durable that all that was fetched is done, but for `held`. Costs nothing where nothing changed.

        What is held comes again after a restart, and all that came after it; of the local log, which is one sequence,
        that of all topics and partitions. It never goes back behind what was committed before.

        Call it after an empty batch too: what the topics left out is passed over by it. Raises SourceUnavailable.
        """
        ...

    async def lag(self) -> Lag:
        """Say how far behind this reader is. Raises SourceUnavailable."""
        ...

    async def close(self) -> None:
        """End a fetch that waits, and let go of everything. Commits nothing."""
        ...


class PlacedSource(Source, Protocol):
    """A source whose reader keeps its place itself, and how far it is in all partitions at once."""

    def places(self) -> Places:
        """Return where the next fetch goes on, for all partitions that are known."""
        ...

    async def ends(self) -> Places:
        """Return where the records of all partitions end by now. Raises SourceUnavailable."""
        ...

    def hold_back(self, ahead: Set[tuple[str, int]]) -> None:
        """Hand out nothing of these partitions until told otherwise. The local log, one sequence, pays no heed."""
        ...
