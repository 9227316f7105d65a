"""Check the ledger: its entries are all there, and are those that every checkpoint was signed over."""

import itertools
from collections.abc import Sequence
from typing import Final, NamedTuple

from schemas.archive import CHECKPOINTS, ENTRIES, PUBLIC_KEY, checkpoint_key, entry_key
from schemas.archive.statements import Statement

from ...errors import Altered
from ...stores import Store
from ..checkpoint import Checkpoint, opened_checkpoint
from ..entries import check_entry, fetched, statement
from ..merkle import leaf_hash
from ..note import VerifierKey
from .judging import ELSEWHERE, Note, judge, judge_beyond
from .report import Report

# Entries and notes are small: so many are in memory at once.
_AT_ONCE: Final = 256


class Said(NamedTuple):
    """An entry of the ledger."""

    entry: int
    """Its index."""
    statement: Statement


class Stood(NamedTuple):
    """What a ledger says."""

    said: list[Said]
    leaves: list[bytes]
    """Of the entries up to the first that is missing."""
    newest: Checkpoint | None
    """The largest that is signed over these leaves."""


async def checked_ledger(store: Store, key: VerifierKey, report: Report, against: bytes | None) -> Stood:
    """Tell the report what is wrong with the ledger, and return what it says. `against`: see `verify`."""
    await _check_key(store, key, report)
    # Notes first: what is written meanwhile lies beyond them, not under them.
    notes = await _notes(store, key, report)
    said, leaves, unread = await _entries(store, report)
    elsewhere = None if against is None else _opened(against, key, ELSEWHERE, report)
    newest = judge(leaves, notes, elsewhere, report)
    forged = await _forged(store, key, newest.size if newest else 0, len(leaves), report)
    judge_beyond(leaves, notes, len(forged), report)
    for index in sorted(unread - forged):
        report.tell("entry_unreadable", entry_key(index), f"Entry {index} of the ledger is no statement.")
    report.entries = len(leaves)
    return Stood([one for one in said if one.entry not in forged], leaves, newest)


async def _check_key(store: Store, key: VerifierKey, report: Report) -> None:
    (lies,) = await fetched(store, [PUBLIC_KEY])
    if lies != f"{key}\n".encode():
        report.tell("other_key", PUBLIC_KEY, "The public key in the archive is not the one that was given.")


async def _notes(store: Store, key: VerifierKey, report: Report) -> list[Note]:
    keys = [name async for name in store.keys(CHECKPOINTS)]
    found = []
    for start in range(0, len(keys), _AT_ONCE):
        part = keys[start : start + _AT_ONCE]
        for file, note in zip(part, await fetched(store, part), strict=True):
            checkpoint = None if note is None else _opened(note, key, file, report)
            if checkpoint is not None and file != checkpoint_key(checkpoint.size):
                report.tell("checkpoint_forged", file, f"It is a checkpoint over {checkpoint.size} entries.")
            elif checkpoint is not None:
                found.append(Note(file, checkpoint))
    return found


def _opened(note: bytes, key: VerifierKey, file: str, report: Report) -> Checkpoint | None:
    try:
        return opened_checkpoint(note, key)
    except Altered as error:
        report.tell("checkpoint_forged", file, f"It is not a checkpoint of this archive: {error}.")
        return None


async def _entries(store: Store, report: Report) -> tuple[list[Said], list[bytes], set[int]]:
    """Return what the entries say, the leaves up to the first gap, and which entries say nothing."""
    keys = [name async for name in store.keys(ENTRIES)]
    indices = _indices(keys, report)
    said: list[Said] = []
    leaves: list[bytes] = []
    unread: set[int] = set()
    for start in range(0, len(indices), _AT_ONCE):
        part = indices[start : start + _AT_ONCE]
        for index, note in zip(part, await fetched(store, [entry_key(one) for one in part]), strict=True):
            try:
                said.append(Said(index, statement(note or b"", index)))
            except Altered:
                unread.add(index)
            if index == len(leaves):
                leaves.append(leaf_hash(note or b""))
    return said, leaves, unread


def _indices(keys: Sequence[str], report: Report) -> list[int]:
    """Return which entries there are, and tell of those that are missing between them."""
    numbers = {name: int(tail) for name in keys if (tail := name.removeprefix(ENTRIES)).isdecimal()}
    indices = sorted(index for name, index in numbers.items() if name == entry_key(index))
    for name in sorted(set(keys) - {entry_key(index) for index in indices}):
        report.tell("file_added", name, "It is no entry of a ledger.")
    for before, after in itertools.pairwise([-1, *indices]):
        if after - before > 1:
            span = f"Entry {before + 1}" if after - before == 2 else f"Entries {before + 1} to {after - 1}"
            report.tell("entry_missing", entry_key(before + 1), f"{span} of the ledger are gone; later ones are there.")
    return indices


async def _forged(store: Store, key: VerifierKey, start: int, end: int, report: Report) -> set[int]:
    """Return which of the entries from `start` on the key did not sign: no checkpoint speaks for these."""
    forged = set()
    for first in range(start, end, _AT_ONCE):
        indices = range(first, min(first + _AT_ONCE, end))
        for index, note in zip(indices, await fetched(store, [entry_key(one) for one in indices]), strict=True):
            try:
                check_entry(note or b"", index, key)
            except Altered as error:
                forged.add(index)
                report.tell(
                    "entry_changed", entry_key(index), f"Entry {index} of the ledger is not as it was: {error}."
                )
    return forged
