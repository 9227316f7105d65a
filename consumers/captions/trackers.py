"""Know the meetings of each partition number: from what lies in the store, where it is new here, and kept beside it.

Segments are taken in along their chain: each index names the segment before it. What lies there and nothing vouches for
is none of the archive's: it is said, counted and passed over, and holds up no meeting. What the chain, or this machine,
names and is gone or altered is said too, and holds up the meetings that may have lines in it, until it is put back.
"""

import contextlib
import re
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import msgspec

from schemas.archive import EVIDENCE, standing_key
from schemas.lines import Logger
from schemas.metrics import Meters

from .alarms import Alarms
from .errors import Altered, Locked, Missing
from .evidence import reading
from .evidence.index import Index
from .evidence.piece import Piece
from .evidence.storing import Before, Storing
from .stores import Store
from .tracking import ALWAYS_MS, Missed, Standing, Tracker, decode_standing

# A local log is one sequence over all topics, so that each partition's offsets are full of gaps.
_LOG: Final = re.compile(r"[0-9a-f]{32}")


class _Place(NamedTuple):
    """A partition of a topic, as far as its chain was followed."""

    topic: str
    partition: int
    tracker: Tracker
    since_ms: int = 0
    """The first time of the last segment that was taken in; before it nothing is missing."""


class Trackers:
    """Those of one cluster that this process has looked at."""

    def __init__(
        self,
        store: Store,
        storing: Storing,
        *,
        topics: Sequence[str],
        meters: Meters,
        logger: Logger,
        monotonic: Callable[[], float],
    ) -> None:
        self._store, self._trust, self.storing, self._memory = store, storing.trust, storing, storing.memory
        self._topics, self._logger, self._monotonic = topics, logger, monotonic
        self._cluster = storing.spool.cluster
        self._trackers: dict[int, Tracker] = {}
        self._saved_at: dict[int, float] = {}
        # Partitions whose first segment of this process was put.
        self._compared: set[tuple[str, int]] = set()
        self._alarms = Alarms(meters, logger)

    def clear(self) -> None:
        """Look at what is stored anew: others may have read our partitions meanwhile."""
        self._trackers.clear()
        self._compared.clear()

    @property
    def open(self) -> int:
        """Return how many meetings are on, as far as it is known."""
        return sum(tracker.open for tracker in self._trackers.values())

    def root_of(self, segment: str) -> str | None:
        """Return the root over a segment's lines, where that is in mind."""
        found = (tracker.roots.get(segment) for tracker in self._trackers.values())
        return next((root for root in found if root), None)

    async def of(self, partition: int) -> Tracker:
        """Return the meetings of a partition number. Raises Altered where nobody can say which segments are ours."""
        found = self._trackers.get(partition)
        if found is None:
            if not self._trust.knows(self._cluster):
                raise Altered("the ledger cannot say yet from where on segments are vouched for")
            found = await self._load(partition)
            self._trackers[partition] = found
        return found

    async def save(self, *, every_s: float = 0.0) -> None:
        """Keep what is known of meetings that are on beside the segments: whoever goes on here reads less."""
        for partition, tracker in self._trackers.items():
            if tracker.is_changed and self._monotonic() - self._saved_at.get(partition, 0.0) >= every_s:
                key = standing_key(self._cluster, partition)
                with contextlib.suppress(Locked):
                    await self._store.replace(key, self._trust.vouched(key, msgspec.json.encode(tracker.standing)))
                tracker.is_changed = False
                self._saved_at[partition] = self._monotonic()

    async def before(self, piece: Piece) -> Before:
        """Return the segment after which one is put; say where records are missing between them."""
        segment = piece.key(self._cluster)
        last = (await self.of(piece.partition)).last(piece.topic)
        if last[0] < segment:
            if piece.place not in self._compared:
                self._compared.add(piece.place)
                await self._compare(piece, last[0])
            return Before(*last)
        # It was put before, as a whole or its index alone.
        if (there := await self._trust.vouched_index(segment)) is not None:
            return Before(there.previous, there.previous_root)
        # Its index is gone: it is put once more.
        keys = await self._listed(segment.rpartition("/")[0] + "/")
        for key in sorted((one for one in keys if one.endswith(".jsonl") and one < segment), reverse=True):
            if (index := await self._trust.find(key)) is not None:
                return Before(key, index.root)
        return Before("", "")

    async def _listed(self, folder: str, after: str = "") -> set[str]:
        """Return what lies right in a folder; segments that somebody put deeper are said, and no use to anybody."""
        keys = {key async for key in self._store.keys(folder, after=after)}
        deeper = {key for key in keys if "/" in key.removeprefix(folder)}
        self._alarms.foreign(sorted(key for key in deeper if key.endswith(".jsonl")))
        return keys - deeper

    async def _compare(self, piece: Piece, last: str) -> None:
        """Say what lacks behind the last segment, where offsets have no gaps; what this machine put itself is there."""
        put = self._memory.last(*piece.place)
        if (put is not None and put.segment == last) or _LOG.fullmatch(self._cluster):
            return
        index = await self._trust.find(last) if last else None
        if index is None and (last or self._trust.is_new):
            return
        begin = 0 if index is None else index.last_offset + 1
        if piece.first > begin:
            self._logger.warning(
                "evidence.missed",
                records=f"{piece.topic}/{piece.partition} offsets {begin} to {piece.first - 1}",
                hint="the source does not have them any more, or never gave them; or segments were taken away",
            )

    async def _load(self, partition: int) -> Tracker:
        tracker = Tracker(await self._standing(partition))
        missed = [one for topic in self._topics for one in await self._follow(_Place(topic, partition, tracker))]
        # When all meetings are known, whatever topic tells of them.
        for one in missed:
            tracker.miss(one)
        return tracker

    async def _standing(self, partition: int) -> Standing:
        key = standing_key(self._cluster, partition)
        try:
            content = self._trust.opened(key, await self._store.get(key))
            return Standing() if content is None else decode_standing(content)
        except (Missing, Altered, msgspec.MsgspecError, UnicodeDecodeError):
            return Standing()

    async def _follow(self, place: _Place) -> list[Missed]:
        """Take in what lies behind the last segment that is known; return what is missing of it."""
        folder = f"{EVIDENCE}{self._cluster}/{place.topic}/{place.partition:05d}/"
        after = place.tracker.last(place.topic)[0]
        keys = await self._listed(folder, after)
        promised = {key.removesuffix(".index") + ".jsonl" for key in keys if key.endswith(".index")} - {after}
        missed: list[Missed] = []
        doubtful: list[str] = []
        for segment in sorted(promised | {key for key in keys if key.endswith(".jsonl")}):
            index = await self._find(segment)
            if index is None and segment in keys:
                doubtful.append(segment)
            # An index alone is of one that was taken away, or is just being put. It is looked for when it is needed.
            if index is None or (segment not in keys and index.previous != place.tracker.last(place.topic)[0]):
                continue
            missed += await self._join(place, doubtful, index)
            place.tracker.add(place.topic, index)
            place, doubtful = place._replace(since_ms=index.first_ms), []
        return missed + await self._end(place, doubtful)

    async def _find(self, segment: str) -> Index | None:
        found = await self._trust.find(segment)
        if found is None and self._trust.is_old(segment):
            with contextlib.suppress(Missing, Altered):
                return await self.storing.index(segment, await reading.lines(self._store, segment))
        return found

    async def _join(self, place: _Place, doubtful: Sequence[str], index: Index) -> list[Missed]:
        """See to what lies before a segment of ours and behind the last one that is."""
        if index.previous <= place.tracker.last(place.topic)[0]:
            self._alarms.foreign(doubtful)
            return []
        if (between := await self._trust.find(index.previous)) is not None:
            # It was put while what lies there was listed, which is not done in one go.
            missed = await self._join(place, doubtful, between)
            place.tracker.add(place.topic, between)
            return missed
        if [index.previous] == doubtful and await self._mend(place, index.previous, index.previous_root):
            return []
        self._alarm(index.previous)
        return [Missed(index.previous, index.previous_root, place.since_ms, index.last_ms)]

    async def _end(self, place: _Place, doubtful: Sequence[str]) -> list[Missed]:
        """See to what lies behind the last segment that is ours, by what this machine remembers."""
        put = self._memory.last(place.topic, place.partition)
        gone = {} if put is None or put.segment <= place.tracker.last(place.topic)[0] else {put.segment: put.root}
        if list(gone) == doubtful and gone and await self._mend(place, *next(iter(gone.items()))):
            return []
        for segment in doubtful:
            if await self.storing.wrote(segment):
                gone.setdefault(segment, "")
        self._alarms.foreign([one for one in doubtful if one not in gone])
        for segment in gone:
            self._alarm(segment)
        return [Missed(segment, root, place.since_ms, ALWAYS_MS) for segment, root in gone.items()]

    def _alarm(self, segment: str) -> None:
        """Say that a segment is missed, unless somebody has accepted that; that meetings lack it is told either way."""
        if not self._trust.is_lost(segment):
            self._alarms.altered(segment)

    async def _mend(self, place: _Place, segment: str, root: str) -> bool:
        """Put the index of a segment again, if its lines are still those that were put."""
        try:
            made = await self.storing.index(segment, await reading.lines(self._store, segment))
        except (Missing, Altered):
            return False
        if made.root != root:
            return False
        self._alarms.restored(segment)
        made = await self.storing.vouch(made, Before(*place.tracker.last(place.topic)))
        place.tracker.add(place.topic, made)
        return True
