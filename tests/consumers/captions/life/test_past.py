"""What the ledger says is read as far as it goes, once, and believed only where the archive's key signed it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from consumers.captions.archive import Archive
from consumers.captions.errors import Altered
from consumers.captions.life.past import standing
from consumers.captions.proof import entries
from consumers.captions.proof.ledger import Ledger
from schemas.archive import entry_key
from schemas.archive.statements import HoldAdded

AT = datetime(2026, 5, 2, 12, tzinfo=UTC)


def added(hold: str) -> HoldAdded:
    """Return a hold."""
    return HoldAdded(at=AT, hold=hold, occurrences=[], meeting_id="m-1", who="ann", why="x")


@pytest.mark.parametrize("at_once", [1, 2, 5, 1_000])
async def test_all_of_it_is_read_whatever_the_step(
    plain: Archive, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    """In one step or in many, from the beginning or from where it was left, and what others say too."""
    monkeypatch.setattr(entries, "_CHECKED_AT_ONCE", at_once)
    assert (await standing(plain)).count == 0

    await plain.ledger.append([added(f"h-{number}") for number in range(5)])
    assert list((await standing(plain)).holds) == [f"h-{number}" for number in range(5)]

    other = await Ledger.open(plain.store, plain.key, plain.settings.name)
    await other.append([added("of-another")])
    assert (await standing(plain)).count == 6


async def test_readers_at_once_read_it_once(plain: Archive) -> None:
    """Of several tasks that ask at the same time none sees a statement twice, or half of them."""
    await plain.ledger.append([added(f"h-{number}") for number in range(5)])
    found = await asyncio.gather(*(standing(plain) for _ in range(4)))

    assert [(one.count, len(one.holds)) for one in found] == [(5, 5)] * 4


async def test_entry_that_was_changed_or_moved_is_named(plain: Archive) -> None:
    """An entry with another text, or one that was signed for another place, is not believed."""
    await plain.ledger.append([added("a"), added("b")])
    first, second = [await plain.store.get(entry_key(index)) for index in range(2)]

    for content in (second.replace(b'"b"', b'"c"'), first, b"nothing"):
        await plain.store.replace(entry_key(1), content)
        with pytest.raises(Altered, match=entry_key(1)):
            await standing(plain)
    await plain.store.replace(entry_key(1), second)
    assert list((await standing(plain)).holds) == ["a", "b"]
