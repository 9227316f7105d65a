"""Write a large archive fast: the same objects as the consumer's, put on the disk without waiting for it."""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

from consumers.captions.evidence.index import encode_index
from consumers.captions.proof.checkpoint import Checkpoint, signed_checkpoint
from consumers.captions.proof.entries import entry
from consumers.captions.proof.key import SigningKey
from consumers.captions.proof.merkle import Frontier, leaf_hash, root
from schemas.archive import PUBLIC_KEY, checkpoint_key, entry_key, index_key, segment_key
from schemas.archive.lines import OpenLine
from schemas.archive.manifest import Stretch
from schemas.archive.statements import MeetingKept
from schemas.topics import CAPTIONS, LIFECYCLE, PARTICIPANTS, SPEAKERS, STATE
from tests.consumers.captions.proof.building import AT, CLUSTER, NAME, Segment, folder, index, manifest, occurrence

# So many meetings are on at once on a partition, and told in turns.
_AT_ONCE: Final = 25
_PARTITIONS: Final = 12
# What gives captions their context, per meeting.
_CONTEXT: Final = {LIFECYCLE: 4, STATE: 4, PARTICIPANTS: 8, SPEAKERS: 20}
_VALUE: Final = msgspec.json.encode({"type": "CaptionSpoken", "text": "会议 words " * 10, "original": "x" * 600})
# As the formats make them of a hundred captions, about.
_FILES: Final = {
    "captions.jsonl": 40_000,
    "captions.zh-CN.vtt": 9_000,
    "captions.zh-CN.srt": 9_000,
    "captions.html": 25_000,
    "captions.parquet": 12_000,
}


def archive(place: Path, key: SigningKey, meetings: int, captions: int) -> None:
    """Write it below `place`."""
    verifier = key.verifier(NAME)
    frontier = Frontier()
    _write(place, PUBLIC_KEY, f"{verifier}\n".encode())
    for number, said in enumerate(_meetings(place, meetings, captions)):
        note = entry(said, number, verifier, key.sign)
        frontier.extend([leaf_hash(note)])
        _write(place, entry_key(number), note)
        now = Checkpoint(origin=NAME, size=frontier.size, root=frontier.root())
        _write(place, checkpoint_key(frontier.size), signed_checkpoint(now, verifier, key.sign))


def _meetings(place: Path, meetings: int, captions: int) -> Iterator[MeetingKept]:
    for first in range(0, meetings, _AT_ONCE):
        evidence = [_segment(first, topic, times) for topic, times in sorted({**_CONTEXT, CAPTIONS: captions}.items())]
        for segment in evidence:
            _write(place, segment.key, segment.content)
            _write(place, index_key(segment.key), encode_index(index(segment)))
        yield from _group(place, range(first, first + _AT_ONCE), evidence)


def _segment(first: int, topic: str, times: int) -> Segment:
    start = first * times
    whose = list(range(first, first + _AT_ONCE)) * times
    partition = first // _AT_ONCE % _PARTITIONS
    lines = [_line(topic, partition, start + number, meeting) for number, meeting in enumerate(whose)]
    return Segment(segment_key(CLUSTER, topic, partition, start), lines, whose)


def _line(topic: str, partition: int, offset: int, meeting: int) -> bytes:
    return msgspec.json.encode(
        OpenLine(
            topic=topic,
            partition=partition,
            offset=offset,
            time_ms=offset,
            salt=f"{offset:032x}",
            key=f"m-{meeting}",
            headers=[("ce_id", f"{offset:032x}"), ("ce_source", "meetwire/acme"), ("ce_type", "CaptionSpoken")],
            value=msgspec.Raw(_VALUE),
        )
    )


def _group(place: Path, meetings: range, evidence: Sequence[Segment]) -> Iterator[MeetingKept]:
    """Write what is derived of the meetings that were on at once."""
    leaves = {segment.key: segment.leaves for segment in evidence}
    roots = {key: root(own).hex() for key, own in leaves.items()}
    for meeting in meetings:
        turns = {segment.key: range(meeting - meetings.start, len(segment.lines), _AT_ONCE) for segment in evidence}
        stretches = [
            Stretch(segment=key, records=len(leaves[key]), root=roots[key], lines=[(number, 1) for number in turn])
            for key, turn in turns.items()
        ]
        own = [leaves[key][number] for key, turn in turns.items() for number in turn]
        files = {name: f"{meeting} ".encode() * (size // 6) for name, size in _FILES.items()}
        told = msgspec.structs.replace(
            manifest(meeting, [], files), records=len(own), root=root(own).hex(), evidence=stretches
        )
        yield _put(place, meeting, msgspec.json.encode(told), files, told.root, len(own))


def _put(place: Path, meeting: int, content: bytes, files: dict[str, bytes], tree: str, records: int) -> MeetingKept:
    above = folder(meeting)
    for name, file in {**files, "manifest.json": content}.items():
        _write(place, above + name, file)
    return MeetingKept(
        at=AT,
        occurrence=occurrence(meeting),
        version=1,
        manifest=above + "manifest.json",
        sha256=sha256(content).hexdigest(),
        records=records,
        root=tree,
    )


def _write(place: Path, key: str, content: bytes) -> None:
    path = place / key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
