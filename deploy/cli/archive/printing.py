"""Print what a command found: for people, or as JSON. What strangers wrote cannot command the terminal."""

from collections.abc import Sequence
from datetime import datetime

from consumers.captions.finding.asked import Hit, Meeting, Said
from consumers.tail.text import safe

from ..printing import as_json, table

__all__ = ["as_json", "hit", "meetings", "moment", "said", "table"]


def moment(at: datetime | None) -> str:
    """Return a time as people read it, in UTC."""
    return "?" if at is None else f"{at:%Y-%m-%d %H:%M:%S}"


def hit(found: Hit) -> None:
    """Print a hit between what was said before and after it."""
    print(f"{safe(found.meeting_id)}  {safe(found.enterprise)}  occurrence {found.occurrence}")
    for one in found.before:
        said(one)
    said(found.said, mark=">")
    for one in found.after:
        said(one)


def said(one: Said, mark: str = " ") -> None:
    """Print a cue: when, its number, who, and what in each language."""
    texts = "  ".join(f"{safe(language)}: {safe(text)}" for language, text in one.texts)
    ending = "" if one.final else "  (interim)"
    print(f"{mark} {moment(one.spoken_at)}  {one.cue:5d}  {safe(one.speaker or '?')}  {texts}{ending}")


def meetings(found: Sequence[Meeting]) -> None:
    """Print a table of meetings."""
    table(
        ("started", "ended", "enterprise", "meeting", "occurrence", "version", "cues"),
        [
            (
                moment(one.started_at),
                moment(one.ended_at),
                one.enterprise,
                one.meeting_id,
                one.occurrence,
                str(one.version),
                str(one.cues),
            )
            for one in found
        ],
    )
