"""The ledger is only ever added to, whoever adds and whenever they end; nothing is signed that was rewritten."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from consumers.captions.errors import Altered, Conflict, Held, Misconfigured, StoreUnavailable
from consumers.captions.proof.checkpoint import opened_checkpoint
from consumers.captions.proof.entries import entries, statement
from consumers.captions.proof.key import SigningKey
from consumers.captions.proof.ledger import Ledger
from consumers.captions.proof.merkle import leaf_hash, root
from consumers.captions.proof.verify import verify
from consumers.captions.stores.folder import FolderStore
from schemas.archive import checkpoint_key, entry_key
from schemas.archive.statements import (
    AccessSealed,
    Erased,
    HoldAdded,
    HoldRemoved,
    MeetingKept,
    MeetingLeft,
    Statement,
)

from .altering import Alter, added, copied, flipped, removed, resigned
from .building import AT, NAME, occurrence


def kept(number: int, version: int = 1, sha256: str = "ab") -> MeetingKept:
    """Return what the ledger says of a meeting."""
    return MeetingKept(
        at=AT, occurrence=occurrence(number), version=version, manifest="m", sha256=sha256, records=0, root=""
    )


async def there(store: FolderStore) -> list[Statement]:
    """Return what the entries that lie there say, whoever put them."""
    return [statement(note, number) for number, note in enumerate([note async for note in entries(store)])]


LATER = timedelta(days=1)
LEFT = MeetingLeft(at=AT, occurrence=occurrence(9), enterprise="acme", meeting_id="m-9", rule="none")
ERASED = Erased(
    at=AT, occurrence=occurrence(1), tombstone="t", sha256="", records=1, who="ann", why="request", reference=None
)
HELD = HoldAdded(at=AT, hold="case-7", occurrences=[occurrence(1)], meeting_id=None, who="ann", why="a case 诉讼")
RELEASED = HoldRemoved(at=AT, hold="case-7", who="ann", why="closed")
SEALED = AccessSealed(at=AT, entries=1, head="ab")


async def test_what_is_said_stands(store: FolderStore, key: SigningKey) -> None:
    """In order, across a restart, and under a checkpoint whose root is the tree over the entries as they lie."""
    said: list[Statement] = [kept(1), LEFT, ERASED, HELD, RELEASED, SEALED]
    ledger = await Ledger.open(store, key, NAME)
    await ledger.append(said)

    note = await ledger.checkpoint()

    again = await Ledger.open(store, key, NAME)
    lie = [entry async for entry in entries(store)]
    signed = opened_checkpoint(note, key.verifier(NAME))
    assert await again.statements() == await there(store) == said
    assert await again.statements(4) == [RELEASED, SEALED]
    assert (again.size, signed.size, signed.root) == (6, 6, root([leaf_hash(entry) for entry in lie]))
    assert note == await store.get(checkpoint_key(6)) == await again.checkpoint()


@pytest.mark.parametrize("said", [kept(1), LEFT, ERASED, HELD, SEALED], ids=lambda one: type(one).__name__)
async def test_what_stands_is_not_said_again(store: FolderStore, key: SigningKey, said: Statement) -> None:
    """Whoever says it, and whenever: an interrupted close is done once more, and changes nothing."""
    await (await Ledger.open(store, key, NAME)).append([said])

    ledger = await Ledger.open(store, key, NAME)
    await ledger.append([msgspec.structs.replace(said, at=AT + LATER), said])

    assert await ledger.statements() == [said]


async def test_hold_can_be_removed_and_added_again(store: FolderStore, key: SigningKey) -> None:
    """What was said of it last counts: the same words again are another statement."""
    ledger = await Ledger.open(store, key, NAME)

    await ledger.append([HELD, RELEASED, HELD, HELD])

    assert await ledger.statements() == [HELD, RELEASED, HELD]


async def test_other_manifest_of_one_version_is_refused(store: FolderStore, key: SigningKey) -> None:
    """Loudly, and nothing is put: two programs that derive different files must not both be right."""
    ledger = await Ledger.open(store, key, NAME)
    await ledger.append([kept(1)])

    with pytest.raises(Conflict, match=entry_key(1)):
        await ledger.append([kept(1, sha256="cd")])
    assert await ledger.statements() == [kept(1)]


@pytest.mark.parametrize("place", [0, 2])
async def test_what_somebody_put_since_is_not_believed(store: FolderStore, key: SigningKey, place: int) -> None:
    """In the place of an entry that was read, or behind all of them, while the ledger is open."""
    ledger = await Ledger.open(store, key, NAME)
    await ledger.append([kept(1), kept(2)])
    await store.replace(entry_key(place), (await store.get(entry_key(1))).replace(occurrence(2).encode(), b"0" * 32))

    with pytest.raises(Altered, match=entry_key(place)):
        await ledger.statements()


async def test_several_writers_leave_no_gap(store: FolderStore, key: SigningKey) -> None:
    """Replicas that close meetings at once, some of them the same: each stands once, and every checkpoint holds."""
    ledgers = [await Ledger.open(store, key, NAME) for _ in range(4)]

    async def write(number: int, ledger: Ledger) -> None:
        for meeting in range(number, 12, 3):
            await ledger.append([kept(meeting)])
            await ledger.checkpoint()

    await asyncio.gather(*(write(number, ledger) for number, ledger in enumerate(ledgers)))

    said = await there(store)
    report = await verify(store, str(key.verifier(NAME)), occurrence=occurrence(99))
    assert sorted(one.occurrence for one in said if isinstance(one, MeetingKept)) == list(map(occurrence, range(12)))
    assert (report.entries, report.signed, [one.what for one in report.findings]) == (12, 12, ["meeting_unknown"])


async def test_guard_sees_what_others_said(store: FolderStore, key: SigningKey) -> None:
    """An erasure that began before a hold was added is refused when it comes to be said."""
    ours, other = await Ledger.open(store, key, NAME), await Ledger.open(store, key, NAME)
    await ours.append([kept(1)])
    seen: list[Sequence[Statement]] = []

    def guard(before: Sequence[Statement]) -> None:
        seen.append(list(before))
        if HELD in before:
            raise Held("case-7")

    await ours.append([kept(2)], guard=guard)
    await other.append([HELD])
    with pytest.raises(Held):
        await ours.append([ERASED], guard=guard)

    assert seen == [[kept(1)], [kept(1), kept(2)], [kept(1), kept(2), HELD]]
    assert await there(store) == [kept(1), kept(2), HELD]


async def test_archive_of_another_key_or_name_is_refused(store: FolderStore, key: SigningKey, tmp_path: Path) -> None:
    """At start, with the remedy: a second machine with a key of its own would sign what nobody can verify."""
    other = await asyncio.to_thread(SigningKey.load_or_make, tmp_path / "other.key")
    await Ledger.open(store, key, NAME)

    with pytest.raises(Misconfigured, match="signing_key_file and name"):
        await Ledger.open(store, key, "other")
    with pytest.raises(Misconfigured, match="signing_key_file and name"):
        await Ledger.open(store, other, NAME)


async def written(store: FolderStore, key: SigningKey, memory: Path | None = None) -> Ledger:
    """Write three entries, the first two of them under checkpoints."""
    ledger = await Ledger.open(store, key, NAME, memory=memory)
    for number in range(2):
        await ledger.append([kept(number)])
        await ledger.checkpoint()
    await ledger.append([kept(2)])
    return ledger


@pytest.mark.parametrize(
    ("alter", "says"),
    [
        pytest.param(flipped(entry_key(0), -3), "first 2 entries are not those", id="an entry that is signed over"),
        pytest.param(resigned(entry_key(2), -12), f"{entry_key(2)}: its signature", id="one beyond"),
        pytest.param(removed(entry_key(1)), f"{entry_key(1)} is missing: 2 entries", id="a gap"),
        pytest.param(copied(entry_key(0), entry_key(3)), f"{entry_key(3)}: it was signed as entry 0", id="a replay"),
        pytest.param(added(entry_key(3), b'3\n{"says":"left"}\n'), f"{entry_key(3)}: it is no note", id="no signature"),
        pytest.param(flipped(checkpoint_key(2), 40), "the newest checkpoint of file:", id="the checkpoint"),
    ],
)
async def test_nothing_is_signed_on_top_of_what_was_altered(
    store: FolderStore, key: SigningKey, tmp_path: Path, alter: Alter, says: str
) -> None:
    """The consumer stops instead, and says where."""
    await written(store, key)
    alter(tmp_path / "archive")

    with pytest.raises(Altered, match=says):
        await Ledger.open(store, key, NAME)


async def test_machine_remembers_what_it_signed(store: FolderStore, key: SigningKey, tmp_path: Path) -> None:
    """Who cuts off the ledger's end together with its checkpoints is found by the machine that signed these."""
    memory = tmp_path / "spool" / "checkpoint"
    await written(store, key, memory)
    root = tmp_path / "archive"
    for key_ in (entry_key(2), entry_key(1), checkpoint_key(2)):
        removed(key_)(root)

    assert (await Ledger.open(store, key, NAME)).size == 1
    with pytest.raises(Altered, match=f"{entry_key(1)} is missing: 2 entries were signed"):
        await Ledger.open(store, key, NAME, memory=memory)


async def test_machine_that_signed_nothing_new_starts_again(
    store: FolderStore, key: SigningKey, tmp_path: Path
) -> None:
    """A restart after any write is no alarm: entries may lie beyond the last checkpoint."""
    memory = tmp_path / "spool" / "checkpoint"
    await written(store, key, memory)

    ledger = await Ledger.open(store, key, NAME, memory=memory)

    assert (ledger.size, opened_checkpoint(await ledger.checkpoint(), key.verifier(NAME)).size) == (3, 3)


async def test_other_checkpoint_of_the_same_size_is_not_written_over(
    store: FolderStore, key: SigningKey, tmp_path: Path
) -> None:
    """It is said, and stays to be looked at."""
    ledger = await written(store, key)
    added(checkpoint_key(3), b"other")(tmp_path / "archive")

    with pytest.raises(Conflict, match=checkpoint_key(3)):
        await ledger.checkpoint()
    assert await store.get(checkpoint_key(3)) == b"other"


async def test_empty_ledger_has_a_checkpoint(store: FolderStore, key: SigningKey, public_key: str) -> None:
    """A witness can hold that an archive began with nothing."""
    ledger = await Ledger.open(store, key, NAME)
    note = await ledger.checkpoint()

    assert (await verify(store, public_key, against=note)).findings == []


@pytest.mark.parametrize("place", ["folder", "file/below"])
async def test_memory_that_cannot_be_kept_is_said(
    store: FolderStore, key: SigningKey, tmp_path: Path, place: str
) -> None:
    """As a store that is away: nothing is signed that this machine could not remember."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"")
    ledger = Ledger(store, key, NAME, tmp_path / place)

    with pytest.raises(StoreUnavailable, match=place):
        await Ledger.open(store, key, NAME, memory=tmp_path / place)
    with pytest.raises(StoreUnavailable, match=place):
        await ledger.checkpoint()
    assert [name async for name in store.keys("ledger/checkpoints/")] == []
