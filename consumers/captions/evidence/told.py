"""What a line of evidence tells, once it is open: what everything that is read of the archive is derived from."""

import msgspec

from schemas.events import AnyEvent


class Told(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One record, where its line lies, and the event in it."""

    segment: str
    """The key of the segment."""
    line: int
    """Counted from 0."""
    topic: str
    """Without the installation's prefix."""
    partition: int
    offset: int
    time_ms: int
    """When a receiver had it."""
    event_id: str
    enterprise: str
    """Empty for a receiver's sign of life."""
    key: str
    """The meeting ID; of a sign of life the receiver's log."""
    epoch: int | None
    event: AnyEvent | None
    """None: of a type that this version does not know, or not what its type says."""

    def __repr__(self) -> str:
        """Show where it stands, never what it says."""
        return f"<Told {self.topic}/{self.partition}/{self.offset}>"
