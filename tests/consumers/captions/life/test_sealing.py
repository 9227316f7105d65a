"""Lines are sealed under keys that replicas share, and that can be taken away one by one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from pathlib import Path

import msgspec
import pytest

from consumers.captions.errors import Altered, StoreUnavailable
from consumers.captions.life.covers import HOUR_MS, Place
from consumers.captions.life.datakeys import DataKeys
from consumers.captions.life.master import MasterKeys
from consumers.captions.life.sealing import Sealing
from consumers.captions.stores import Keep, Store
from consumers.captions.stores.folder import FolderStore, open_folder
from schemas.archive.keys import KEYS
from schemas.archive.lines import SealedLine

from .watching import WatchedStore

MASTER = MasterKeys([b"m" * 32])
LINE = b'{"line":"open","words":"secret"}'
PLACE = Place("meeting.captions.v1", 3, 17, 5 * HOUR_MS + 1)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[FolderStore]:
    """Give an empty store for keys."""
    async with open_folder(f"file:{tmp_path / 'keys'}") as store:
        yield store


def sealing(store: Store, master: MasterKeys = MASTER, now: Iterable[float] = ()) -> Sealing:
    """Return a replica's own."""
    times = iter(now)
    return Sealing(DataKeys(store, master), "archive", lambda: next(times, 0.0))


async def sealed(one: Sealing, place: Place = PLACE, line: bytes = LINE, meeting: str = "m-1") -> SealedLine:
    """Seal a line."""
    await one.ready("acme", meeting, [place.hour])
    return msgspec.json.decode(one.seal(line, place, "acme", meeting), type=SealedLine)


async def opened(one: Sealing, line: SealedLine) -> bytes | None:
    """Open a line."""
    await one.fetch([line.seal])
    return one.opened(line)


async def keys(store: FolderStore) -> list[str]:
    """Return what lies in the store, without the folder."""
    return [key.removeprefix(KEYS) async for key in store.keys(KEYS)]


async def test_line_is_sealed_and_opens(store: FolderStore) -> None:
    """A sealed line says where it stood, hides what it says, and opens with the stores and the master key."""
    line = await sealed(sealing(store))

    assert (line.topic, line.partition, line.offset, line.time_ms) == ("meeting.captions.v1", 3, 17, PLACE.time_ms)
    assert b"secret" not in msgspec.json.encode(line)
    assert await opened(sealing(store), line) == LINE


async def test_replicas_write_the_same_bytes(store: FolderStore) -> None:
    """Two that seal the same record, at the same time or one after the other, write the same line."""
    lines = await asyncio.gather(*(sealed(sealing(store)) for _ in range(8)))

    assert lines == [lines[0]] * 8
    assert len(await keys(store)) == 1


async def test_one_key_a_meeting_and_hour(store: FolderStore) -> None:
    """Another meeting, and the next hour, have keys of their own; the same hour has the same."""
    one = sealing(store)
    later = Place(PLACE.topic, 3, 18, PLACE.time_ms + 1)
    next_hour = Place(PLACE.topic, 3, 19, PLACE.time_ms + HOUR_MS)
    lines = [
        await sealed(one),
        await sealed(one, later),
        await sealed(one, next_hour),
        await sealed(one, meeting="m-2"),
    ]

    assert len({line.seal for line in lines}) == 3
    assert lines[0].seal == lines[1].seal
    assert [await opened(one, line) for line in lines] == [LINE] * 4


async def test_line_is_not_sealed_before_its_key_is_at_hand(store: FolderStore) -> None:
    """Who forgets `ready` is told, and seals under no other key."""
    with pytest.raises(LookupError):
        sealing(store).seal(LINE, PLACE, "acme", "m-1")


async def test_erased_line_opens_no_more_and_the_others_do(store: FolderStore) -> None:
    """What is left of a data key opens the lines that stay, for everybody; the whole key is nowhere any more."""
    one = sealing(store)
    other_place = Place(PLACE.topic, 3, 18, PLACE.time_ms)
    gone, stays = await sealed(one), await sealed(one, other_place)
    await opened(one, gone)

    await one.keep_only(gone.seal, [str(other_place)])

    for reader in (one, sealing(store)):
        assert await opened(reader, gone) is None
        assert await opened(reader, stays) == LINE
    assert await keys(store) == [f"{gone.seal[:2]}/{gone.seal}.000001"]


async def test_what_comes_after_an_erasure_has_another_key(store: FolderStore) -> None:
    """What comes late, for an hour of which something was erased, is sealed under the next generation's key."""
    one = sealing(store)
    gone = await sealed(one)
    await one.keep_only(gone.seal, [])

    late = await sealed(one, Place(PLACE.topic, 3, 18, PLACE.time_ms))

    assert late.seal != gone.seal
    assert [await opened(sealing(store), line) for line in (gone, late)] == [None, LINE]


async def test_nothing_is_sealed_under_a_key_that_was_just_erased(store: FolderStore) -> None:
    """Who had the key at hand, and seals a moment after the erasure, is refused; asked again, it has the next key."""
    one = sealing(store)
    gone = await sealed(one)
    await one.ready("acme", "m-1", [PLACE.hour])
    await one.keep_only(gone.seal, [])

    with pytest.raises(LookupError):
        one.seal(LINE, PLACE, "acme", "m-1")
    assert (await sealed(one)).seal != gone.seal


async def test_erasing_twice_takes_both(store: FolderStore) -> None:
    """A second erasure under the same key brings back nothing that the first one took."""
    one = sealing(store)
    places = [Place(PLACE.topic, 3, offset, PLACE.time_ms) for offset in range(3)]
    lines = [await sealed(one, place) for place in places]

    await one.keep_only(lines[0].seal, map(str, places[1:]))
    await one.keep_only(lines[0].seal, [str(places[0]), str(places[2])])

    assert [await opened(sealing(store), line) for line in lines] == [None, None, LINE]


async def test_erasures_at_once_take_both(store: FolderStore) -> None:
    """Of two who erase under one key at the same time, neither undoes what the other did."""
    places = [Place(PLACE.topic, 3, offset, PLACE.time_ms) for offset in range(4)]
    lines = [await sealed(sealing(store), place) for place in places]

    await asyncio.gather(
        *(
            sealing(store).keep_only(lines[0].seal, [str(place) for place in places if place != gone])
            for gone in places[:3]
        )
    )

    assert [await opened(sealing(store), line) for line in lines] == [None, None, None, LINE]
    assert len(await keys(store)) == 1


async def test_wrapping_anew_at_the_same_time_brings_nothing_back(store: FolderStore) -> None:
    """Who wraps keys anew while one is erased does not put the erased one back."""
    line = await sealed(sealing(store))
    both = MasterKeys([b"n" * 32, b"m" * 32])

    await asyncio.gather(sealing(store, both).rewrap(), sealing(store, both).keep_only(line.seal, []))

    assert await opened(sealing(store, both), line) is None


async def test_master_key_is_replaced(store: FolderStore) -> None:
    """After `rewrap` the new master key alone opens everything, what was left by an erasure included."""
    old, both, new = MASTER, MasterKeys([b"n" * 32, b"m" * 32]), MasterKeys([b"n" * 32])
    gone, stays = await sealed(sealing(store, old)), await sealed(sealing(store, old), meeting="m-2")
    await sealing(store, old).keep_only(gone.seal, [])

    assert await sealing(store, both).rewrap() == 2

    reader = sealing(store, new)
    assert [await opened(reader, line) for line in (gone, stays)] == [None, LINE]
    assert len(await keys(store)) == 2
    assert await sealing(store, new).rewrap() == 2


async def test_key_that_is_nowhere_is_no_erasure(store: FolderStore, tmp_path: Path) -> None:
    """A reader with another keys_store is told so: what was erased has left what is left of its key."""
    line = await sealed(sealing(store))
    async with open_folder(f"file:{tmp_path / 'other'}") as other:
        with pytest.raises(Altered, match=f"data key {line.seal} is not in keys_store"):
            await opened(sealing(other), line)
        with pytest.raises(Altered, match="is not in keys_store"):
            await sealing(other).files("o", 1)


async def test_key_that_is_none_is_altered(store: FolderStore) -> None:
    """What lies in place of a data key and is none is named, and does not pass for an erasure."""
    line = await sealed(sealing(store))
    (key,) = await keys(store)
    for content in (b"{}", b"\xff\xfe"):
        await store.replace(KEYS + key, content)
        with pytest.raises(Altered, match=f"data key {line.seal} is no wrapped key"):
            await opened(sealing(store), line)


@pytest.mark.parametrize(
    "spoilt", [{"sealed": "AAAA"}, {"sealed": "§"}, {"offset": 18}, {"time_ms": PLACE.time_ms + 1}]
)
async def test_altered_line_does_not_open(store: FolderStore, spoilt: dict[str, object]) -> None:
    """A sealed line that was changed, or moved to another place, is called altered."""
    line = msgspec.structs.replace(await sealed(sealing(store)), **spoilt)

    with pytest.raises(Altered, match=f"the sealed line at {Place(line.topic, 3, line.offset, line.time_ms)}"):
        await opened(sealing(store), line)


async def test_erasure_elsewhere_is_noticed_within_minutes(store: FolderStore) -> None:
    """A reader goes on with a key that it has for five minutes, then looks again."""
    reader, line = sealing(store, now=[0, 299, 301, 301]), await sealed(sealing(store))

    assert await opened(reader, line) == LINE
    await sealing(store).keep_only(line.seal, [])
    assert await opened(reader, line) == LINE
    assert await opened(reader, line) is None


async def test_files_are_sealed_by_name_and_version(store: FolderStore) -> None:
    """A file opens under its own name alone, and is the same bytes however often it is sealed."""
    one = await sealing(store).files("o", 1, make=True)
    again = await sealing(store).files("o", 1)
    other = await sealing(store).files("o", 2, make=True)
    assert one is not None
    assert again is not None
    assert other is not None
    content = one.seal("captions.vtt", b"WEBVTT secret")

    assert b"secret" not in content
    assert again.seal("captions.vtt", b"WEBVTT secret") == content
    assert again.opened("captions.vtt", content) == b"WEBVTT secret"
    for sealer, name in ((again, "captions.srt"), (other, "captions.vtt")):
        with pytest.raises(Altered, match=f"sealed file {name} does not open"):
            sealer.opened(name, content)
    assert repr(one) == "<FileSealer>"


async def test_erased_files_open_no_more(store: FolderStore) -> None:
    """When the key of a version's files is erased, they are gone though they be there, and the other version's stay."""
    one = sealing(store)
    assert await one.files("o", 1, make=True) is not None
    assert await one.files("o", 2, make=True) is not None

    await one.erase_files("o", 1)
    await one.erase_files("o", 7)

    assert await sealing(store).files("o", 1) is None
    assert await sealing(store).files("o", 1, make=True) is None
    assert await sealing(store).files("o", 2) is not None


class Between(WatchedStore):
    """A store to which somebody else does something right before a first `get`, or a first `put`, is done."""

    def __init__(self, store: FolderStore, before: str, does: Callable[[str], Awaitable[object]]) -> None:
        super().__init__(store)
        self._before, self._does = before, does

    async def get(self, key: str, *, start: int = 0, length: int | None = None) -> bytes:
        """Pass on, somebody else first."""
        await self._other("get", key)
        return await super().get(key, start=start, length=length)

    async def put(self, key: str, content: bytes, *, keep: Keep | None = None) -> bool:
        """Pass on, somebody else first."""
        await self._other("put", key)
        return await super().put(key, content, keep=keep)

    async def _other(self, what: str, key: str) -> None:
        if what == self._before:
            self._before = ""
            await self._does(key)


async def test_key_that_changes_while_it_is_looked_for_is_found(store: FolderStore) -> None:
    """Of a key that is wrapped anew between two requests the newer version is taken."""
    line = await sealed(sealing(store))
    both = MasterKeys([b"n" * 32, b"m" * 32])
    through = Between(store, "get", lambda _: sealing(store, both).rewrap())

    assert await DataKeys(through, both).current(line.seal) == await DataKeys(store, both).current(line.seal)
    assert await keys(store) == [f"{line.seal[:2]}/{line.seal}.000001"]


async def test_key_that_another_makes_first_is_the_one(store: FolderStore) -> None:
    """Who comes second, by however little, has the first one's key."""
    through = Between(store, "put", lambda _: DataKeys(store, MASTER).found_or_made("k" * 32))

    assert await DataKeys(through, MASTER).found_or_made("k" * 32) == await DataKeys(store, MASTER).current("k" * 32)
    assert len(await keys(store)) == 1


async def test_key_that_another_makes_and_somebody_deletes_is_said(store: FolderStore) -> None:
    """A key that is not there though it cannot be put is no key to seal under."""

    class Refusing(WatchedStore):
        async def put(self, key: str, content: bytes, *, keep: Keep | None = None) -> bool:
            return False

    with pytest.raises(Altered, match="was there and is not"):
        await DataKeys(Refusing(store), MASTER).found_or_made("k" * 32)


async def test_change_that_stopped_midway_is_finished_by_the_next(store: FolderStore) -> None:
    """While both versions lie there the older one still opens; wrapping anew counts one key and takes the older."""
    line = await sealed(sealing(store))
    through = WatchedStore(store)
    through.stop_after(1)
    with pytest.raises(StoreUnavailable):
        await sealing(through).keep_only(line.seal, [])
    assert len(await keys(store)) == 2
    assert await opened(sealing(store), line) == LINE

    assert await sealing(store).rewrap() == 1
    assert await opened(sealing(store), line) is None
    assert await keys(store) == [f"{line.seal[:2]}/{line.seal}.000001"]
