"""What one data key covers, and what it is called. Pure.

A meeting's lines of one hour (UTC, by the records' times) are under one key, so that a meeting ID that comes back for
years does not hang on one key; the files of one version of an occurrence are under another. The ID of a key is a hash
of what it covers: every replica knows it without asking. Once something under it was erased, nothing new is sealed
under it; what still comes has the next generation's.
"""

from typing import Final

import msgspec

from schemas.record import content_id

HOUR_MS: Final = 3_600_000


class LineCover(msgspec.Struct, frozen=True):
    """The lines of one meeting in one hour."""

    enterprise: str
    meeting: str
    """The records' key."""
    hour: int
    """Since 1970, UTC."""

    def id(self, cluster: str, generation: int) -> str:
        """Return the data key's ID, 32 hexadecimal digits."""
        return content_id("meetwire key of lines", cluster, self.enterprise, self.meeting, self.hour, generation)


class FilesCover(msgspec.Struct, frozen=True):
    """The files of one version of one occurrence."""

    occurrence: str
    version: int

    def id(self, cluster: str, generation: int) -> str:
        """Return the data key's ID, 32 hexadecimal digits."""
        return content_id("meetwire key of files", cluster, self.occurrence, self.version, generation)


class Place(msgspec.Struct, frozen=True, gc=False):
    """Where a record stood: what its seal is bound to."""

    topic: str
    partition: int
    offset: int
    time_ms: int

    def __str__(self) -> str:
        """Return it as the seal has it."""
        return f"{self.topic}/{self.partition}/{self.offset}/{self.time_ms}"

    @property
    def hour(self) -> int:
        """The hour that it belongs to, since 1970."""
        return self.time_ms // HOUR_MS
