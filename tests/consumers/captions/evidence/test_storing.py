"""Segments on their way into the store: whoever else writes there, every record is in it once."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
import structlog
from hypothesis import given, settings
from hypothesis import strategies as st

from consumers.captions.evidence import reading
from consumers.captions.evidence.cut import Cut
from consumers.captions.evidence.index import encode_index
from consumers.captions.evidence.indexing import index_of
from consumers.captions.evidence.line import Salt, encoded, read, salting
from consumers.captions.evidence.memory import Memory
from consumers.captions.evidence.piece import Entry
from consumers.captions.evidence.spool import Spool
from consumers.captions.evidence.storing import Before, Storing
from consumers.captions.evidence.trust import Trust
from consumers.captions.evidence.vouching import Vouching
from consumers.captions.stores.folder import FolderStore, open_folder
from consumers.captions.stores.threads import Threads
from deploy.meters import PrometheusMeters
from schemas.archive import index_key, segment_key
from schemas.archive.statements import SegmentsVouched
from schemas.ids import Position
from schemas.record import Stored
from schemas.topics import LIFECYCLE

from ...records import LOG, record, started

CUT = Cut(span_ms=1_000, most_bytes=6_000)


class Step(NamedTuple):
    """What one of two replicas does next."""

    replica: int
    reads: int
    """Records."""
    ends: bool
    """It ends what is open, by a clock of its own."""
    stores: bool
    crashes: bool
    """Its process ends, with what is in memory."""


STEPS = st.lists(
    st.builds(Step, st.integers(0, 1), st.integers(0, 8), st.booleans(), st.booleans(), st.booleans()), max_size=14
)


def entry(offset: int, time_ms: int) -> Entry:
    """Return a record's line at a place."""
    one = msgspec.structs.replace(record(started()), received_ms=time_ms)
    return Entry(LIFECYCLE, 0, offset, time_ms, encoded(Stored(LOG, Position(offset), one), offset, "00" * 16))


class Replica:
    """A reader with a spool of its own, and the group's place, which both share."""

    def __init__(self, folder: Path, store: FolderStore, entries: list[Entry], committed: list[int]) -> None:
        self._folder, self._store, self._entries, self._committed = folder, store, entries, committed
        self._threads, self._meters = Threads(1, "spool"), PrometheusMeters()
        self._trust = Trust(store, Vouching(b"secret"), salting(b"secret"))
        self._trust.heed([SegmentsVouched(at=datetime.now(UTC), cluster="cluster", before={})])

    def older(self, segment: str) -> None:
        """Have the ledger say that segments up to this one were put before there were MACs."""
        self._trust = Trust(self._store, Vouching(b"secret"), salting(b"secret"))
        before = {f"{LIFECYCLE}/0": segment}
        self._trust.heed([SegmentsVouched(at=datetime.now(UTC), cluster="cluster", before=before)])

    async def open(self) -> None:
        """Begin, with what an earlier run left."""
        self.spool = await self._threads.run(Spool, self._folder, "cluster", CUT)
        # A reader begins where the group stands, and not where its own spool does.
        self._next = self._committed[0]
        self._storing = Storing(
            spool=self.spool,
            threads=self._threads,
            store=self._store,
            seals=None,
            trust=self._trust,
            memory=await Memory.recall(self._folder / "put", structlog.get_logger()),
            drafts=self._folder / "drafts",
            retention=timedelta(days=1),
            meters=self._meters,
            logger=structlog.get_logger(),
        )

    async def do(self, step: Step) -> None:
        """Do a step; what is in the store is committed."""
        read = self._entries[self._next : self._next + step.reads]
        await self._threads.run(self.spool.take, read)
        self._next += len(read)
        if step.ends:
            await self._threads.run(self.spool.end, {0: 2**40}, 0)
        if step.stores:
            await self.store()
        if step.crashes:
            await self._threads.run(self.spool.close)
            await self.open()

    async def store(self) -> None:
        """Put all that is closed, and commit."""
        while (piece := self.spool.next_closed(LIFECYCLE, 0)) is not None:
            await self._storing.put(piece, Before("", ""))
        held = self.spool.held().get((LIFECYCLE, 0), self._next)
        self._committed[0] = max(self._committed[0], min(held, self._next))

    async def finish(self) -> None:
        """Read to the end, and put all."""
        await self.do(Step(0, len(self._entries), ends=True, stores=True, crashes=False))
        assert self.spool.conflicted() == []
        assert await self._threads.run(self._meters.value, "meetwire_captions_conflicts_total") is None
        await self._threads.run(self.spool.close)
        await self._threads.close()


async def run(place: Path, times: list[int], steps: list[Step]) -> list[int]:
    """Return the offsets that are in the store in the end."""
    entries = [entry(offset, time_ms) for offset, time_ms in enumerate(times)]
    committed = [0]
    async with open_folder(f"file:{place}/store") as store:
        replicas = [Replica(place / name, store, entries, committed) for name in ("one", "other")]
        for replica in replicas:
            await replica.open()
        for step in steps:
            await replicas[step.replica].do(step)
        for replica in replicas:
            await replica.finish()
        found = []
        async for key in store.keys("evidence/"):
            if key.endswith(".jsonl"):
                lines = await reading.lines(store, key)
                assert (await reading.index(store, key)).records == len(lines)
                found += [read(line).offset for line in lines]
    return found


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 4_000), min_size=1, max_size=40).map(sorted), STEPS)
def test_two_replicas_store_each_record_once(times: list[int], steps: list[Step]) -> None:
    """However they take turns, end segments by clocks of their own, crash, and read again."""
    place = Path(tempfile.mkdtemp(dir="/dev/shm"))
    try:
        found = asyncio.run(run(place, times, steps))
    finally:
        shutil.rmtree(place)

    assert found == list(range(len(times)))


@pytest.mark.parametrize("promised", [2, 4, 6])
async def test_what_was_promised_and_never_put_is_put(memory: Path, promised: int) -> None:
    """Another replica ended between index and segment: cut as it said, where that is ours; else as we have it."""
    entries = [entry(offset, 0) for offset in range(6)]
    async with open_folder(f"file:{memory}/store") as store:
        replica = Replica(memory / "one", store, entries, [0])
        await replica.open()
        key = segment_key("cluster", LIFECYCLE, 0, 0)
        told = await asyncio.to_thread(index_of, key, [one.line for one in entries[:promised]], None)
        trust = Trust(store, Vouching(b"secret"), salting(b"secret"))
        await store.put(index_key(key), trust.vouched(index_key(key), encode_index(told)))
        await replica.do(Step(0, 4, ends=True, stores=True, crashes=False))
        found = [read(line).offset for line in await reading.lines(store, key)]
        index = await trust.vouched_index(key)
        await replica.finish()

    assert found == list(range(min(promised, 4)))
    assert index is not None
    assert index.records == len(found)


@pytest.mark.parametrize("put", [2, 6])
async def test_what_a_version_before_put_in_other_bounds_stays(memory: Path, put: int) -> None:
    """It vouched for nothing; its lines have the archive's salts, and what it has besides is not read again."""
    salt = salting(b"secret")
    entries = [salted(offset, salt) for offset in range(6)]
    async with open_folder(f"file:{memory}/store") as store:
        key = segment_key("cluster", LIFECYCLE, 0, 0)
        content = b"".join(one.line + b"\n" for one in entries[:put])
        await store.put(key, content)
        replica = Replica(memory / "one", store, entries, [0])
        replica.older(key)
        await replica.open()
        await replica.do(Step(0, 4, ends=True, stores=True, crashes=False))
        await replica.finish()
        found = [read(line).offset async for one in segments(store) for line in await reading.lines(store, one)]

        assert await store.get(key) == content
    assert found == list(range(6))
    assert not (memory / "one" / "conflicts").exists()


async def test_what_a_stranger_put_behind_an_older_segment_does_not_stay(memory: Path) -> None:
    """It would say of records that are still to come that they are there."""
    entries = [salted(offset, salting(b"secret")) for offset in range(6)]
    async with open_folder(f"file:{memory}/store") as store:
        key = segment_key("cluster", LIFECYCLE, 0, 0)
        strange = [*entries[:4], *(entry(offset, 0) for offset in (4, 5))]
        await store.put(key, b"".join(one.line + b"\n" for one in strange))
        replica = Replica(memory / "one", store, entries, [0])
        replica.older(key)
        await replica.open()
        await replica.do(Step(0, 4, ends=True, stores=True, crashes=False))
        await replica.finish()
        found = [line async for one in segments(store) for line in await reading.lines(store, one)]

    assert found == [one.line for one in entries]


async def segments(store: FolderStore) -> AsyncIterator[str]:
    """Yield what segments there are."""
    async for key in store.keys("evidence/"):
        if key.endswith(".jsonl"):
            yield key


def salted(offset: int, salt: Salt) -> Entry:
    """Return a record's line as the archive writes it."""
    one = msgspec.structs.replace(record(started()), received_ms=0)
    return Entry(
        LIFECYCLE, 0, offset, 0, encoded(Stored(LOG, Position(offset), one), offset, salt(LIFECYCLE, 0, offset))
    )
