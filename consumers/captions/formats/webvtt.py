"""captions.<language>.vtt: with who speaks as voices, and what has to be known in notes. Pure.

Valid by the grammar of https://www.w3.org/TR/webvtt1/, section 4, whatever was said.
"""

from collections.abc import Iterator

from schemas.archive.cues import Cue
from schemas.archive.manifest import Unseen

from ..transcript.shapes import Occurrence, Transcript
from .clock import shown, utc
from .text import lines, one_line


def written(transcript: Transcript, occurrence: Occurrence, language: str) -> bytes:
    """Return the file of one language; cues that say nothing in it are left out, and the others keep their numbers."""
    note = "\n".join(filter(None, (_comment(line) for line in _facts(transcript, occurrence, language))))
    return "".join(["WEBVTT\n\nNOTE\n", note, "\n\n", *_blocks(transcript, language)]).encode()


def _facts(transcript: Transcript, occurrence: Occurrence, language: str) -> Iterator[str]:
    yield f"Meeting: {occurrence.meeting_id}, of {occurrence.enterprise}"
    yield f"Subject: {transcript.heading.subject or 'not known'}"
    yield f"UUID: {occurrence.meeting_uuid or 'not known'}"
    yield f"Occurrence in the archive: {occurrence.id}"
    yield f"Started: {'not known' if occurrence.started_at is None else utc(occurrence.started_at)}"
    yield f"Ended: {'not known' if occurrence.ended_at is None else utc(occurrence.ended_at)}"
    yield f"Times count from: {utc(transcript.origin)}"
    yield f"Language, as the service calls it: {language}"
    yield f"Cues whose final text never came: {transcript.unfinished} (class unfinished)"
    yield f"Cues that were corrected later: {sum(bool(cue.versions) for cue in transcript.cues)} (class corrected)"
    yield "Not seen: nothing" if not transcript.unseen else "Not seen:"
    for span in transcript.unseen:
        yield _unseen(span)


def _unseen(span: Unseen) -> str:
    begin = "the start" if span.since is None else utc(span.since)
    end = "the end" if span.until is None else utc(span.until)
    return f"from {begin} to {end}: {span.reason}{f', {span.push_type} alone' if span.push_type else ''}"


def _comment(line: str) -> str:
    # A comment ends where a line has an arrow.
    return one_line(line).replace("-->", "→")


def _blocks(transcript: Transcript, language: str) -> Iterator[str]:
    for cue in transcript.cues:
        for text in cue.texts:
            if text.language == language and (said := "\n".join(lines(text.text))):
                yield f"{cue.cue}\n{shown(cue.begin_ms, '.')} --> {shown(cue.end_ms, '.')}\n{_payload(cue, said)}\n\n"


def _payload(cue: Cue, said: str) -> str:
    who = _escaped(one_line(cue.speaker or cue.participant_id or ""))
    classes = f"{'' if cue.final else '.unfinished'}{'.corrected' if cue.versions else ''}"
    if who:
        return f"<v{classes} {who}>{_escaped(said)}</v>"
    return f"<c{classes}>{_escaped(said)}</c>" if classes else _escaped(said)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
