"""From the public key to what the ledger says, in a package. Pure."""

from collections.abc import Iterator, Mapping

import msgspec

from schemas.archive.statements import Erased, MeetingKept, MeetingLeft

from ..errors import ArchiveError
from ..proof.checkpoint import Checkpoint, opened_checkpoint
from ..proof.entries import statement
from ..proof.merkle import leaf_hash, verify_inclusion
from ..proof.note import verifier_key
from ..proof.verify.report import Report
from . import shapes
from .shapes import EntryProof

Spoken = MeetingKept | Erased | MeetingLeft


def checkpoint_of(files: Mapping[str, bytes], public_key: str | None, report: Report) -> Checkpoint | None:
    """Return the checkpoint, if the key signed it. Raises Misconfigured where `public_key` is given and none."""
    inside = files.get(shapes.PUBLIC_KEY, b"").decode("utf-8", "replace").strip()
    key = None if public_key is None else verifier_key(public_key)
    if key is not None and str(key) != inside:
        report.tell("other_key", shapes.PUBLIC_KEY, "It is not the key that was given.")
    try:
        return opened_checkpoint(files.get(shapes.CHECKPOINT, b""), key or verifier_key(inside))
    except ArchiveError as error:
        report.tell("checkpoint_forged", shapes.CHECKPOINT, f"It is no checkpoint of this key: {error}.")
        return None


def said_in(files: Mapping[str, bytes], checkpoint: Checkpoint | None, report: Report) -> list[Spoken]:
    """Return what the entries say that are proved to be in the ledger, in its order."""
    said: list[Spoken] = []
    for proof in _proofs(files, report):
        name = f"{shapes.ENTRIES}{proof.index:012d}"
        note = files.get(name)
        if note is None:
            report.tell("entry_missing", name, "It is not in the package.")
        elif checkpoint is None or not _is_in(note, proof, checkpoint):
            report.tell("entry_changed", name, "No proof leads from it to the signed root of the ledger.")
        else:
            said += _spoken(note, name, proof.index, report)
    return said


def _proofs(files: Mapping[str, bytes], report: Report) -> list[EntryProof]:
    try:
        found = msgspec.json.decode(files.get(shapes.PROOFS, b"[]"), type=list[EntryProof])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        report.tell("entry_unreadable", shapes.PROOFS, "It cannot be read.")
        return []
    return sorted(found, key=lambda proof: proof.index)


def _is_in(note: bytes, proof: EntryProof, checkpoint: Checkpoint) -> bool:
    try:
        path = [bytes.fromhex(one) for one in proof.path]
    except ValueError:
        return False
    return 0 <= proof.index < checkpoint.size and verify_inclusion(
        leaf_hash(note), proof.index, checkpoint.size, path, checkpoint.root
    )


def _spoken(note: bytes, name: str, index: int, report: Report) -> Iterator[Spoken]:
    try:
        one = statement(note, index)
    except ArchiveError:
        report.tell("entry_unreadable", name, "It is no statement.")
        return
    if isinstance(one, Spoken):
        yield one
