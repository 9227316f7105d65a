"""What a package says of itself."""

from importlib.metadata import version
from typing import Final

import msgspec

# Read here: it looks at files.
PROGRAM: Final = f"meetwire {version('meetwire')}"
PACKAGE_FORMAT: Final = "meetwire-package/1"

HEAD: Final = "package.json"
README: Final = "README.txt"
FORMAT_TEXT: Final = "FORMAT.md"
PUBLIC_KEY: Final = "public.key"
MANIFEST: Final = "manifest.json"
EVIDENCE: Final = "evidence.jsonl"
LEAVES: Final = "leaves.txt"
OPENINGS: Final = "openings.jsonl"
TOMBSTONES: Final = "tombstones/"
ENTRIES: Final = "ledger/entries/"
CHECKPOINT: Final = "ledger/checkpoint"
PROOFS: Final = "ledger/proofs.json"
TRANSCRIPT: Final = "transcript/"
TEXT: Final = "transcript/transcript.txt"


class Head(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """package.json."""

    format: str
    archive: str
    occurrence: str
    version: int
    manifest: str
    """The manifest's key in the archive."""
    redacted: bool
    cues: tuple[int, int] | None
    """The first and the last that are shown; null: all."""
    hidden: list[int]
    """The leaves whose lines are in the archive and not shown here, counted from 0, ascending."""
    program: str


class EntryProof(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """That an entry is in the ledger (RFC 9162, section 2.1.3)."""

    index: int
    size: int
    """Of the ledger, as the checkpoint has it."""
    path: list[str]
    """Hashes in hexadecimal, the lowest first."""


class LineOpening(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What opens one sealed line of evidence.jsonl."""

    leaf: int
    """Which, counted from 0."""
    record_key: str

    def __repr__(self) -> str:
        """Show no key."""
        return f"<LineOpening {self.leaf}>"
