"""What the ledger says of a meeting, with the proofs that it says so."""

import msgspec

from schemas.archive import entry_key
from schemas.archive.statements import Erased, MeetingKept, MeetingLeft

from ..archive import Archive
from ..errors import Altered, Missing
from ..finding.keeping import last_of
from ..proof.checkpoint import Checkpoint, opened_checkpoint
from ..proof.entries import entries, newest_checkpoint, statement
from ..proof.merkle import inclusion, leaf_hash
from . import shapes
from .shapes import EntryProof


class Sworn(msgspec.Struct, frozen=True, kw_only=True):
    """The version that stands, and the files of the package that prove it."""

    kept: MeetingKept
    files: dict[str, bytes]


async def sworn(archive: Archive, occurrence: str) -> Sworn:
    """Return what stands of an occurrence. Raises Missing where nothing does, Altered, StoreUnavailable."""
    notes = [note async for note in entries(archive.store)]
    said = [statement(note, index) for index, note in enumerate(notes)]
    last = last_of(said).get(occurrence)
    if not isinstance(last, MeetingKept):
        raise Missing(f"occurrence {occurrence}" + ("" if last is None else ": erased, or not kept"))
    about = [
        index
        for index, one in enumerate(said)
        if isinstance(one, MeetingKept | Erased | MeetingLeft) and one.occurrence == occurrence
    ]
    note, checkpoint = await _checkpoint(archive, about[-1] + 1)
    if checkpoint.size > len(notes):
        raise Altered(f"{entry_key(len(notes))} is missing: {checkpoint.size} entries were signed")
    leaves = [leaf_hash(note) for note in notes[: checkpoint.size]]
    proofs = [
        EntryProof(index=index, size=checkpoint.size, path=[one.hex() for one in inclusion(leaves, index)])
        for index in about
    ]
    erased = [one for index in about if isinstance(one := said[index], Erased)]
    return Sworn(
        kept=last,
        files={
            shapes.CHECKPOINT: note,
            shapes.PROOFS: msgspec.json.format(msgspec.json.encode(proofs), indent=2) + b"\n",
            **{f"{shapes.ENTRIES}{index:012d}": notes[index] for index in about},
            **{tombstone_name(one): await archive.store.get(one.tombstone) for one in erased},
        },
    )


async def _checkpoint(archive: Archive, at_least: int) -> tuple[bytes, Checkpoint]:
    """Return the newest checkpoint; a new one where there is none over so many entries yet."""
    verifier = archive.key.verifier(archive.settings.name)
    note = await newest_checkpoint(archive.store)
    if note is None or opened_checkpoint(note, verifier).size < at_least:
        note = await archive.ledger.checkpoint()
    return note, opened_checkpoint(note, verifier)


def tombstone_name(erased: Erased) -> str:
    """Return where a tombstone lies in a package."""
    return f"{shapes.TOMBSTONES}{erased.sha256}.json"
