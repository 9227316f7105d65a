"""What whoever takes entries promises, the fake and the file alike: one suite, so that the fake cannot drift."""

from __future__ import annotations

import asyncio

from receiver.entry import Entry
from receiver.log import Appended, Log
from schemas.ids import Position

from .log.entries import AT_MS, entry, nameless


class LogContract:
    """Tests of a Log; a subclass gives the fixture `log`, which is empty."""

    async def test_an_entry_stands_at_its_last_record(self, log: Log) -> None:
        """Positions begin at 1 and rise by as many as an entry has records."""
        appended = [await log.append(entry(number, records=number)) for number in (1, 3, 2)]

        assert appended == [Appended(Position(position), repeated=False) for position in (1, 4, 6)]

    async def test_a_repeat_stands_where_it_stood(self, log: Log) -> None:
        """It is not appended again, whatever came between."""
        await log.append(entry(1, records=2))
        await log.append(entry(2))

        assert await log.append(entry(1, records=2)) == Appended(Position(2), repeated=True)
        assert await log.append(entry(3)) == Appended(Position(4), repeated=False)

    async def test_an_entry_is_known_by_its_id_and_time(self, log: Log) -> None:
        """The records are not compared: who has the same id and time is the same, who has another is not."""
        await log.append(entry(1))
        other = Entry(entry(2).records, entry(1).seen)

        assert await log.append(other) == Appended(Position(1), repeated=True)
        assert await log.append(entry(1, at_ms=AT_MS + 1)) == Appended(Position(2), repeated=False)

    async def test_an_entry_without_an_id_is_always_new(self, log: Log) -> None:
        """What no retry is known by is appended as often as it comes."""
        appended = [await log.append(nameless(1)) for _ in range(3)]

        assert appended == [Appended(Position(position), repeated=False) for position in (1, 2, 3)]

    async def test_a_thousand_at_once_are_one(self, log: Log) -> None:
        """The first is appended, the others stand where it does."""
        appended = await asyncio.gather(*(log.append(entry(1, records=2)) for _ in range(1_000)))

        assert appended == [Appended(Position(2), repeated=number > 0) for number in range(1_000)]
        assert await log.append(entry(2)) == Appended(Position(3), repeated=False)

    async def test_entries_at_once_are_in_the_order_in_which_they_came(self, log: Log) -> None:
        """Each with its records together, repeats among them where the first of them stands."""
        numbers = [1, 2, 1, 3, 2, 4]

        appended = await asyncio.gather(*(log.append(entry(number, records=number)) for number in numbers))

        assert appended == [
            Appended(Position(1), repeated=False),
            Appended(Position(3), repeated=False),
            Appended(Position(1), repeated=True),
            Appended(Position(6), repeated=False),
            Appended(Position(3), repeated=True),
            Appended(Position(10), repeated=False),
        ]

    async def test_who_stops_waiting_leaves_the_others_alone(self, log: Log) -> None:
        """A deadline ends one wait; everyone else's entry is appended, and once."""
        first = asyncio.ensure_future(log.append(entry(1)))
        second = asyncio.ensure_future(log.append(entry(2)))
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.wait([first])

        await second
        await log.append(entry(1))
        again = [await log.append(entry(number)) for number in (1, 2)]

        assert (first.cancelled(), [one.repeated for one in again]) == (True, [True, True])
        assert {one.position for one in again} == {1, 2}
