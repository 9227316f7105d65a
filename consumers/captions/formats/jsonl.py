"""captions.jsonl: all there is of each cue, a line each, after a head (schemas/archive/cues.py). Pure."""

from typing import Final

import msgspec

from schemas.archive.cues import CuesHead

from ..transcript.shapes import Occurrence, Transcript

FORMAT: Final = "meetwire-cues/1"


def written(transcript: Transcript, occurrence: Occurrence) -> bytes:
    """Return the file."""
    head = CuesHead(
        format=FORMAT,
        occurrence=occurrence.id,
        enterprise=occurrence.enterprise,
        meeting_id=occurrence.meeting_id,
        meeting_uuid=occurrence.meeting_uuid,
        origin=transcript.origin,
        cues=len(transcript.cues),
    )
    return msgspec.json.Encoder().encode_lines([head, *transcript.cues])
