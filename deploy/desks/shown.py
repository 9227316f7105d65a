"""What the archive's catalogue finds, in the shapes that the dashboard's API shows. Pure."""

from consumers.captions.finding import asked as catalogue
from schemas.api.archive import ArchivedMeeting, Hit, Said
from schemas.api.meetings import CaptionText


def said_shown(one: catalogue.Said) -> Said:
    """Return a sentence."""
    return Said(
        cue=one.cue,
        speaker=one.speaker,
        spoken_at=one.spoken_at,
        begin_ms=one.begin_ms,
        end_ms=one.end_ms,
        final=one.final,
        texts=[CaptionText(language=language, text=text) for language, text in one.texts],
    )


def hit_shown(hit: catalogue.Hit) -> Hit:
    """Return a sentence that fits, with those around it."""
    return Hit(
        occurrence=hit.occurrence,
        enterprise=hit.enterprise,
        meeting_id=hit.meeting_id,
        said=said_shown(hit.said),
        languages=hit.languages,
        before=[said_shown(one) for one in hit.before],
        after=[said_shown(one) for one in hit.after],
    )


def meeting_shown(one: catalogue.Meeting) -> ArchivedMeeting:
    """Return an occurrence."""
    return ArchivedMeeting(
        occurrence=one.occurrence,
        enterprise=one.enterprise,
        meeting_id=one.meeting_id,
        started_at=one.started_at,
        ended_at=one.ended_at,
        sentences=one.cues,
    )
