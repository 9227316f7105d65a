"""One sequence that many read: whoever is slow, nobody else waits, and memory is bounded."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from consumers.dashboard.stream.channel import PORTION_BYTES, Channel, Taken


def test_everybody_gets_the_same_bytes() -> None:
    """Not copies of them."""
    channel = Channel()
    channel.put(b"one")
    channel.put(b"twothree", 2)

    first, second = channel.since(0), channel.since(0)

    assert first == Taken([b"one", b"twothree"], 0, 3)
    assert [one is other for one, other in zip(first.content, second.content, strict=True)] == [True, True]
    assert (channel.since(1), channel.since(3)) == (Taken([b"twothree"], 0, 3), Taken([], 0, 3))


def test_who_is_slow_learns_what_he_missed() -> None:
    """How many events, and he goes on with the oldest that there is."""
    channel = Channel(most_bytes=10)
    for number in range(5):
        channel.put(b"%d....." % number, 3)

    assert channel.since(0) == Taken([b"4....."], 12, 15)


def test_who_is_behind_gets_a_portion_at_a_time() -> None:
    """What waits for him is his alone, so it is little; and he goes on where it ended."""
    channel = Channel()
    parts = [bytes([number]) * (PORTION_BYTES // 2) for number in range(5)]
    for part in parts:
        channel.put(part, 2)

    assert (channel.since(0), channel.since(4)) == (Taken(parts[:2], 0, 4), Taken(parts[2:4], 0, 8))
    assert channel.since(8) == Taken(parts[4:], 0, 10)


def test_one_that_is_too_large_stays() -> None:
    """Else nobody would ever get it."""
    channel = Channel(most_bytes=2)
    channel.put(b"large")

    assert channel.since(0) == Taken([b"large"], 0, 1)


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 9), st.booleans()), max_size=60))
def test_nothing_is_lost_untold(steps: list[tuple[int, int, bool]]) -> None:
    """What a reader got and what it was told it missed are all that there was."""
    channel, at, got, missed = Channel(most_bytes=12), 0, 0, 0
    for count, size, reads in steps:
        channel.put(b"x" * size + b"." * count, count)
        if reads:
            taken = channel.since(at)
            got += b"".join(taken.content).count(b".")
            missed, at = missed + taken.missed, taken.next

    taken = channel.since(at)

    assert got + missed + taken.missed + b"".join(taken.content).count(b".") == channel.end


async def test_news_wake_everybody_who_waits() -> None:
    """And a time that is over says that there is none."""
    channel = Channel()
    waiting = [asyncio.create_task(channel.news(0, 60.0)) for _ in range(3)]
    await asyncio.sleep(0)

    channel.put(b"one")

    assert await asyncio.gather(*waiting) == [True, True, True]
    assert (await channel.news(0, 60.0), await channel.news(1, 0.0)) == (True, False)


async def test_the_end_wakes_them_too() -> None:
    """There is nothing new then."""
    channel = Channel()
    waiting = asyncio.create_task(channel.news(0, 60.0))
    await asyncio.sleep(0)

    channel.wake()

    assert await waiting is False
