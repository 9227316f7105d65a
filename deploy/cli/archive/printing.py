"""Print what a command found: for people, or as JSON. What strangers wrote cannot command the terminal."""

import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from consumers.captions.finding.asked import Hit, Meeting, Said
from consumers.tail.text import pad, safe, width

# JSON leaves them as they are, and terminals heed some of them; in its strings, the only place, they can be escaped.
_CONTROLS: Final = {
    code: f"\\u{code:04x}" for code in (*range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
}


def as_json(found: Any) -> None:
    """Print one document."""
    text = msgspec.json.format(msgspec.json.encode(found), indent=2).decode()
    sys.stdout.write(text.translate(_CONTROLS) + "\n")


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table with columns as wide as they have to be."""
    cells = [list(head), *([safe(cell) for cell in row] for row in rows)]
    widths = [max(width(row[column]) for row in cells) for column in range(len(head))]
    for row in cells:
        print("  ".join(pad(cell, columns) for cell, columns in zip(row, widths, strict=True)).rstrip())


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
