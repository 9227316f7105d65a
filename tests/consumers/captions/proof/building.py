"""Write a small archive through the public functions alone: meetings whose lines lie mixed in shared segments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

import msgspec

from consumers.captions.evidence.index import Index, encode_index, packed, runs
from consumers.captions.evidence.line import leaf
from consumers.captions.life.access import AccessLog
from consumers.captions.proof.key import SigningKey
from consumers.captions.proof.ledger import Ledger
from consumers.captions.proof.merkle import root
from consumers.captions.stores import Store
from schemas.archive import FORMAT, index_key, meeting_folder, segment_key
from schemas.archive.cues import Cue, CuesHead, CueText
from schemas.archive.lines import OpenLine
from schemas.archive.manifest import ArchivedFile, Kept, Manifest, Stretch
from schemas.archive.statements import MeetingKept
from schemas.topics import CAPTIONS, LIFECYCLE

NAME: Final = "archive.example.com/captions"
CLUSTER: Final = "cluster-1"
AT: Final = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)
_MS: Final = int(AT.timestamp() * 1_000)
_TOPICS: Final = (CAPTIONS, LIFECYCLE)


def occurrence(meeting: int) -> str:
    """Return the ID of a meeting's occurrence."""
    return f"{meeting:032x}"


def line(topic: str, offset: int, meeting: int, text: str) -> bytes:
    """Return a line of evidence of one meeting."""
    return msgspec.json.encode(
        OpenLine(
            topic=topic,
            partition=0,
            offset=offset,
            time_ms=_MS + offset,
            salt=sha256(f"{topic}{offset}".encode()).hexdigest()[:32],
            key=f"m-{meeting}",
            headers=[("ce_id", event_id(topic, offset)), ("ce_source", "meetwire/acme")],
            value=msgspec.Raw(msgspec.json.encode({"type": "CaptionSpoken", "text": text})),
        )
    )


def event_id(topic: str, offset: int) -> str:
    """Return the `ce_id` of the record at a place."""
    return sha256(f"event {topic} {offset}".encode()).hexdigest()[:32]


class Segment(msgspec.Struct, frozen=True):
    """Lines, and whose each is."""

    key: str
    lines: list[bytes]
    whose: list[int]

    @property
    def leaves(self) -> list[bytes]:
        """Their leaves."""
        return [leaf(one) for one in self.lines]

    @property
    def content(self) -> bytes:
        """The file."""
        return b"".join(one + b"\n" for one in self.lines)

    def stretch(self, meeting: int) -> Stretch | None:
        """Return what a meeting has in it."""
        numbers = [number for number, whose in enumerate(self.whose) if whose == meeting]
        tree = root(self.leaves).hex()
        return Stretch(segment=self.key, records=len(self.lines), root=tree, lines=runs(numbers)) if numbers else None


def segments(meetings: int, captions: int, a_segment: int = 12) -> list[Segment]:
    """Return the evidence of meetings with so many captions each, told in turns; each begins and ends too."""
    found = []
    for topic, times in zip(_TOPICS, (captions, 2), strict=True):
        turns = [(turn * meetings + meeting, meeting) for turn in range(times) for meeting in range(meetings)]
        for start in range(0, len(turns), a_segment):
            part = turns[start : start + a_segment]
            lines = [line(topic, offset, meeting, f"words {offset} 会议") for offset, meeting in part]
            found.append(Segment(segment_key(CLUSTER, topic, 0, part[0][0]), lines, [meeting for _, meeting in part]))
    return sorted(found, key=lambda segment: segment.key)


def index(segment: Segment) -> Index:
    """Return the index beside a segment."""
    leaves = segment.leaves
    return Index(
        segment=segment.key,
        records=len(leaves),
        root=root(leaves).hex(),
        leaves=packed(leaves),
        first_ms=_MS,
        last_ms=_MS,
        last_offset=0,
    )


def cues(meeting: int, evidence: Sequence[Segment]) -> bytes:
    """Return captions.jsonl of a meeting: a cue for each of its captions."""
    offsets = [
        int(msgspec.json.decode(one)["offset"])
        for segment in evidence
        if CAPTIONS in segment.key
        for one, whose in zip(segment.lines, segment.whose, strict=True)
        if whose == meeting
    ]
    head = CuesHead(
        format="meetwire-cues/1",
        occurrence=occurrence(meeting),
        enterprise="acme",
        meeting_id=f"m-{meeting}",
        meeting_uuid=None,
        origin=AT,
        cues=len(offsets),
    )
    told = (_cue(number, offset) for number, offset in enumerate(offsets, 1))
    return b"".join(msgspec.json.encode(one) + b"\n" for one in (head, *told))


def _cue(number: int, offset: int) -> Cue:
    return Cue(
        cue=number,
        participant_id="p-1",
        speaker="Ann",
        begin_ms=number * 1_000,
        end_ms=number * 1_000 + 900,
        spoken_at=AT,
        final=True,
        texts=[CueText(language="zh-CN", text=f"words {offset} 会议")],
        event_ids=[event_id(CAPTIONS, offset)],
    )


def manifest(
    meeting: int, evidence: Sequence[Segment], files: dict[str, bytes], version: int = 1, because: str = "closed"
) -> Manifest:
    """Return the manifest of a version of a meeting."""
    stretches = [stretch for segment in evidence if (stretch := segment.stretch(meeting)) is not None]
    leaves = list(_leaves(meeting, evidence))
    return Manifest(
        format=FORMAT,
        archive=NAME,
        occurrence=occurrence(meeting),
        version=version,
        because=because,
        enterprise="acme",
        meeting_id=f"m-{meeting}",
        meeting_uuid=None,
        started_at=AT,
        ended_at=AT,
        closed_by="closed",
        decision=Kept(keep=True, rule="all"),
        records=len(leaves),
        root=root(leaves).hex(),
        evidence=stretches,
        captions=len(leaves) - 2,
        cues=len(leaves) - 2,
        unfinished=0,
        languages=["zh-CN"],
        unseen=[],
        files=[
            ArchivedFile(name=name, media_type="text/plain", size=len(content), sha256=sha256(content).hexdigest())
            for name, content in files.items()
        ],
        program="meetwire 0",
        rules={"cut": 1},
    )


def _leaves(meeting: int, evidence: Sequence[Segment]) -> Iterator[bytes]:
    for segment in evidence:
        yield from (one for one, whose in zip(segment.leaves, segment.whose, strict=True) if whose == meeting)


def folder(meeting: int, version: int = 1) -> str:
    """Return where a version lies."""
    return meeting_folder("acme", "2026-05-01", occurrence(meeting), version)


async def put_version(store: Store, ledger: Ledger, told: Manifest, files: dict[str, bytes]) -> None:
    """Write a version and have it in the ledger."""
    above = meeting_folder(told.enterprise, "2026-05-01", told.occurrence, told.version)
    for name, content in files.items():
        await store.put(above + name, content)
    content = msgspec.json.encode(told)
    await store.put(above + "manifest.json", content)
    said = MeetingKept(
        at=AT,
        occurrence=told.occurrence,
        version=told.version,
        manifest=above + "manifest.json",
        sha256=sha256(content).hexdigest(),
        records=told.records,
        root=told.root,
    )
    await ledger.append([said])


async def build(store: Store, key: SigningKey, meetings: int = 3, captions: int = 8) -> Ledger:
    """Write an archive: evidence, files, manifests, ledger with a checkpoint a meeting, and an access log."""
    evidence = segments(meetings, captions)
    for segment in evidence:
        await store.put(segment.key, segment.content)
        await store.put(index_key(segment.key), encode_index(index(segment)))
    ledger = await Ledger.open(store, key, NAME)
    for meeting in range(meetings):
        files = {"captions.jsonl": cues(meeting, evidence), "captions.zh-CN.vtt": f"WEBVTT\n\n{meeting}\n".encode()}
        await put_version(store, ledger, manifest(meeting, evidence, files), files)
        await ledger.checkpoint()
    access = AccessLog(store, key.salt_secret, now=lambda: AT)
    for asked in ("budget", "预算"):
        await access.note(who="ann", what="search", occurrences=[occurrence(0)], asked=asked)
    await access.seal(ledger)
    await ledger.checkpoint()
    return ledger
