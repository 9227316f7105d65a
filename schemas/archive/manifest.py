"""manifest.json of one version of a meeting's occurrence: the evidence, the files, and what was not seen.

Nothing in it is personal: it stays when the words are erased.
"""

import msgspec

from ..events.lifecycle import Instant


class Stretch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The occurrence's lines in one segment."""

    segment: str
    """Its key."""
    records: int
    """Lines of the whole segment."""
    root: str
    """The tree over all of them."""
    lines: list[tuple[int, int]]
    """First line, counted from 0, and how many from there on. Ascending."""


class Unseen(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A span in which not everything was seen."""

    since: Instant | None
    """Null: from the start."""
    until: Instant | None
    """Null: to the end, or until it is known."""
    reason: str
    """As SubscriptionChanged says it; `receiver_silent` where no receiver gave a sign of life."""
    push_type: str | None = None
    missed: int | None = None


class Kept(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why the meeting is kept, or is not."""

    keep: bool
    rule: str
    """The rule of the settings that decided: all, none, enterprise:acme, subject:*board* …"""


class ArchivedFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file of the occurrence, beside the manifest."""

    name: str
    media_type: str
    size: int
    """Bytes, as it lies in the store."""
    sha256: str
    """Of the bytes as they lie in the store."""
    sealed: bool = False
    """Under a data key: nonce, ciphertext and tag."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One version of one occurrence. A later version stands beside it and names what changed."""

    format: str
    archive: str
    """The archive's name, as in its checkpoints."""
    occurrence: str
    """32 hexadecimal digits."""
    version: int
    """From 1."""
    because: str
    """Why there is this version: closed, late (a record came after the close), erased, rebuilt (other rules)."""
    enterprise: str
    meeting_id: str
    meeting_uuid: str | None
    started_at: Instant | None
    """When the meeting began; null where nobody saw it."""
    ended_at: Instant | None
    closed_by: str
    """closed, ended, over (the service's list), silent (nothing came for long), or part (it goes on: one of
    several occurrences that one holding is written down as, all with its UUID)."""
    decision: Kept
    records: int
    """Leaves of the tree."""
    root: str
    """The tree over the leaves of `evidence`, in that order: by segment key, then by line."""
    evidence: list[Stretch]
    captions: int
    """Records of the captions topic among them, each counted once."""
    cues: int
    unfinished: int
    """Cues whose final text never came."""
    languages: list[str]
    unseen: list[Unseen]
    files: list[ArchivedFile]
    program: str
    """meetwire and its version."""
    rules: dict[str, int]
    """The versions of the rules: cut, occurrence, fold, format."""
