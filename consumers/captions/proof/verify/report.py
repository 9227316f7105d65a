"""What a verification found: what is wrong, where, and what was looked at.

Two levels. `wrong`: something is not as it was signed, or a signature is not good: the archive was altered, or damaged.
`open`: nothing vouches for it, and nothing says that it is wrong: what was being written when a process ended, what
lies beyond the last checkpoint, an index that is not that of its segment. It is told, and the archive is good all the
same; what stays open for days is worth a look.
"""

from collections.abc import Iterable
from typing import Literal, get_args

import msgspec

What = Literal[
    # The ledger.
    "checkpoint_forged",  # not signed by the key, or not a checkpoint
    "checkpoint_differs",  # signed, but over other entries than those that lie here
    "checkpoint_missing",  # there is none at all
    "entry_missing",
    "entry_changed",
    "entry_unreadable",
    "ledger_shorter",  # than a checkpoint: this one, or the one that was held elsewhere
    "ledger_rewritten",  # it does not continue the checkpoint that was held elsewhere
    "other_key",  # the archive's public key is not the one that was given
    "said_twice",  # two statements that exclude each other
    "erased_while_held",
    # The meetings.
    "manifest_missing",
    "manifest_differs",  # its hash is not the one in the ledger
    "manifest_unsound",  # it contradicts itself or its statement
    "file_missing",
    "file_differs",
    "file_added",  # also where nothing of an archive's ever lies
    "meeting_unknown",  # asked for, and not in the ledger
    "cue_unknown",  # asked for, and not in the meeting's captions
    # The evidence.
    "segment_missing",
    "segment_cut",  # fewer lines, or no newline at its end
    "segment_differs",  # and nothing says which line it is
    "line_changed",
    "line_added",
    "line_removed",
    "lines_swapped",
    "line_unreadable",
    "line_misplaced",  # it names another topic, partition or offset than where it lies
    "erased_unlawfully",  # no statement in the ledger says that it was
    "tree_differs",  # the meeting's leaves do not make its root
    "tombstone_missing",
    "tombstone_differs",
    "access_broken",
    # Open.
    "entries_unsigned",  # beyond the last checkpoint
    "unbound",  # no statement names it
    "index_differs",
    "index_missing",
    "erasure_unfinished",  # the ledger says erased, and it is still there
    "access_unsealed",  # entries of the access log that no statement covers yet
    "loss_accepted",  # a segment that is lost: somebody said that what was not written down goes on without it
]

OPEN: frozenset[What] = frozenset(get_args(What)[get_args(What).index("entries_unsigned") :])


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is not as it should be."""

    what: What
    file: str
    """A key of the store."""
    line: int | None = None
    """Of the file, from 0."""
    leaf: str | None = None
    """The leaf that should be there, or that is there where nothing should."""
    occurrences: tuple[str, ...] = ()
    """The meetings that it touches."""
    says: str
    """In a sentence; never a word of what was spoken."""

    @property
    def level(self) -> Literal["wrong", "open"]:
        """How bad it is."""
        return "open" if self.what in OPEN else "wrong"


class CueProof(msgspec.Struct, frozen=True, kw_only=True):
    """One frame behind a cue, and the way from it to a signed checkpoint. Hashes in hexadecimal, the lowest first."""

    event_id: str
    segment: str
    line: int
    leaf: str
    index: int
    """Among the meeting's leaves, from 0."""
    records: int
    path: list[str]
    root: str
    """Of the meeting's tree, as its manifest has it."""
    manifest: str
    manifest_sha256: str
    entry: int
    """Of the ledger."""
    entry_leaf: str
    ledger_size: int
    ledger_path: list[str]
    ledger_root: str
    checkpoint: str
    """The key of the checkpoint of that size."""


class Report(msgspec.Struct, kw_only=True):
    """What was looked at, and what was found."""

    archive: str
    entries: int = 0
    signed: int = 0
    """Entries under the newest checkpoint."""
    root: str = ""
    """Of the tree over those."""
    versions: int = 0
    meetings: int = 0
    records: int = 0
    """Lines of evidence that were hashed."""
    erased: int = 0
    """Of these, lines that are no longer here, lawfully."""
    segments: int = 0
    unbound: int = 0
    """Of these, segments that no meeting binds: between meetings, of a meeting that is on or is not kept. Nobody signed
    them yet."""
    files: int = 0
    size: int = 0
    """Bytes that were hashed."""
    accesses: int = 0
    compared: int | None = None
    """The size of the checkpoint that was held elsewhere, where one was given."""
    proofs: list[CueProof] = []
    findings: list[Finding] = []

    def tell(
        self,
        what: What,
        file: str,
        says: str,
        *,
        line: int | None = None,
        leaf: bytes | None = None,
        occurrences: Iterable[str] = (),
    ) -> None:
        """Add a finding."""
        hexadecimal = None if leaf is None else leaf.hex()
        touched = tuple(sorted(set(occurrences)))
        self.findings.append(Finding(what=what, file=file, line=line, leaf=hexadecimal, occurrences=touched, says=says))

    @property
    def good(self) -> bool:
        """Whether nothing is wrong."""
        return not any(finding.level == "wrong" for finding in self.findings)
