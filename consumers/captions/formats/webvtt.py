"""captions.<language>.vtt: with who speaks as voices, and what has to be known in notes. Pure.

Valid by the grammar of https://www.w3.org/TR/webvtt1/, section 4, whatever was said.
"""

from collections.abc import Collection, Iterator, Sequence

from schemas.archive.manifest import Unseen

from ..transcript.shapes import Occurrence, Transcript
from .clock import utc
from .plain import Plain
from .text import one_line


def written(
    transcript: Transcript, occurrence: Occurrence, cues: Sequence[Plain], languages: Collection[str]
) -> dict[str, bytes]:
    """Return the file of each language; cues that say nothing in it are left out, and the others keep their numbers.

    `cues`: those of the transcript.
    """
    files = {language: [_head(transcript, occurrence, language)] for language in languages}
    for one in cues:
        before, after = _voice(one)
        head = f"{one.cue.cue}\n{one.begin} --> {one.end}\n{before}"
        for language, text in one.texts:
            if language in files:
                files[language].append(f"{head}{_escaped(text)}{after}\n\n")
    return {language: "".join(blocks).encode() for language, blocks in files.items()}


def _head(transcript: Transcript, occurrence: Occurrence, language: str) -> str:
    comments = [_comment(line) for line in _facts(transcript, occurrence, language)]
    return "WEBVTT\n\nNOTE\n" + "\n".join(filter(None, comments)) + "\n\n"


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


def _voice(one: Plain) -> tuple[str, str]:
    """Return the tags around what is said."""
    classes = f"{'' if one.cue.final else '.unfinished'}{'.corrected' if one.cue.versions else ''}"
    if one.who:
        return f"<v{classes} {_escaped(one.who)}>", "</v>"
    return (f"<c{classes}>", "</c>") if classes else ("", "")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
