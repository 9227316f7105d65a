"""What every store of an archive promises. One suite for all of them, so that none can drift from the others."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from consumers.captions.errors import Missing
from consumers.captions.stores import Keep, Store

# More than S3 takes in one request of ours, and no multiple of anything.
LARGE = random.Random(5).randbytes(20_000_003)  # noqa: S311 -- the same bytes each time

NO_KEYS = {
    "empty": "",
    "absolute": "/etc/passwd",
    "upwards": "evidence/../../etc/passwd",
    "here": "evidence/./a",
    "a folder": "evidence/",
    "two slashes": "evidence//a",
    "a draft": "~drafts/a",
    "a line break": "evidence/a\n",
    "NUL": "evidence/a\0",
    "no ASCII": "evidence/会议",
    "too long": "a/" * 500 + "a",
    "too long a name": "a" * 201,
}


async def listed(store: Store, prefix: str = "", after: str = "") -> list[str]:
    """Return the keys, as they come."""
    return [key async for key in store.keys(prefix, after=after)]


def soon() -> Keep:
    """Return a retention that is over at once, so that a test can tidy up behind it."""
    return Keep(until=datetime.now(UTC) + timedelta(seconds=2))


class StoreContract:
    """The promises. A subclass gives `store`, an empty one."""

    @pytest.mark.parametrize("content", [b"", b"\n", b"\x00\xff" * 3, "一句话".encode()])
    async def test_what_is_put_is_there(self, store: Store, content: bytes) -> None:
        """Byte for byte."""
        assert await store.put("evidence/a.jsonl", content)

        assert await store.get("evidence/a.jsonl") == content

    async def test_what_is_put_once_stays(self, store: Store) -> None:
        """The second is told that it is not the first, and nothing is written over."""
        await store.put("a/b", b"first")

        assert not await store.put("a/b", b"second")
        assert not await store.put("a/b", b"first")
        assert await store.get("a/b") == b"first"

    async def test_one_of_many_wins(self, store: Store) -> None:
        """Replicas that put different things under one key agree on one, and each knows whether it is its own."""
        contents = [b"%d" % number for number in range(32)]

        won = await asyncio.gather(*(store.put("ledger/entries/0", content) for content in contents))

        [winner] = [content for content, stored in zip(contents, won, strict=True) if stored]
        assert await store.get("ledger/entries/0") == winner

    async def test_a_large_file_is_put_like_a_small_one(self, store: Store, tmp_path: Path) -> None:
        """Whole; and the file stays where it is."""
        file = tmp_path / "spooled"
        file.write_bytes(LARGE)

        assert await store.put_file("evidence/large", file)

        assert await store.get("evidence/large") == LARGE
        assert file.read_bytes() == LARGE

    @pytest.mark.parametrize("content", [b"", b"small", LARGE], ids=["empty", "small", "large"])
    async def test_a_file_writes_nothing_over(self, store: Store, tmp_path: Path, content: bytes) -> None:
        """However large: the first stays."""
        file = tmp_path / "spooled"
        file.write_bytes(content)
        await store.put("a", b"first")

        assert not await store.put_file("a", file)
        assert await store.get("a") == b"first"

    async def test_a_file_put_twice_is_put_once(self, store: Store, tmp_path: Path) -> None:
        """Whoever was interrupted does it again."""
        file = tmp_path / "spooled"
        file.write_bytes(b"a line\n")

        assert [await store.put_file("a", file), await store.put_file("a", file)] == [True, False]
        assert await store.get("a") == b"a line\n"

    async def test_large_contents_need_no_file(self, store: Store) -> None:
        """What `put` takes has no other limit than memory."""
        assert await store.put("large", LARGE)

        assert await store.get("large") == LARGE

    async def test_a_replaced_key_has_the_new_content(self, store: Store) -> None:
        """Erasure needs it: whatever was there, or nothing."""
        await store.put("a", b"with words")

        await store.replace("a", b"without")
        await store.replace("b", b"new")
        await store.replace("b", b"newer")

        assert [await store.get("a"), await store.get("b")] == [b"without", b"newer"]
        assert await listed(store) == ["a", "b"]

    @pytest.mark.parametrize("start", [0, 1, 9, 10, 11, 1_000])
    @pytest.mark.parametrize("length", [0, 1, 9, 10, 11, None])
    async def test_a_part_is_a_slice(self, store: Store, start: int, length: int | None) -> None:
        """Beyond the end there is nothing, and that is no error."""
        await store.put("a", b"0123456789")

        part = await store.get("a", start=start, length=length)

        assert part == b"0123456789"[start:][:length]

    @pytest.mark.parametrize("length", [0, 1, None])
    async def test_nothing_is_told_apart_from_empty(self, store: Store, length: int | None) -> None:
        """A key that is not there is Missing, by its name."""
        await store.put("a/b", b"")

        for key in ("a/c", "a", "b"):
            with pytest.raises(Missing, match=f"^{key}$"):
                await store.get(key, length=length)

    async def test_keys_come_in_order(self, store: Store) -> None:
        """As their letters sort, slashes and all, whatever the order they were put in."""
        keys = ["a-b/c", "a.b/c", "a/b", "a/b.c", "a/c/d", "a0", "ab", "B", "b/0", "b/00", "b/1"]
        await asyncio.gather(*(store.put(key, b"") for key in reversed(keys)))

        assert await listed(store) == sorted(keys)
        for prefix in ["", "a", "a/", "a/b", "a/c/", "b/0", "c", "a/b/", "a-", "b/1"]:
            for after in ["", "a", "a/b", "a/c/d", "a/c/dd", "a0", "b/0", "z"]:
                expected = [key for key in sorted(keys) if key.startswith(prefix) and key > after]
                assert await listed(store, prefix, after) == expected, (prefix, after)

    async def test_many_keys_come_in_pages(self, store: Store) -> None:
        """More than a page, none left out, none twice."""
        keys = [f"n/{number:05d}" for number in range(2_005)]
        for first in range(0, len(keys), 100):
            await asyncio.gather(*(store.put(key, b"") for key in keys[first : first + 100]))

        assert await listed(store, "n/") == keys
        assert await listed(store, "n/", after="n/01003") == keys[1_004:]

    async def test_a_deleted_key_is_gone(self, store: Store) -> None:
        """And may be put again; to delete nothing is no error."""
        await store.put("a/b", b"first")

        await store.delete("a/b")
        await store.delete("a/b")
        await store.delete("never/there")

        assert await listed(store) == []
        with pytest.raises(Missing):
            await store.get("a/b")
        assert await store.put("a/b", b"second")

    async def test_a_hold_needs_something_to_hold(self, store: Store) -> None:
        """On or off."""
        await store.put("a", b"")

        await store.hold("a", True)
        await store.hold("a", False)

        for on in (True, False):
            with pytest.raises(Missing, match=r"^b$"):
                await store.hold("b", on)

    async def test_what_is_kept_is_there(self, store: Store, tmp_path: Path) -> None:
        """A retention changes nothing of what is stored."""
        file = tmp_path / "spooled"
        file.write_bytes(LARGE)

        assert await store.put("a", b"kept", keep=soon())
        assert await store.put_file("b", file, keep=soon())

        assert [await store.get("a"), await store.get("b")] == [b"kept", LARGE]

    @pytest.mark.parametrize("key", NO_KEYS.values(), ids=NO_KEYS)
    async def test_what_is_no_key_is_refused(self, store: Store, tmp_path: Path, key: str) -> None:
        """Before anything is touched, and whatever is asked."""
        file = tmp_path / "spooled"
        file.write_bytes(b"")
        asked = [
            store.put(key, b""),
            store.put_file(key, file),
            store.replace(key, b""),
            store.get(key),
            store.delete(key),
            store.hold(key, True),
        ]

        said = await asyncio.gather(*asked, return_exceptions=True)

        assert {type(one) for one in said} == {ValueError}
        assert await listed(store) == []

    async def test_no_prefix_leads_out(self, store: Store) -> None:
        """Listing is reading too."""
        for prefix in ("../", "/", "a/../", "~drafts/"):
            with pytest.raises(ValueError, match="no key begins so"):
                await listed(store, prefix)
