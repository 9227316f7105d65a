"""Frames on their way to the log: in order, and what could not be kept is known."""

from __future__ import annotations

import asyncio

from receiver.entry import Entry
from receiver.errors import LogUnavailable
from receiver.log import Appended
from receiver.subscriber.keeping import MOST_BYTES_TOGETHER, MOST_ENTRIES, Keeping, Load
from schemas.ids import Position

from .driving import at
from .supervising import Hasty

TROUBLE = LogUnavailable("disk_full")


class Scripted:
    """A log whose appends end as a script says; by number, from 0 on. What is not in the script is appended."""

    def __init__(self, script: dict[int, Exception]) -> None:
        self.script = script
        self.appended: list[int] = []
        self.free = asyncio.Event()
        self.free.set()
        self._asked = 0

    async def append(self, entry: Entry) -> Appended:
        """Return where it stands."""
        number, self._asked = self._asked, self._asked + 1
        await self.free.wait()
        if number in self.script:
            raise self.script[number]
        self.appended.append(number)
        return Appended(Position(1), repeated=False)


def keeping(log: Scripted, clock: Hasty, load: Load | None = None) -> Keeping:
    """Return what keeps in this log."""
    return Keeping(log, failing=lambda: None, clock=lambda: clock.now().s, sleep=clock.sleep, load=load)


async def put(kept: Keeping, count: int) -> None:
    """Keep so many frames, a second apart."""
    for number in range(count):
        await kept.put(Entry((), None), at(number).at)


async def test_all_is_kept() -> None:
    """Nothing is missed where nothing fails."""
    kept = keeping(Scripted({}), Hasty())
    await put(kept, 3)

    assert await kept.settle() is None


async def test_what_failed_last_is_appended_again() -> None:
    """Nothing after it is there yet: the order stays."""
    log = Scripted({1: TROUBLE, 2: TROUBLE, 3: TROUBLE})
    kept = keeping(log, Hasty())
    await put(kept, 3)

    assert await kept.settle() is None
    assert log.appended == [0, 4, 5]


async def test_what_a_later_frame_overtook_is_missed() -> None:
    """Appended now it would be out of order; what failed after that is appended again."""
    log = Scripted({0: TROUBLE, 2: TROUBLE})
    kept = keeping(log, Hasty())
    await put(kept, 3)

    assert await kept.settle() == at(0).at
    assert log.appended == [1, 3]


async def test_patience_ends() -> None:
    """Some twenty seconds; then the first frame that is not there is where what is missed begins."""
    clock = Hasty()
    kept = keeping(Scripted(dict.fromkeys(range(1, 10_000), TROUBLE)), clock)
    await put(kept, 3)

    assert await kept.settle() == at(1).at


async def test_other_failures_of_the_log_are_told_too() -> None:
    """They are a fault of ours; what is not kept is missed all the same."""
    kept = keeping(Scripted(dict.fromkeys(range(10_000), RuntimeError())), Hasty())
    await put(kept, 1)

    assert await kept.settle() == at(0).at


async def test_no_more_is_on_its_way_than_may_be() -> None:
    """Whoever keeps more waits, and so does the socket."""
    log = Scripted({})
    log.free.clear()
    kept = keeping(log, Hasty())
    await put(kept, MOST_ENTRIES)
    waiting = asyncio.ensure_future(put(kept, 1))
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    assert not waiting.done()
    log.free.set()
    await waiting
    assert await kept.settle() is None
    assert len(log.appended) == MOST_ENTRIES + 1


async def test_all_together_have_no_more_on_their_way_than_may_be() -> None:
    """While a disk hangs each of many has one frame there, and its socket is read no further; then all go on."""
    log, load = Scripted({}), Load()
    log.free.clear()
    load.size = MOST_BYTES_TOGETHER
    several = [keeping(log, Hasty(), load) for _ in range(3)]
    waiting = [asyncio.ensure_future(put(kept, 2)) for kept in several]
    for _ in range(5):
        await asyncio.sleep(0)

    assert [one.done() for one in waiting] == [False] * 3
    log.free.set()
    await asyncio.gather(*waiting)
    assert [await kept.settle() for kept in several] == [None] * 3
    assert (len(log.appended), load.size) == (6, MOST_BYTES_TOGETHER)


async def test_what_failed_weighs_no_longer_than_it_is_waited_for() -> None:
    """Whatever became of it, and of the socket."""
    log, load = Scripted(dict.fromkeys(range(10_000), TROUBLE)), Load()
    given_up, left = keeping(log, Hasty(), load), keeping(log, Hasty(), load)
    await put(given_up, 2)
    await put(left, 2)
    weighed = load.size
    await given_up.settle()
    left.over()

    assert (weighed > 4 * 1_000, load.size) == (True, 0)
