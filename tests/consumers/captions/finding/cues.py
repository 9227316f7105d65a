"""Manifests and cues, made up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from consumers.captions.finding.asked import Hit
from schemas.archive import FORMAT
from schemas.archive.cues import Cue, CueText, CueVersion
from schemas.archive.manifest import Kept, Manifest

NOON: Final = datetime(2026, 5, 1, 12, tzinfo=UTC)


def manifest(number: int = 1, *, version: int = 1, because: str = "closed", at: datetime = NOON) -> Manifest:
    """Return the manifest of an occurrence, the `number`-th."""
    return Manifest(
        format=FORMAT,
        archive="archive.example.com/captions",
        occurrence=f"{number:032x}",
        version=version,
        because=because,
        enterprise="acme",
        meeting_id=f"90000000{number}",
        meeting_uuid=None,
        started_at=at,
        ended_at=at + timedelta(hours=1),
        closed_by="closed",
        decision=Kept(keep=True, rule="all"),
        records=0,
        root="0" * 64,
        evidence=[],
        captions=0,
        cues=0,
        unfinished=0,
        languages=[],
        unseen=[],
        files=[],
        program="meetwire 0",
        rules={},
    )


def cue(
    number: int,
    said: str,
    *,
    speaker: str | None = "王小明",
    language: str = "Mandarin",
    at: datetime | None = None,
    before: str | None = None,
) -> Cue:
    """Return a cue, said ten seconds after the last; `before`: what it said before it was corrected."""
    when = NOON + timedelta(seconds=10 * number) if at is None else at
    versions = [CueVersion(texts=[CueText(language=language, text=before)], event_id="e", at=when)] if before else []
    return Cue(
        cue=number,
        participant_id="p-1",
        speaker=speaker,
        begin_ms=number * 10_000,
        end_ms=number * 10_000 + 2_000,
        spoken_at=when,
        final=True,
        texts=[CueText(language=language, text=said)],
        versions=versions,
        event_ids=[f"e-{number}"],
    )


WEEKLY = [
    cue(1, "我们先看上周的结果"),
    cue(2, "I will share my screen", speaker="Alice Li", language="English"),
    cue(3, "预算还没有批准"),
    cue(4, "the budget is confidential", speaker="Alice Li", language="English"),
    cue(5, "预算明天批准", speaker="郑爽-运维"),
]


# What no page of a database has by chance; small letters, since the index has those alone.
MARKER = "quixoticzebra"


def places(hits: list[Hit]) -> list[tuple[str, int]]:
    """Return where hits are: meeting ID and cue."""
    return [(hit.meeting_id, hit.said.cue) for hit in hits]


def written(path: Path) -> bytes:
    """Return all bytes of the catalogue, with those beside it."""
    return b"".join(
        one.read_bytes() for one in sorted(path.parent.glob(f"{path.name}*")) if one.suffix != ".sqlite-shm"
    )
