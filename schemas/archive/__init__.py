"""The captions archive: every shape that lies in its store, and where.

Two layers. Evidence comes first: each record as it was read, a line each, in segments per topic and partition, and
never changed but to erase. What is readable comes second and is derived: the files of a meeting's occurrence, listed
with their hashes in its manifest. The ledger binds both: an append-only list of statements, with signed checkpoints.

    evidence/<cluster>/<topic>/<partition>/<first offset>.jsonl    lines.py
    evidence/<cluster>/<topic>/<partition>/<first offset>.index    derived: which lines are whose
    evidence/<cluster>/<partition>.standing                        derived: what is on
    meetings/<enterprise>/<day>/<occurrence>/<version>/…           manifest.py, cues.py
    ledger/entries/<index>                                         statements.py
    ledger/checkpoints/<size>                                      C2SP signed notes
    access/<index>                                                 access.py: who searched, read, exported, held, erased
    tombstones/<occurrence>/<hash>.json                            tombstones.py: what was erased

Beside it, in a store of its own, lie the wrapped data keys: keys.py.

All hashes are SHA-256, in lower-case hexadecimal. Trees are those of RFC 9162, section 2.1.
"""

from typing import Final

FORMAT: Final = "meetwire-archive/1"

EVIDENCE: Final = "evidence/"
MEETINGS: Final = "meetings/"
ENTRIES: Final = "ledger/entries/"
CHECKPOINTS: Final = "ledger/checkpoints/"
ACCESS: Final = "access/"
PUBLIC_KEY: Final = "ledger/public.key"
"""The verifier key, as a signed note's is written (C2SP signed-note): name+id+key."""


def segment_key(cluster: str, topic: str, partition: int, first: int) -> str:
    """Return where the segment that begins at offset `first` lies. The names of a partition sort as its offsets do."""
    return f"{EVIDENCE}{cluster}/{topic}/{partition:05d}/{first:020d}.jsonl"


def index_key(segment: str) -> str:
    """Return where the index beside a segment lies."""
    return segment.removesuffix(".jsonl") + ".index"


def standing_key(cluster: str, partition: int) -> str:
    """Return where lies what is known of the meetings of a partition number that are on."""
    return f"{EVIDENCE}{cluster}/{partition:05d}.standing"


def meeting_folder(enterprise: str, day: str, occurrence: str, version: int) -> str:
    """Return the folder of one version of an occurrence, with the slash at its end; `day` is its first, 2026-05-01."""
    return f"{MEETINGS}{enterprise}/{day}/{occurrence}/{version:03d}/"


def access_key(index: int) -> str:
    """Return where entry `index` of the access log lies, counted from 0."""
    return f"{ACCESS}{index:012d}"


def entry_key(index: int) -> str:
    """Return where entry `index` of the ledger lies, counted from 0."""
    return f"{ENTRIES}{index:012d}"


def checkpoint_key(size: int) -> str:
    """Return where the checkpoint over the first `size` entries lies."""
    return f"{CHECKPOINTS}{size:012d}"
