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
    """Return a retention that is over soon, so that a test can tidy up behind it, and not before a store has it."""
    return Keep(until=datetime.now(UTC) + timedelta(seconds=30))


class StoreContract:
    """The promises. A subclass gives `store`, an empty one."""

    MANY = 1_105
    """More than a page."""

    async def test_what_is_put_is_there(self, store: Store) -> None:
        """Byte for byte."""
        contents = {"empty": b"", "a/line": b"\n", "a/b/bytes": b"\x00\xff" * 3, "text.jsonl": "一句话".encode()}

        stored = [await store.put(key, content) for key, content in contents.items()]

        assert stored == [True, True, True, True]
        assert {key: await store.get(key) for key in contents} == contents

    async def test_what_is_put_is_not_strange(self, store: Store) -> None:
        """Nothing lies there but under keys, whatever the store needs for itself."""
        await store.put("a/line", b"\n")
        await store.replace("a/line", b"other")

        assert [name async for name in store.strange()] == []

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

    async def test_a_file_writes_nothing_over(self, store: Store, tmp_path: Path) -> None:
        """However large: the first stays."""
        await store.put("a", b"first")

        for number, content in enumerate([b"", b"small", LARGE]):
            file = tmp_path / f"spooled-{number}"
            file.write_bytes(content)
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

    async def test_a_part_is_a_slice(self, store: Store) -> None:
        """Beyond the end there is nothing, and that is no error."""
        content = b"0123456789"
        await store.put("a", content)
        parts = [(start, length) for start in (0, 1, 9, 10, 11, 1_000) for length in (0, 1, 9, 10, 11, None)]

        got = [await store.get("a", start=start, length=length) for start, length in parts]

        assert got == [content[start:][:length] for start, length in parts]

    async def test_a_part_of_what_is_large_is_a_slice(self, store: Store) -> None:
        """However many requests it takes."""
        await store.put("a", LARGE)
        parts = [(0, 17_000_000), (100, 16_777_216), (3_000_000, None), (16_777_215, 3), (20_000_000, 10)]

        got = [await store.get("a", start=start, length=length) for start, length in parts]

        assert [hash(one) for one in got] == [hash(LARGE[start:][:length]) for start, length in parts]

    async def test_nothing_is_told_apart_from_empty(self, store: Store) -> None:
        """A key that is not there is Missing, by its name."""
        await store.put("a/b", b"")

        for key in ("a/c", "a", "b"):
            for length in (0, 1, None):
                with pytest.raises(Missing, match=f"^{key}$"):
                    await store.get(key, length=length)

    async def test_many_are_got_at_once(self, store: Store) -> None:
        """In the order asked for; what is not there is none, and whole however small."""
        keys = [f"n/{number}" for number in range(50)]
        await asyncio.gather(*(store.put(key, key.encode()) for key in keys[::2]))

        got = await store.get_many(["n/48", *keys])

        assert got == [b"n/48", *(key.encode() if number % 2 == 0 else None for number, key in enumerate(keys))]
        assert await store.get_many([]) == []

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
        keys = [f"n/{number:05d}" for number in range(self.MANY)]
        for first in range(0, len(keys), 100):
            await asyncio.gather(*(store.put(key, b"") for key in keys[first : first + 100]))

        assert await listed(store, "n/") == keys
        assert await listed(store, "n/", after="n/00103") == keys[104:]

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

    async def test_what_is_no_key_is_refused(self, store: Store, tmp_path: Path) -> None:
        """Before anything is touched, and whatever is asked."""
        file = tmp_path / "spooled"
        file.write_bytes(b"")

        for why, key in NO_KEYS.items():
            asked = [
                store.put(key, b""),
                store.put_file(key, file),
                store.replace(key, b""),
                store.get(key),
                store.get_many([key]),
                store.delete(key),
                store.hold(key, True),
            ]
            said = await asyncio.gather(*asked, return_exceptions=True)
            assert [type(one) for one in said] == [ValueError] * len(asked), why

        assert await listed(store) == []

    async def test_no_prefix_leads_out(self, store: Store) -> None:
        """Listing is reading too."""
        for prefix in ("../", "/", "a/../", "~drafts/"):
            with pytest.raises(ValueError, match="no key begins so"):
                await listed(store, prefix)
