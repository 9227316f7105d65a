"""The access log is a chain: nothing in it can be changed, taken out or cut off without that showing."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import UTC, datetime

import msgspec
import pytest

from consumers.captions.archive import Archive
from consumers.captions.errors import Altered
from consumers.captions.life.access import FIRST, AccessLog, read, verified
from consumers.captions.life.ends import count_from
from schemas.archive import access_key
from schemas.archive.access import Access
from schemas.archive.statements import AccessSealed

NOON = datetime(2026, 5, 2, 12, tzinfo=UTC)
SECRET = b"s" * 32


def log(archive: Archive) -> AccessLog:
    """Return the access log as another process has it."""
    return AccessLog(archive.store, SECRET, now=lambda: NOON)


async def entries(archive: Archive) -> list[Access]:
    """Return what the log says, verified."""
    found = await read(archive.store)
    verified(found, None)
    return [msgspec.json.decode(content, type=Access) for _, content in found]


async def test_entries_say_who_did_what_and_follow_each_other(plain: Archive) -> None:
    """Each entry says who did what to which meetings, when, and with what result, and names the one before."""
    one, other = log(plain), log(plain)
    await one.note(who="ann", what="search", occurrences=["b", "a"], asked="预算")
    await other.note(who="bob", what="erase", occurrences=["a"], result="refused")

    first, second = await entries(plain)
    assert first == Access(
        index=0,
        at=NOON,
        who="ann",
        what="search",
        occurrences=["a", "b"],
        asked_sha256=first.asked_sha256,
        result="done",
        previous=FIRST,
    )
    assert second == Access(
        index=1,
        at=NOON,
        who="bob",
        what="erase",
        occurrences=["a"],
        asked_sha256=None,
        result="refused",
        previous=hashlib.sha256((await read(plain.store))[0][1]).hexdigest(),
    )


async def test_words_are_never_in_the_log(plain: Archive) -> None:
    """What was searched for is there as a keyed hash: not the words, nor their plain hash, nor twice the same."""
    for _ in range(2):
        await log(plain).note(who="ann", what="search", asked="secret")
    await log(plain).note(who="ann", what="search", asked="\ud800")

    hashes = [one.asked_sha256 for one in await entries(plain)]
    assert len(set(hashes)) == 3
    assert hashlib.sha256(b"secret").hexdigest() not in hashes
    assert all(b"secret" not in content for _, content in await read(plain.store))


async def test_writers_at_once_make_one_chain(plain: Archive) -> None:
    """Of many who write at the same time, from several processes, every entry is there once, in one chain."""
    logs = [log(plain) for _ in range(4)]
    await asyncio.gather(*(logs[number % 4].note(who=f"who-{number:02d}", what="show") for number in range(12)))

    assert sorted(one.who for one in await entries(plain)) == [f"who-{number:02d}" for number in range(12)]


async def test_ledger_says_how_the_log_ends(plain: Archive) -> None:
    """AccessSealed names length and end; nothing is said of an empty log, nor the same twice."""
    one = log(plain)
    await one.seal(plain.ledger)
    assert await plain.ledger.statements() == []

    await one.note(who="ann", what="show")
    for _ in range(2):
        await log(plain).seal(plain.ledger)

    found = await read(plain.store)
    (sealed,) = await plain.ledger.statements()
    assert sealed == AccessSealed(at=NOON, entries=1, head=verified(found, None))
    assert isinstance(sealed, AccessSealed)
    assert verified(found, sealed) == sealed.head


async def _three(archive: Archive) -> tuple[list[tuple[str, bytes]], AccessSealed]:
    for who in ("ann", "bob", "eve"):
        await log(archive).note(who=who, what="show")
    found = await read(archive.store)
    return found, AccessSealed(at=NOON, entries=len(found), head=verified(found, None))


@pytest.mark.parametrize("number", [0, 1, 2])
async def test_changed_entry_shows(plain: Archive, number: int) -> None:
    """An entry that says something else breaks the chain after it, or is not what the ledger sealed."""
    found, sealed = await _three(plain)
    key, content = found[number]
    found[number] = (key, content.replace(b'"show"', b'"hide"'))

    with pytest.raises(
        Altered, match="does not follow the entry before it" if number < 2 else "the ledger sealed at 3"
    ):
        verified(found, sealed)


@pytest.mark.parametrize(
    ("number", "says"),
    [(0, "entry 0 of the access log is missing"), (1, "entry 1 of the access log is missing"), (2, "sealed at 3")],
)
async def test_removed_entry_shows(plain: Archive, number: int, says: str) -> None:
    """An entry that was taken out is missed, the last one by what the ledger sealed."""
    found, sealed = await _three(plain)
    del found[number]

    with pytest.raises(Altered, match=says):
        verified(found, sealed)


@pytest.mark.parametrize("content", [b"{}", b"\xff", b"[]", b""])
async def test_entry_that_is_none_shows(plain: Archive, content: bytes) -> None:
    """Whatever else lies there is named."""
    found, _ = await _three(plain)
    found[1] = (found[1][0], content)

    with pytest.raises(Altered, match=f"{access_key(1)}: no entry of the access log"):
        verified(found, None)


async def test_log_may_have_grown_since_it_was_sealed(plain: Archive) -> None:
    """Entries after the sealed ones are no alteration."""
    _, sealed = await _three(plain)
    await _three(plain)

    assert verified(await read(plain.store), sealed) == verified(await read(plain.store), None)


async def test_end_is_found_from_wherever_one_begins(plain: Archive) -> None:
    """The number of entries is found from any number that is known to be there."""
    for count in range(20):
        ends = [await count_from(plain.store, access_key, known) for known in range(count + 1)]
        assert ends == [count] * (count + 1)
        await plain.store.put(access_key(count), b"x")
