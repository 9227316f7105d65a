"""The archive's desk, as a protocol: what a person with the right to it does with the captions that are kept.

The dashboard works with it; deploy hands it in, over the archive of the settings. Whatever is asked for is in the
archive's access log, under the name of who asks, before it is answered.

ArchiveDeskError
├── NotKept               there is no such occurrence, or its words were erased
├── NotAsked              there is no word in what is searched for
└── ArchiveUnavailable    the store or its index does not answer, or is not what its ledger says
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

import msgspec

from .api.archive import ArchivedMeetings, Found, Transcript
from .events.lifecycle import Instant


class ArchiveDeskError(Exception):
    """The root of the tree."""


class NotKept(ArchiveDeskError):
    """The message names the occurrence."""


class NotAsked(ArchiveDeskError):
    """Nothing to search for."""


class ArchiveUnavailable(ArchiveDeskError):
    """The message says what is wrong, never a word that is kept."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A search. Everything given has to fit."""

    words: str | None = None
    """Words, and phrases in quotes; None: whatever was said."""
    speaker: str | None = None
    meeting_id: str | None = None
    occurrence: str | None = None
    enterprises: Sequence[str] | None = None
    """Only in these; None: in all."""
    language: str | None = None
    since: Instant | None = None
    until: Instant | None = None
    limit: int = 50
    context: int = 1
    """How many sentences around each hit."""

    def __repr__(self) -> str:
        """Show nothing: what somebody looks for may be personal."""
        return "<Asked>"


class Package(msgspec.Struct, frozen=True):
    """What is handed out of one occurrence: a zip file that `meetwire archive verify --package` checks."""

    name: str
    size: int
    chunks: AsyncIterator[bytes]

    def __repr__(self) -> str:
        """Show its name and size alone."""
        return f"<Package {self.name} {self.size}>"


class ArchiveDesk(Protocol):
    """Every method raises ArchiveUnavailable besides what it says."""

    async def search(self, asked: Asked, who: str) -> Found:
        """Return what fits, the newest first. Raises NotAsked."""
        ...

    async def meetings(self, asked: Asked, who: str) -> ArchivedMeetings:
        """Return the occurrences that fit (all but words, speaker and language count), the newest first."""
        ...

    async def transcript(
        self, occurrence: str, first: int, last: int, enterprises: Sequence[str] | None, who: str
    ) -> Transcript:
        """Return the sentences from `first` to `last`. Raises NotKept."""
        ...

    def export(
        self, occurrence: str, enterprises: Sequence[str] | None, who: str
    ) -> AbstractAsyncContextManager[Package]:
        """Give the package, to be sent within the block. Raises NotKept."""
        ...
