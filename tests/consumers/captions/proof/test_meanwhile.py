"""An archive may be written to while it is verified: that is no alarm, and no way never to end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from consumers.captions.proof.ledger import Ledger
from consumers.captions.proof.verify import verify
from consumers.captions.stores import Store
from consumers.captions.stores.folder import FolderStore
from schemas.archive import segment_key
from schemas.archive.statements import HoldAdded
from schemas.topics import CAPTIONS

from ..life.watching import WatchedStore
from .altering import relined
from .building import (
    AT,
    CLUSTER,
    occurrence,
)
from .erasing import erase

FIRST = segment_key(CLUSTER, CAPTIONS, 0, 0)


B = occurrence(1)


class Meanwhile(WatchedStore):
    """A store in which something happens when a segment is first read."""

    def __init__(self, store: Store, happens: Callable[[], Awaitable[object]]) -> None:
        super().__init__(store)
        self._happens, self.reads = happens, 0

    async def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        """Let it happen, and pass on."""
        if FIRST in keys:
            self.reads += 1
            if self.reads == 1:
                await self._happens()
        return await super().get_many(keys)


async def test_erasure_during_verification_is_no_alarm(built: FolderStore, ledger: Ledger, public_key: str) -> None:
    """What the ledger did not say when it was read is looked up once more before it is called an alteration."""
    store = Meanwhile(built, lambda: erase(built, ledger))

    report = await verify(store, public_key)

    assert (report.findings, report.erased, store.reads) == ([], 2, 2)


async def test_archive_that_grows_and_grows_is_not_verified_for_ever(
    built: FolderStore, ledger: Ledger, public_key: str, tmp_path: Path
) -> None:
    """What is wrong is wrong, however much is said meanwhile."""

    async def more() -> None:
        store.reads = 0
        hold = HoldAdded(at=AT, hold=f"h{ledger.size}", occurrences=[B], meeting_id=None, who="", why="")
        await ledger.append([hold])
        await ledger.checkpoint()

    store = Meanwhile(built, more)
    relined(FIRST, lambda lines: lines[1:])(tmp_path / "archive")

    report = await verify(store, public_key)

    assert ({one.what for one in report.findings}, report.entries) == ({"line_removed"}, 7)
