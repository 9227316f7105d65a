"""Prove single lines of a meeting: the way from each to its meeting's root, and from that to a signed checkpoint."""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from schemas.archive import checkpoint_key
from schemas.archive.cues import Cue
from schemas.archive.lines import Line, OpenLine, SealedLine

from ...errors import Altered
from ...evidence.line import leaf, opened, read
from ...life.sealing import Seals
from ...stores import Store
from ..entries import fetched
from ..merkle import inclusion, verify_inclusion
from .ledgers import Stood
from .meeting import Meeting
from .report import CueProof, Report

CAPTIONS: Final = "captions.jsonl"
_CUE: Final = msgspec.json.Decoder(Cue)


async def prove_cue(
    store: Store, stood: Stood, meeting: Meeting, number: int, seals: Seals | None, report: Report
) -> None:
    """Add to the report the proof of every frame behind a cue, or say that there is no such cue."""
    file, touched = meeting.folder + CAPTIONS, [meeting.occurrence]
    if seals is None and any(one.sealed for one in meeting.manifest.files):
        says = "The meeting is sealed: to find a cue in it, the key that opens it is needed."
        report.tell("cue_unknown", file, says, occurrences=touched)
        return
    cue = _cue(await _transcript(store, meeting, seals), number)
    if cue is None:
        report.tell("cue_unknown", file, f"There is no cue {number} in it.", occurrences=touched)
        return
    proofs = await proven(store, stood, meeting, cue.event_ids, seals)
    report.proofs.extend(proofs)
    for missing in sorted(set(cue.event_ids) - {proof.event_id for proof in proofs}):
        says = f"Frame {missing} of the cue is not proven: altered, erased, or under no checkpoint yet."
        report.tell("cue_unknown", file, says, occurrences=touched)


async def _transcript(store: Store, meeting: Meeting, seals: Seals | None) -> bytes:
    """Return captions.jsonl of a meeting, opened; nothing where there is none, or none that opens."""
    (content,) = await fetched(store, [meeting.folder + CAPTIONS])
    if content is None or seals is None:
        return content or b""
    try:
        sealer = await seals.files(meeting.occurrence, meeting.manifest.version)
        return b"" if sealer is None else sealer.opened(CAPTIONS, content)
    except Altered:
        return b""


def _cue(content: bytes, number: int) -> Cue | None:
    """Return the cue of captions.jsonl; None where there is none, or the file cannot be read."""
    lines = content.split(b"\n")
    try:
        return _CUE.decode(lines[number]) if 0 < number < len(lines) else None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


async def proven(
    store: Store, stood: Stood, meeting: Meeting, event_ids: Iterable[str], seals: Seals | None = None
) -> list[CueProof]:
    """Return a proof for every line of the meeting that holds one of these events; without keys, sealed ones do not."""
    wanted = set(event_ids)
    leaves: list[bytes] = []
    found: list[tuple[str, str, int, int]] = []
    for stretch in meeting.manifest.evidence:
        (content,) = await fetched(store, [stretch.segment])
        lines = (content or b"").split(b"\n")[:-1]
        for number in (number for first, count in stretch.lines for number in range(first, first + count)):
            if number < len(lines):
                if (event := await _event(lines[number], seals)) in wanted:
                    found.append((event, stretch.segment, number, len(leaves)))
                leaves.append(leaf(lines[number]))
    way = _Way(stood, meeting)
    proofs = [way.proof(place, leaves) for place in found]
    return [proof for proof in proofs if checks(proof)]


async def _event(line: bytes, seals: Seals | None) -> str:
    """Return the ID of the event in a line; nothing where it cannot be read."""
    try:
        found: Line = read(line)
        if isinstance(found, SealedLine) and seals is not None:
            await seals.fetch([found.seal])
            found = opened(line, seals)
    except (Altered, UnicodeDecodeError):
        return ""
    return dict(found.headers).get("ce_id", "") if isinstance(found, OpenLine) else ""


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
