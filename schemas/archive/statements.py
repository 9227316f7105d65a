"""The ledger's statements. Each is one entry, signed with its index; the tree over the ledger hashes that note.

State that changes (what is held, what is erased) is what these say, in their order; nothing else keeps it.
"""

import msgspec

from ..events.lifecycle import Instant


class _Statement(msgspec.Struct, frozen=True, kw_only=True, tag_field="says", forbid_unknown_fields=True):
    at: Instant
    """When it was written down."""


class MeetingKept(_Statement, frozen=True, kw_only=True, tag="kept"):
    """A version of an occurrence is complete."""

    occurrence: str
    version: int
    manifest: str
    """The manifest's key."""
    sha256: str
    """Of the manifest."""
    records: int
    root: str


class MeetingLeft(_Statement, frozen=True, kw_only=True, tag="left"):
    """The policy says that a meeting is not kept. What came of it before that was known is erased."""

    occurrence: str
    enterprise: str
    meeting_id: str
    rule: str


class Erased(_Statement, frozen=True, kw_only=True, tag="erased"):
    """Lines are no longer readable."""

    occurrence: str
    tombstone: str
    """The key of the list of what was erased: segment, line, leaf. It never goes."""
    sha256: str
    """Of that list."""
    records: int
    who: str
    why: str
    """due (retention), request (a person's), left (the policy)."""
    reference: str | None
    """A case number or the like; never a name."""


class HoldAdded(_Statement, frozen=True, kw_only=True, tag="held"):
    """Nothing of these meetings is erased, due or not, until the hold is removed."""

    hold: str
    """Its ID, chosen by who adds it."""
    occurrences: list[str]
    """Empty: all that `meeting_id` names."""
    meeting_id: str | None
    who: str
    why: str


class HoldRemoved(_Statement, frozen=True, kw_only=True, tag="released"):
    """A hold is over."""

    hold: str
    who: str
    why: str


class AccessSealed(_Statement, frozen=True, kw_only=True, tag="accesses"):
    """The access log is at least this long, and ended so."""

    entries: int
    head: str
    """The chain's hash at its last entry."""


class SegmentsVouched(_Statement, frozen=True, kw_only=True, tag="vouched"):
    """From now on every segment of a cluster has a MAC in its index: one without is none of the archive's."""

    cluster: str
    before: dict[str, str]
    """By topic/partition the last segment that has none: it was put by a version before there were MACs."""


class LossAccepted(_Statement, frozen=True, kw_only=True, tag="lost"):
    """A segment is gone, or damaged, and does not come back: what was not written down by then is, without it."""

    segment: str
    """Its key."""
    who: str
    why: str


Statement = MeetingKept | MeetingLeft | Erased | HoldAdded | HoldRemoved | AccessSealed | SegmentsVouched | LossAccepted
