"""Where an archive lies: a local folder, or S3-compatible storage, behind one protocol and one contract suite.

Keys are names with slashes, of letters, digits, dots, dashes and underscores (`names`); none of them is another's
folder. What is put once stays as it is: a key is never written over, but for what `replace` is for. The stores know
nothing of captions.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

import msgspec

MOST_BYTES: Final = 2 * 1024**3
"""No segment that the settings allow is half as large; a stranger's object may be of any size, and is not read."""


class Keep(msgspec.Struct, frozen=True, kw_only=True):
    """How long the store itself has to refuse deletion, where it can (Object Lock)."""

    until: datetime


class Store(Protocol):
    """One archive's place. Every method raises StoreUnavailable, after which the thing may be done all the same.

    Every method raises ValueError for what is no key: whoever makes a key of what strangers wrote looks first. What
    else is raised is said with each.
    """

    @property
    def address(self) -> str:
        """How an operator wrote it, without secrets."""
        ...

    async def put(self, key: str, content: bytes, *, keep: Keep | None = None) -> bool:
        """Store `content`, whole and durable, unless there is something under `key`; return whether it was stored."""
        ...

    async def put_file(self, key: str, path: Path, *, keep: Keep | None = None) -> bool:
        """The same with the content of a file, which may be large; the file stays, and must never change again.

        A folder may keep the file itself, by a second name: whoever wrote to it later would alter the archive.
        """
        ...

    async def replace(self, key: str, content: bytes, *, keep: Keep | None = None) -> None:
        """Store `content` under `key`, whatever is there; whoever reads meanwhile has the old or the new, whole.

        With `keep`, which the new one gets, it is stored also where what is there cannot go: that stays as an older
        version. Without, raises Locked where the store refuses.
        """
        ...

    async def get(self, key: str, *, start: int = 0, length: int | None = None) -> bytes:
        """Return the content, or `length` bytes of it from `start`.

        Raises Missing, and Altered for what is larger than anything of an archive's (MOST_BYTES).
        """
        ...

    async def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        """Return the contents of small objects, in that order; None where a key is not there. Raises Altered."""
        ...

    def keys(self, prefix: str, *, after: str = "") -> AsyncIterator[str]:
        """Yield the keys that begin with `prefix` and sort after `after`, in order, a page at a time."""
        ...

    def strange(self) -> AsyncIterator[str]:
        """Yield the names of what lies there under no key, and was not put there by the store itself."""
        ...

    async def delete(self, key: str) -> None:
        """Delete what is under `key`, if it is there. Raises Locked where the store refuses."""
        ...

    async def hold(self, key: str, on: bool) -> None:
        """Have the store itself refuse deletion, whatever the time, or no longer. Raises Missing.

        A folder has no such thing: there it does nothing, and the ledger's holds are all there is.
        """
        ...

    async def close(self) -> None:
        """Let go of everything."""
        ...
