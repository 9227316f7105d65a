"""The ledger: statements, one entry each, that are only ever added, and the checkpoints over them.

Several processes may write to one ledger: an entry is put on the condition that its place is free, and who loses takes
the next one, having read the winner's. So entries have no gap, and what is said already is not said again. A checkpoint
is signed over all entries that this process has put or read; two processes that sign the same size write the same
bytes.
It refuses to sign on top of entries that are not those of the newest checkpoint, be it in the store or remembered by
this machine, and of entries that the key did not sign: who can only write to the store has nothing of his signed. It
looks again whenever something is to be said, so that a store that was put right is gone on with.
"""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

from schemas.archive import PUBLIC_KEY, checkpoint_key, entry_key
from schemas.archive.statements import LossAccepted, SegmentsVouched, Statement

from ..errors import Altered, Conflict, Misconfigured
from ..stores import Store
from .checkpoint import Checkpoint, opened_checkpoint, signed_checkpoint
from .entries import check_entry, entries, entry, newest_checkpoint, signed_statements, statement
from .key import SigningKey
from .memory import recall, remember
from .merkle import Frontier, leaf_hash
from .standing import Standing

Guard = Callable[[Sequence[Statement]], None]
"""Raises what forbids to say more, given what stands."""


class Ledger:
    """One archive's ledger, as this process knows it. Several tasks may use it at once."""

    def __init__(self, store: Store, key: SigningKey, name: str, memory: Path | None) -> None:
        self._store, self._key, self._memory = store, key, memory
        self._verifier = key.verifier(name)
        self._frontier, self._standing = Frontier(), Standing()
        self._vouched: list[SegmentsVouched] = []
        self._lost: set[str] = set()
        # Kept from the first guard on, and only then: a long ledger is large.
        self._all: list[Statement] | None = None
        self._is_begun = False
        self._lock = asyncio.Lock()

    @classmethod
    async def open(
        cls, store: Store, key: SigningKey, name: str, *, memory: Path | None = None, lenient: bool = False
    ) -> Self:
        """Read what stands. `memory` is a file of this machine's own, for the last checkpoint that it signed.

        Raises Misconfigured where the archive is signed by another key or has another name, Altered where its entries
        are not those of a checkpoint that was signed before, and StoreUnavailable. `lenient`: what is Altered is raised
        by what is asked of the ledger, each time until it is put right; evidence can be kept meanwhile.
        """
        ledger = cls(store, key, name, memory)
        try:
            await ledger._begin()
        except (Altered, Misconfigured) as error:
            # An archive that this machine has signed is not another's by now, whatever lies there.
            if not lenient or (isinstance(error, Misconfigured) and not await ledger._has_signed()):
                raise
            await ledger._glean()
        return ledger

    @property
    def vouched(self) -> list[SegmentsVouched]:
        """What stands of clusters whose segments are vouched for, as far as it was read."""
        return list(self._vouched)

    def is_lost(self, segment: str) -> bool:
        """Whether it stands that the loss of a segment was accepted, as far as it was read."""
        return segment in self._lost

    @property
    def size(self) -> int:
        """Entries that this process knows of."""
        return self._frontier.size

    async def look(self) -> None:
        """Read what others said meanwhile. Raises Altered where it cannot be gone on, and StoreUnavailable."""
        async with self._lock:
            await self._go_on()
            await self._catch_up()

    async def append(self, said: Sequence[Statement], *, guard: Guard | None = None) -> None:
        """Return when all of it stands, in order; what stands already, apart from its `at`, is not put again.

        `guard` is given everything that stands before the place that is tried, and may raise: so nothing that another
        process says meanwhile is overlooked.
        Raises Conflict where something else stands in its place (another manifest of the same version), and
        StoreUnavailable.
        """
        async with self._lock:
            await self._go_on()
            if guard is not None and self._all is None:
                self._all = (await self.statements())[: self.size]
            for one in said:
                await self._append(one, guard)

    async def checkpoint(self) -> bytes:
        """Sign what this process knows of, and return the note as it lies in the store.

        Raises Conflict where another note lies there, and StoreUnavailable.
        """
        async with self._lock:
            await self._go_on()
            known = Checkpoint(origin=self._verifier.name, size=self._frontier.size, root=self._frontier.root())
            note = signed_checkpoint(known, self._verifier, self._key.sign)
            # Remembered first: a process that ends in between has signed nothing that it does not know of.
            await remember(self._memory, note)
            await self._put_checkpoint(checkpoint_key(known.size), note)
            return note

    async def statements(self, start: int = 0) -> list[Statement]:
        """Return what the entries from `start` on say, those of other processes too.

        Raises Altered where one is not signed as what it is, and StoreUnavailable.
        """
        return [one async for some in signed_statements(self._store, start, self._verifier) for one in some]

    async def _begin(self) -> None:
        """Read all that stands, from the first entry on. Raises Altered."""
        self._frontier, self._standing = Frontier(), Standing()
        self._vouched, self._lost, self._all = [], set(), None
        await self._claim()
        notes = [await newest_checkpoint(self._store), await recall(self._memory)]
        await self._catch_up([self._signed_before(note) for note in notes if note is not None])
        self._is_begun = True

    async def _glean(self) -> None:
        """Read what is good by itself of that without which no evidence can be kept, whatever the rest is."""
        index = 0
        self._vouched = []
        async for note in entries(self._store):
            with contextlib.suppress(Altered):
                said = statement(note, index)
                if isinstance(said, SegmentsVouched):
                    check_entry(note, index, self._verifier)
                    self._vouched.append(said)
            index += 1

    async def _go_on(self) -> None:
        if not self._is_begun:
            await self._begin()

    async def _has_signed(self) -> bool:
        try:
            return (note := await recall(self._memory)) is not None and bool(self._signed_before(note))
        except Altered:
            return False

    async def _claim(self) -> None:
        """Have the public key in the store. Raises Misconfigured where there is another."""
        text = f"{self._verifier}\n".encode()
        if not await self._store.put(PUBLIC_KEY, text) and await self._store.get(PUBLIC_KEY) != text:
            raise Misconfigured(
                f"{PUBLIC_KEY} in {self._store.address} is another one: signing_key_file and name of [captions] must "
                "be those that the archive was begun with, on every machine that writes to it"
            )

    async def _append(self, said: Statement, guard: Guard | None) -> None:
        while not self._standing.has(said, entry_key(self.size)):
            if guard is not None:
                guard(self._all or ())
            note = entry(said, self.size, self._verifier, self._key.sign)
            if await self._store.put(entry_key(self.size), note):
                self._absorb(note, said)
            else:
                await self._catch_up()

    async def _put_checkpoint(self, key: str, note: bytes) -> None:
        if not await self._store.put(key, note) and await self._store.get(key) != note:
            raise Conflict(f"{key}: another checkpoint of this size lies there")

    def _signed_before(self, note: bytes) -> Checkpoint:
        try:
            return opened_checkpoint(note, self._verifier)
        except Altered as error:
            raise Altered(f"the newest checkpoint of {self._store.address}: {error}") from error

    async def _catch_up(self, signed: Sequence[Checkpoint] = ()) -> None:
        """Read the entries from the end of what is known, and compare them with what was signed over them."""
        largest = max((one.size for one in signed), default=0)
        async for note in entries(self._store, self.size):
            if self.size >= largest:
                self._check(note)
            self._absorb(note, statement(note, self.size))
            if any(one.size == self.size and one.root != self._frontier.root() for one in signed):
                raise Altered(f"the ledger's first {self.size} entries are not those that were signed")
        if self.size < largest:
            raise Altered(f"{entry_key(self.size)} is missing: {largest} entries were signed")

    def _check(self, note: bytes) -> None:
        try:
            check_entry(note, self.size, self._verifier)
        except Altered as error:
            raise Altered(f"{entry_key(self.size)}: {error}") from error

    def _absorb(self, note: bytes, said: Statement) -> None:
        self._standing.add(said)
        if isinstance(said, SegmentsVouched):
            self._vouched.append(said)
        elif isinstance(said, LossAccepted):
            self._lost.add(said.segment)
        if self._all is not None:
            self._all.append(said)
        self._frontier.extend([leaf_hash(note)])
