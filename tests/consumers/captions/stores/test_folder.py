"""A folder keeps what every store keeps, and leaves nothing half on the disk."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import resource
import stat
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from consumers.captions.errors import Altered, Misconfigured, Missing, StoreUnavailable
from consumers.captions.stores import Store
from consumers.captions.stores.opened import opened
from schemas.settings import Captions

from .contract import LARGE, StoreContract, listed


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Where the archive is."""
    return tmp_path / "deep" / "archive"


@pytest.fixture
async def store(root: Path) -> AsyncIterator[Store]:
    """Give an empty one."""
    address = f"file:{root}"
    async with opened(Captions(store=address), address) as store:
        yield store


def files(root: Path) -> dict[str, bytes]:
    """Return every file below `root` that has content, drafts and strangers' included."""
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def names(root: Path) -> list[str]:
    """Return the names of everything below `root`, folders too."""
    return sorted(str(path.relative_to(root)) for path in root.rglob("*"))


class TestFolder(StoreContract):
    """The contract."""


async def test_its_address_is_the_operators(store: Store, root: Path) -> None:
    """As it was written."""
    assert store.address == f"file:{root}"


async def test_what_is_stored_is_read_only(store: Store, root: Path, tmp_path: Path) -> None:
    """By whatever way it came."""
    (tmp_path / "spooled").write_bytes(b"c")
    await store.put("a", b"a")
    await store.replace("b", b"b")
    await store.put_file("c", tmp_path / "spooled")

    modes = {name: stat.S_IMODE((root / name).stat().st_mode) for name in "abc"}

    assert modes == {"a": 0o444, "b": 0o444, "c": 0o444}


async def test_nobody_but_its_owner_and_group_looks_into_it(store: Store, root: Path) -> None:
    """What was said in meetings is not for everybody who has an account on the machine."""
    await store.put("a", b"a")

    assert stat.S_IMODE((root / "").stat().st_mode) & stat.S_IRWXO == 0


async def test_a_file_is_not_written_twice(store: Store, root: Path, tmp_path: Path) -> None:
    """On one file system, putting a segment costs a name."""
    (tmp_path / "spooled").write_bytes(b"c")

    await store.put_file("c", tmp_path / "spooled")

    assert (root / "c").stat().st_ino == (tmp_path / "spooled").stat().st_ino


@pytest.fixture
def elsewhere() -> Iterator[Path]:
    """A large file on another file system than the archive's."""
    path = Path(f"/dev/shm/meetwire-test-{os.getpid()}")  # noqa: S108 -- the one other file system that is everywhere
    path.write_bytes(LARGE)
    yield path
    path.unlink()


async def test_a_file_of_another_file_system_is_copied(store: Store, root: Path, elsewhere: Path) -> None:
    """Where a second name cannot be had."""
    assert await store.put_file("c", elsewhere)
    assert not await store.put_file("c", elsewhere)

    assert (root / "c").read_bytes() == LARGE
    assert (root / "c").stat().st_nlink == 1
    assert stat.S_IMODE((root / "c").stat().st_mode) == 0o444


async def test_no_draft_stays(store: Store, root: Path, tmp_path: Path) -> None:
    """Not of what was stored, of what was refused, nor after the store is closed."""
    (tmp_path / "spooled").write_bytes(b"c")
    await asyncio.gather(*(store.put("a", b"%d" % number) for number in range(20)))
    await store.put_file("a", tmp_path / "spooled")
    await store.replace("b", b"b")

    await store.close()

    assert set(files(root)) == {"a", "b"}


async def test_a_dead_writers_drafts_are_swept(root: Path) -> None:
    """They may hold words that are erased later; a living writer's are its own."""
    address = f"file:{root}"
    drafts = root / "~drafts"
    drafts.mkdir(parents=True)
    for name in ("dead.lock", "dead.0", "dead.1", "alive.lock", "alive.0"):
        (drafts / name).write_bytes(b"words")

    with (drafts / "alive.lock").open("rb") as alive:
        fcntl.flock(alive, fcntl.LOCK_EX)
        async with opened(Captions(store=address), address):
            pass

    assert set(files(root)) == {"~drafts/alive.lock", "~drafts/alive.0"}


async def test_a_lock_that_was_swept_away_is_taken_anew(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another one that opens the store can come between the making of a lock and the locking."""
    lock, swept = fcntl.flock, list[Path]()

    def late(handle: Any, how: int) -> None:
        if not swept:
            swept.extend((root / "~drafts").iterdir())
            swept[0].unlink()
        lock(handle, how)

    monkeypatch.setattr(fcntl, "flock", late)
    address = f"file:{root}"
    async with opened(Captions(store=address), address) as store:
        assert await store.put("a", b"")
        [held] = [path for path in (root / "~drafts").iterdir()]

    assert [held.suffix, held == swept[0]] == [".lock", False]


async def test_a_file_that_is_not_there_is_unavailable(store: Store, tmp_path: Path) -> None:
    """The spool's disk can fail too."""
    with pytest.raises(StoreUnavailable, match=r"No such file or directory$"):
        await store.put_file("a", tmp_path / "gone")


async def test_two_open_one_folder(store: Store, root: Path) -> None:
    """Replicas may share it; neither sweeps the other's drafts."""
    address = f"file:{root}"
    async with opened(Captions(store=address), address) as other:
        won = await asyncio.gather(store.put("a", b"one"), other.put("a", b"other"))

        assert sorted(won) == [False, True]
        assert await store.get("a") == await other.get("a")


async def test_others_files_are_no_keys(store: Store, root: Path) -> None:
    """What a file manager or a file system leaves there is passed over."""
    await store.put("a/b", b"")
    (root / "lost found").mkdir()
    (root / "lost found" / "c").write_bytes(b"")
    (root / "a" / "b~").write_bytes(b"")

    assert await listed(store) == ["a/b"]


@pytest.fixture
def little_disk() -> Iterator[None]:
    """Let no file grow beyond 64 KiB, as a full disk would."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.usefixtures("little_disk")
async def test_a_full_disk_leaves_nothing_half(store: Store, root: Path) -> None:
    """It is said, what was there stays, and what fits goes on."""
    await store.put("a", b"there")

    with pytest.raises(StoreUnavailable, match=r"^file:.*: File too large$"):
        await store.put("b", LARGE)
    with pytest.raises(StoreUnavailable):
        await store.replace("a", LARGE)

    assert await store.get("a") == b"there"
    assert await listed(store) == ["a"]
    assert {name for name in files(root) if not name.endswith(".lock")} == {"a"}
    assert await store.put("b", b"small")


@contextlib.contextmanager
def taken_away(root: Path) -> Iterator[None]:
    """Have no folder at `root` meanwhile."""
    away = root.with_name("away")
    root.rename(away)
    root.write_bytes(b"")
    yield
    root.unlink()
    away.rename(root)


async def test_a_disk_that_is_away_is_unavailable(store: Store, root: Path) -> None:
    """Whatever is asked; and it goes on when it is back."""
    with taken_away(root):
        for asked in (store.put("a", b""), store.replace("a", b"")):
            with pytest.raises(StoreUnavailable):
                await asked

    assert await store.put("a", b"")


async def test_a_folder_that_cannot_be_is_refused(tmp_path: Path) -> None:
    """At the start, with the remedy."""
    (tmp_path / "file").write_bytes(b"")
    address = f"file:{tmp_path}/file/archive"

    with pytest.raises(Misconfigured, match=r"^file:.*: Not a directory; name a folder that can be made"):
        async with opened(Captions(store=address), address):
            pass


async def test_a_copy_is_read_and_not_touched(tmp_path: Path) -> None:
    """On a read-only disk, say; nothing can be written, and nothing is made where an address is mistyped."""
    address = f"file:{tmp_path}/copy"
    async with opened(Captions(), address) as store:
        await store.put("a/b", b"there")
    before = names(tmp_path)

    async with opened(Captions(), address, reading=True) as copy:
        assert await copy.get("a/b") == b"there"
        assert await listed(copy) == ["a/b"]
        (tmp_path / "new").write_bytes(b"new")
        asked = [
            copy.put("c/d", b""),
            copy.put_file("c/d", tmp_path / "new"),
            copy.replace("a/b", b""),
            copy.delete("a/b"),
        ]
        said = await asyncio.gather(*asked, return_exceptions=True)
    (tmp_path / "new").unlink()

    assert [str(one) for one in said] == [f"{address}: it was opened to be read"] * 4
    assert names(tmp_path) == before
    with pytest.raises(Misconfigured, match=r"copi: No such file or directory; name the folder of an archive$"):
        async with opened(Captions(), f"file:{tmp_path}/copi", reading=True):
            pass
    assert not (tmp_path / "copi").exists()


async def test_a_long_folder_list_is_forgotten_in_time(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Meetings have a folder each: what is remembered of them has a bound, and forgetting costs nothing but time."""
    monkeypatch.setattr("consumers.captions.stores.files._MOST_KNOWN", 3)
    address = f"file:{root}"

    async with opened(Captions(store=address), address) as store:
        keys = [f"{number}/a" for number in range(10)]
        for key in keys:
            assert await store.put(key, b"")

        assert await listed(store) == keys


@pytest.mark.parametrize("kind", ["pipe", "device", "socket", "itself"])
async def test_what_is_no_file_is_nothing(store: Store, root: Path, kind: str) -> None:
    """A copy from a stranger may hold what never ends, or never begins: nobody waits for it."""
    (root / "ledger").mkdir()
    place = root / "ledger" / "strange"
    match kind:
        case "pipe":
            os.mkfifo(place)
        case "device":
            place.symlink_to("/dev/zero")
        case "socket":
            os.mknod(place, stat.S_IFSOCK | 0o600)
        case _:
            place.symlink_to(place)

    with pytest.raises(Missing):
        await store.get("ledger/strange")
    assert await store.get_many(["ledger/strange"]) == [None]


async def test_what_is_larger_than_any_file_of_an_archive_is_said(store: Store, root: Path) -> None:
    """It is not read into memory: a file of a terabyte costs nothing to make."""
    (root / "ledger").mkdir()
    with (root / "ledger" / "large").open("wb") as file:
        file.truncate(2**40)

    with pytest.raises(Altered, match=r"^ledger/large: 1099511627776 bytes, more than any file of an archive has$"):
        await store.get("ledger/large")


async def test_a_link_is_gone_after_once(store: Store, root: Path, tmp_path: Path) -> None:
    """A part of an archive may lie on another disk; links that go in circles are listed to an end."""
    (tmp_path / "disk").mkdir()
    (root / "evidence").symlink_to(tmp_path / "disk")
    await store.put("evidence/a", b"1")
    for name in ("x", "y"):
        (tmp_path / "disk" / name).symlink_to(root)

    assert await listed(store, "") == ["evidence/a", "evidence/x", "evidence/y"]
