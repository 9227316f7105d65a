"""What every source promises. One suite for all of them, so that none can drift from the others."""

from __future__ import annotations

import asyncio
import re
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Protocol

from consumers.sources import Batch, PlacedSource, Reading
from schemas.record import Record
from schemas.topics import LIFECYCLE, UNRECOGNISED

from .reads import PATIENCE_S, fetched, give_up, placeless, read, reading, stored
from .records import NOON, numbered, record, set_aside, started


class World(Protocol):
    """A place to write records to, and to read them from. Both topics have three partitions."""

    async def append(self, *records: Record) -> None:
        """Return once the records are there, at the next positions of LOG."""

    def source(self, reading: Reading) -> AbstractAsyncContextManager[PlacedSource]:
        """Return a source, to be opened."""


class SourceContract:
    """The promises. A subclass gives `world`."""

    async def test_what_is_appended_is_read(self, world: World) -> None:
        """Nothing is added to a record or taken from it, and it comes with its place."""
        records = numbered(5, partitions=3)
        await world.append(*records)

        async with world.source(reading()) as source:
            assert await read(source, 5) == stored(*records)

    async def test_a_partition_is_read_in_order(self, world: World) -> None:
        """However many fetches it takes."""
        for start in range(1, 40, 3):
            await world.append(*numbered(3, first=start, partitions=3))
        got: dict[int, list[int]] = {0: [], 1: [], 2: []}

        async with world.source(reading()) as source, asyncio.timeout(PATIENCE_S):
            while sum(map(len, got.values())) < 39:
                for one in (await source.fetch(2, 1.0)).records:
                    got[one.record.partition].append(one.position)

        assert got == {0: list(range(3, 40, 3)), 1: list(range(1, 40, 3)), 2: list(range(2, 40, 3))}

    async def test_a_fetch_keeps_its_limit(self, world: World) -> None:
        """A handler says how much it takes at once."""
        await world.append(*numbered(7))

        async with world.source(reading()) as source, asyncio.timeout(PATIENCE_S):
            sizes: list[int] = []
            while sum(sizes) < 7:
                sizes.append(len((await source.fetch(3, 1.0)).records))

        assert max(sizes) == 3

    async def test_nothing_comes_where_nothing_is(self, world: World) -> None:
        """An empty batch is the answer, not an error and not a wait without end."""
        async with world.source(reading()) as source:
            assert await source.fetch(10, 0.0) == Batch([], [])

    async def test_a_fetch_waits_for_what_comes(self, world: World) -> None:
        """A reader at the end has the next record as it comes."""
        async with world.source(reading()) as source:
            waiting = asyncio.create_task(source.fetch(10, PATIENCE_S))
            await asyncio.sleep(0)
            await world.append(*numbered(1))

            assert placeless((await waiting).records) == stored(*numbered(1))

    async def test_a_group_goes_on_where_it_committed(self, world: World) -> None:
        """What was done is not read again after a restart, and nothing is left out."""
        await world.append(*numbered(3))
        async with world.source(reading(group="g")) as source:
            await read(source, 3)
            await source.commit()
        await world.append(*numbered(2, first=4))

        async with world.source(reading(group="g")) as source:
            assert await read(source, 2) == stored(*numbered(2, first=4), first=4)

    async def test_what_was_not_committed_comes_again(self, world: World) -> None:
        """A consumer that dies in the middle of a batch gets it again."""
        await world.append(*numbered(3))
        async with world.source(reading(group="g")) as source:
            await read(source, 1)
            await source.commit()
            await read(source, 2)

        async with world.source(reading(group="g")) as source:
            assert await read(source, 2) == stored(*numbered(2, first=2), first=2)

    async def test_what_was_committed_is_what_was_handed_out(self, world: World) -> None:
        """Reading ahead is the source's own matter: a commit never covers what no fetch returned."""
        await world.append(*numbered(9))
        async with world.source(reading(group="g")) as source:
            await read(source, 2, limit=2)
            await source.commit()

        async with world.source(reading(group="g")) as source:
            assert await read(source, 7) == stored(*numbered(7, first=3), first=3)

    async def test_what_is_held_comes_again_and_all_after_it(self, world: World) -> None:
        """A handler that is not done with a record yet has it again after a restart."""
        await world.append(*numbered(5))
        async with world.source(reading(group="g")) as source:
            got = await fetched(source, 5)
            await source.commit({(LIFECYCLE, 0): got[2].offset})

        async with world.source(reading(group="g")) as source:
            assert await read(source, 3) == stored(*numbered(3, first=3), first=3)

    async def test_a_commit_never_goes_back(self, world: World) -> None:
        """What is held too late is done already."""
        await world.append(*numbered(3))
        async with world.source(reading(group="g")) as source:
            got = await fetched(source, 2)
            await source.commit()
            await source.commit({(LIFECYCLE, 0): got[0].offset})

        async with world.source(reading(group="g")) as source:
            assert await read(source, 1) == stored(*numbered(1, first=3), first=3)

    async def test_an_offset_is_the_same_for_every_reader_and_rises(self, world: World) -> None:
        """Whatever is named by it has one name, whoever reads."""
        await world.append(*numbered(6, partitions=2))

        found = []
        for _ in range(2):
            async with world.source(reading()) as source:
                found.append([(one.record.partition, one.offset) for one in await fetched(source, 6)])

        assert sorted(found[0]) == sorted(found[1])
        assert len(set(found[0])) == 6
        for partition in range(2):
            offsets = [offset for of, offset in found[0] if of == partition]
            assert offsets == sorted(offsets)

    async def test_whoever_keeps_the_place_goes_on_there(self, world: World) -> None:
        """Without a group: what was handed out does not come again, and nothing is left out."""
        await world.append(*numbered(5, partitions=3))
        async with world.source(reading()) as source:
            first = await read(source, 2)
            places = source.places()
        await world.append(*numbered(2, first=6, partitions=3))

        async with world.source(reading(begin=places)) as source:
            assert sorted([*first, *await read(source, 5)], key=lambda one: one.position) == [
                *stored(*numbered(5, partitions=3)),
                *stored(*numbered(2, first=6, partitions=3), first=6),
            ]

    async def test_a_place_beyond_the_end_is_none(self, world: World) -> None:
        """What the place was counted in was made anew: all that is there is new."""
        await world.append(*numbered(2))
        async with world.source(reading()) as source:
            beyond = {place: offset + 100 for place, offset in (await source.ends()).items()}

        async with world.source(reading(begin=beyond)) as source:
            assert await read(source, 2) == stored(*numbered(2))

    async def test_who_has_read_all_stands_at_the_ends(self, world: World) -> None:
        """Then everything is there that was there when the ends were asked for."""
        await world.append(*numbered(4, partitions=3))

        async with world.source(reading()) as source:
            before = await source.ends()
            assert source.places() != before
            await read(source, 4)
            assert source.places() == before

    async def test_a_reader_knows_what_its_offsets_count_in(self, world: World) -> None:
        """The same for every reader, and fit to be a folder's name."""
        clusters = set()
        for group in ("a", "b"):
            async with world.source(reading(group=group)) as source:
                clusters.add(source.cluster)

        assert len(clusters) == 1
        assert re.fullmatch(r"[A-Za-z0-9_-]{5,64}", clusters.pop())

    async def test_a_reader_knows_what_comes_to_it(self, world: World) -> None:
        """A single member has every partition of its topics."""
        await world.append(*numbered(1))
        async with world.source(reading(group="g", topics=(LIFECYCLE,))) as source:
            await read(source, 1)

            assert (source.has(LIFECYCLE, 0), source.has(UNRECOGNISED, 0)) == (True, False)

    async def test_groups_do_not_know_each_other(self, world: World) -> None:
        """Each group reads everything."""
        await world.append(*numbered(2))

        for group in ("alerts", "archive"):
            async with world.source(reading(group=group)) as source:
                assert await read(source, 2) == stored(*numbered(2))
                await source.commit()

    async def test_a_reader_without_a_group_keeps_no_place(self, world: World) -> None:
        """It may commit: that changes nothing, for itself or for another."""
        await world.append(*numbered(2))

        for _ in range(2):
            async with world.source(reading()) as source:
                assert await read(source, 2) == stored(*numbered(2))
                await source.commit()

    async def test_only_the_wanted_topics_are_read(self, world: World) -> None:
        """A reader of one topic sees nothing of the others."""
        await world.append(*set_aside(2), *numbered(1), *set_aside(2))

        async with world.source(reading(topics=(LIFECYCLE,))) as source:
            assert await read(source, 1) == stored(*numbered(1), first=3)

    async def test_a_commit_passes_over_what_the_topics_left_out(self, world: World) -> None:
        """A reader of a quiet topic does not read the others again and again."""
        await world.append(*numbered(1), *set_aside(3))
        async with world.source(reading(group="g", topics=(LIFECYCLE,))) as source:
            await read(source, 1)
            await source.fetch(10, 0.0)
            await source.commit()

        async with world.source(reading(group="g", topics=(LIFECYCLE,))) as source:
            assert (await source.lag()).records == 0

    async def test_latest_begins_after_what_is_there(self, world: World) -> None:
        """And does not leave out what comes between the opening and the first fetch."""
        await world.append(*numbered(2, partitions=3))

        async with world.source(reading(start="latest")) as source:
            await world.append(*numbered(2, first=3, partitions=3))

            assert await read(source, 2) == stored(*numbered(2, first=3, partitions=3), first=3)

    async def test_an_instant_begins_with_what_was_received_then(self, world: World) -> None:
        """Numbered records come a second apart."""
        for number in range(1, 7):
            await world.append(*numbered(1, first=number, partitions=3))

        async with world.source(reading(start=NOON + timedelta(seconds=4))) as source:
            assert await read(source, 3) == stored(*numbered(3, first=4, partitions=3), first=4)

    async def test_an_instant_that_is_yet_to_come_begins_after_what_is_there(self, world: World) -> None:
        """There is nothing that late."""
        await world.append(*numbered(2))

        async with world.source(reading(start=NOON + timedelta(days=1))) as source:
            await world.append(*numbered(1, first=3))

            assert await read(source, 1) == stored(*numbered(1, first=3), first=3)

    async def test_the_start_is_for_a_group_without_a_place(self, world: World) -> None:
        """A consumer that says "latest" leaves nothing out when it is started again."""
        await world.append(*numbered(1))
        async with world.source(reading(group="g", start="latest")) as source:
            await source.fetch(10, 0.0)
            await source.commit()
        await world.append(*numbered(1, first=2))

        async with world.source(reading(group="g", start="latest")) as source:
            assert await read(source, 1) == stored(*numbered(1, first=2), first=2)

    async def test_a_large_record_is_read(self, world: World) -> None:
        """A record of the largest size that a receiver writes, and the one after it."""
        large = record(started(), value=b"x" * 1_000_000)
        await world.append(large)
        await world.append(*numbered(1))

        async with world.source(reading()) as source:
            assert await read(source, 2) == stored(large, *numbered(1))

    async def test_close_ends_a_fetch_that_waits(self, world: World) -> None:
        """A consumer that is told to stop does not wait for news."""
        async with world.source(reading()) as source:
            waiting = asyncio.create_task(source.fetch(10, PATIENCE_S))
            await asyncio.sleep(0)
            async with asyncio.timeout(PATIENCE_S / 2):
                await source.close()

            assert await waiting == Batch([], [])

    async def test_a_closed_source_gives_nothing(self, world: World) -> None:
        """Nor does closing it twice harm."""
        await world.append(*numbered(1))
        async with world.source(reading()) as source:
            await source.close()

            assert await source.fetch(10, 0.0) == Batch([], [])

    async def test_a_fetch_that_is_given_up_loses_nothing(self, world: World) -> None:
        """What it would have returned comes with the next one, wherever on its way it was."""
        await world.append(*numbered(3))

        async with world.source(reading()) as source:
            seen = [one for turns in range(30) for one in await give_up(source, turns)]

            assert seen + await read(source, 3 - len(seen)) == stored(*numbered(3))

    async def test_the_lag_is_what_is_not_read_yet(self, world: World) -> None:
        """It falls to nothing as a reader reads."""
        await world.append(*numbered(4))

        async with world.source(reading()) as source:
            lags = [(await source.lag()).records]
            await read(source, 3)
            lags.append((await source.lag()).records)
            await read(source, 1)
            lags.append((await source.lag()).records)

        assert lags == [4, 1, 0]
