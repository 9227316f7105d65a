"""Prove single lines of a meeting: the way from each to its meeting's root, and from that to a signed checkpoint."""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from schemas.archive import checkpoint_key
from schemas.archive.cues import Cue
from schemas.archive.lines import OpenLine

from ...errors import Altered
from ...evidence.line import leaf, read
from ...stores import Store
from ..entries import fetched
from ..merkle import inclusion, verify_inclusion
from .ledgers import Stood
from .meeting import Meeting
from .report import CueProof, Report

CAPTIONS: Final = "captions.jsonl"
_CUE: Final = msgspec.json.Decoder(Cue)


async def prove_cue(store: Store, stood: Stood, meeting: Meeting, number: int, report: Report) -> None:
    """Add to the report the proof of every frame behind a cue, or say that there is no such cue."""
    file = meeting.folder + CAPTIONS
    (content,) = await fetched(store, [file])
    cue = None if content is None else _cue(content, number)
    touched = [meeting.occurrence]
    if cue is None:
        says = "There is no such cue in it; a sealed file is opened with the key, by `meetwire archive export`."
        report.tell("cue_unknown", file, says, occurrences=touched)
        return
    proofs = await proven(store, stood, meeting, cue.event_ids)
    report.proofs.extend(proofs)
    for missing in sorted(set(cue.event_ids) - {proof.event_id for proof in proofs}):
        says = f"Frame {missing} of the cue is not among the meeting's evidence: erased, or the cue is made up."
        report.tell("cue_unknown", file, says, occurrences=touched)


def _cue(content: bytes, number: int) -> Cue | None:
    """Return the cue of captions.jsonl; None where there is none, or the file cannot be read."""
    lines = content.split(b"\n")
    try:
        return _CUE.decode(lines[number]) if 0 < number < len(lines) else None
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


async def proven(store: Store, stood: Stood, meeting: Meeting, event_ids: Iterable[str]) -> list[CueProof]:
    """Return a proof for every line of the meeting that holds one of these events; lines that are sealed hold none."""
    wanted = set(event_ids)
    leaves: list[bytes] = []
    found: list[tuple[str, str, int, int]] = []
    for stretch in meeting.manifest.evidence:
        (content,) = await fetched(store, [stretch.segment])
        lines = (content or b"").split(b"\n")[:-1]
        for number in (number for first, count in stretch.lines for number in range(first, first + count)):
            if number < len(lines):
                if (event := _event(lines[number], wanted)) is not None:
                    found.append((event, stretch.segment, number, len(leaves)))
                leaves.append(leaf(lines[number]))
    way = _Way(stood, meeting)
    proofs = [way.proof(place, leaves) for place in found]
    return [proof for proof in proofs if checks(proof)]


def _event(line: bytes, wanted: set[str]) -> str | None:
    """Return the ID of the event in a line, if it is wanted."""
    try:
        found = read(line)
    except (Altered, UnicodeDecodeError):
        return None
    event = dict(found.headers).get("ce_id") if isinstance(found, OpenLine) else None
    return event if event in wanted else None


class _Way:
    """From a meeting's manifest to the newest checkpoint: the same for each of its lines."""

    def __init__(self, stood: Stood, meeting: Meeting) -> None:
        self._kept, self._entry = meeting.version.kept, meeting.version.entry
        signed = stood.newest.size if stood.newest else 0
        self._leaves: Sequence[bytes] = stood.leaves[:signed]
        self._path = inclusion(self._leaves, self._entry) if self._entry < signed else []
        self._root = stood.newest.root.hex() if stood.newest else ""

    def proof(self, place: tuple[str, str, int, int], leaves: Sequence[bytes]) -> CueProof:
        """Return the proof of the line at a place: event, segment, line, and number among the meeting's leaves."""
        event, segment, line, index = place
        return CueProof(
            event_id=event,
            segment=segment,
            line=line,
            leaf=leaves[index].hex(),
            index=index,
            records=self._kept.records,
            path=[one.hex() for one in inclusion(leaves, index)],
            root=self._kept.root,
            manifest=self._kept.manifest,
            manifest_sha256=self._kept.sha256,
            entry=self._entry,
            entry_leaf=self._leaves[self._entry].hex() if self._entry < len(self._leaves) else "",
            ledger_size=len(self._leaves),
            ledger_path=[one.hex() for one in self._path],
            ledger_root=self._root,
            checkpoint=checkpoint_key(len(self._leaves)),
        )


def checks(proof: CueProof) -> bool:
    """Return whether both ways of a proof lead where it says."""
    ways = [
        (proof.leaf, proof.index, proof.records, proof.path, proof.root),
        (proof.entry_leaf, proof.entry, proof.ledger_size, proof.ledger_path, proof.ledger_root),
    ]
    return all(
        verify_inclusion(bytes.fromhex(leaf), index, size, [bytes.fromhex(one) for one in path], bytes.fromhex(root))
        for leaf, index, size, path, root in ways
    )
