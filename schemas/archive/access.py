"""The access log: who did what with the archive. Each entry names the hash of the one before: a chain."""

import msgspec

from ..events.lifecycle import Instant


class Access(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One search, reading, export, hold or erasure."""

    index: int
    """From 0."""
    at: Instant
    who: str
    """The account of the system, or of the dashboard."""
    what: str
    """search, show, export, hold, release, holds, erase, accept-loss, rebuild, rewrap, report, disclose."""
    occurrences: list[str]
    """Which meetings were touched; of a search those with hits."""
    asked_sha256: str | None
    """Of what was searched for, salted: the words themselves may be personal."""
    result: str
    """done, refused, nothing."""
    previous: str
    """SHA-256 of the previous entry as it lies; 64 zeros for the first."""
