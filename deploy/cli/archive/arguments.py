"""The arguments of `meetwire archive …`."""

import re
from argparse import ArgumentParser, ArgumentTypeError
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from ..naming import add_config_option

_WHAT: Final = "search|show|export|verify|report|hold|erase|expire|accept-loss|disclose|rewrap|rebuild|public-key"
_CUES: Final = re.compile(r"([0-9]{1,9})(?:-([0-9]{1,9}))?")


def add_archive_arguments(parser: ArgumentParser) -> None:
    """Add the sub-commands."""
    commands = parser.add_subparsers(dest="what", required=True, metavar=_WHAT)
    for name, line, add in (
        ("search", "find what was said", _add_search),
        ("show", "show a meeting, or the cues around one; without one, list the meetings", _add_show),
        ("export", "write a package that can be checked on its own", _add_export),
        ("verify", "check everything, one meeting, one cue, or a package", _add_verify),
        ("report", "say what came of each meeting, and what is missing", _add_report),
        ("hold", "add, remove and list legal holds", _add_hold),
        ("erase", "erase a meeting, or some of its cues, before it is due", _add_erase),
        ("expire", "erase what is due, and end erasures that were interrupted", _add_expire),
        ("accept-loss", "go on without a segment that is lost and cannot be put back", _add_accept_loss),
        ("disclose", "print what opens one sealed line, and no other", _add_disclose),
        ("rewrap", "wrap every data key anew, by the first master key of encryption_key_file", _add_json),
        ("rebuild", "derive transcripts and the index for searching anew, from the evidence alone", _add_json),
        ("public-key", "print the key to verify with", _add_nothing),
    ):
        sub = commands.add_parser(name, help=line, description=f"{line[0].upper()}{line[1:]}.")
        add_config_option(sub)
        add(sub)


def cue_span(text: str) -> tuple[int, int]:
    """Return 7-9 as 7 and 9, and 7 as 7 and 7."""
    found = _CUES.fullmatch(text)
    if found is None:
        raise ArgumentTypeError(f"{text!r} is no cue, such as 7, and no span of cues, such as 7-9")
    first, last = int(found[1]), int(found[2] or found[1])
    if last < first:
        raise ArgumentTypeError(f"{text!r} ends before it begins")
    return first, last


def moment(text: str) -> datetime:
    """Return a time; a day is its beginning, and what names no zone is UTC."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no time, such as 2026-05-01 or 2026-05-01T09:30:00+08:00") from None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def count(text: str) -> int:
    """Return a number from 0 on."""
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise ArgumentTypeError(f"{text!r} is no number from 0 on")
    return int(text)


def _add_nothing(parser: ArgumentParser) -> None:
    del parser


def _add_json(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON document instead of text")


def _add_span(parser: ArgumentParser) -> None:
    parser.add_argument("--since", type=moment, metavar="TIME", help="from this time on; 2026-05-01 is a day, in UTC")
    parser.add_argument("--until", type=moment, metavar="TIME", help="before this time")


def _add_which(parser: ArgumentParser) -> None:
    parser.add_argument("--meeting", metavar="ID", help="the meeting ID")
    parser.add_argument("--enterprise", metavar="NAME", help="as in the settings")
    _add_span(parser)


def _add_search(parser: ArgumentParser) -> None:
    parser.add_argument(
        "words", nargs="*", metavar="WORDS", help='all of them; "in quotes" a phrase; WORD* what begins so'
    )
    parser.add_argument("--speaker", metavar="NAME", help="the name or a part of it")
    parser.add_argument("--occurrence", metavar="ID", help="one holding of a meeting; its first digits will do")
    parser.add_argument("--language", metavar="NAME", help="as the service spells it: Original, Mandarin, English …")
    parser.add_argument("--limit", type=count, default=50, metavar="N", help="no more hits than this (%(default)s)")
    parser.add_argument("--context", type=count, default=1, metavar="N", help="cues shown around each (%(default)s)")
    _add_which(parser)
    _add_json(parser)


def _add_show(parser: ArgumentParser) -> None:
    parser.add_argument(
        "occurrence", nargs="?", metavar="OCCURRENCE", help="its first digits, or a meeting ID that was held once"
    )
    parser.add_argument("--cue", type=cue_span, metavar="N[-M]", help="these cues alone")
    parser.add_argument("--context", type=count, default=0, metavar="N", help="cues shown around them (%(default)s)")
    parser.add_argument("--limit", type=count, default=50, metavar="N", help="no more meetings listed (%(default)s)")
    _add_which(parser)
    _add_json(parser)


def _add_export(parser: ArgumentParser) -> None:
    parser.add_argument("occurrence", metavar="OCCURRENCE", help="its first digits, or a meeting ID that was held once")
    parser.add_argument("--to", type=Path, required=True, metavar="PATH", help="a new file ….zip, or a new folder")
    parser.add_argument("--cue", type=cue_span, metavar="N[-M]", help="these cues alone, and what proves them")
    parser.add_argument("--redact", action="store_true", help="without the names of those who took part")
    parser.add_argument(
        "--phrase", action="append", default=[], metavar="TEXT", help="and without this; may be repeated"
    )
    parser.add_argument("--keep-name", action="append", default=[], metavar="NAME", help="but with this name")
    _add_json(parser)


def _add_verify(parser: ArgumentParser) -> None:
    parser.add_argument("--package", type=Path, metavar="PATH", help="an exported package, on its own")
    parser.add_argument("--store", metavar="ADDRESS", help="another place than the settings', such as file:copy")
    parser.add_argument("--public-key", type=Path, metavar="FILE", help="from whom you trust; needed with --store")
    parser.add_argument("--occurrence", metavar="ID", help="one meeting alone, 32 digits")
    parser.add_argument("--cue", type=count, metavar="N", help="one cue of it, with the proof of its records")
    parser.add_argument("--against", type=Path, metavar="FILE", help="a checkpoint that was held elsewhere")
    _add_json(parser)


def _add_report(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--loud-s", type=count, default=30, metavar="S", help="speaking longer than this wants a caption"
    )
    _add_which(parser)
    _add_json(parser)


def _add_hold(parser: ArgumentParser) -> None:
    what = parser.add_subparsers(dest="hold", required=True, metavar="add|remove|list")
    adding = what.add_parser("add", help="nothing of these meetings is erased until it is removed")
    adding.add_argument("id", metavar="ID", help="the hold's, yours to choose")
    adding.add_argument("--meeting", metavar="ID", help="all of this meeting ID, those to come too")
    adding.add_argument("--occurrence", action="append", default=[], metavar="ID", help="may be repeated")
    removing = what.add_parser("remove", help="the hold is over")
    removing.add_argument("id", metavar="ID")
    for parser_of in (adding, removing):
        parser_of.add_argument("--why", required=True, metavar="TEXT", help="stands in the ledger for good: no names")
    listing = what.add_parser("list", help="the holds that stand")
    for parser_of in (adding, removing, listing):
        add_config_option(parser_of)
        _add_json(parser_of)


def _add_erase(parser: ArgumentParser) -> None:
    parser.add_argument("occurrence", metavar="OCCURRENCE", help="32 digits: no part of it will do here")
    parser.add_argument("--cue", type=cue_span, action="append", metavar="N[-M]", help="these alone; may be repeated")
    parser.add_argument("--participant", metavar="ID", help="the records of this person alone")
    parser.add_argument(
        "--reference", required=True, metavar="TEXT", help="a case number; stands in the ledger for good"
    )
    _add_json(parser)


def _add_expire(parser: ArgumentParser) -> None:
    _add_json(parser)


def _add_accept_loss(parser: ArgumentParser) -> None:
    parser.add_argument("segment", metavar="SEGMENT", help="its key, as segment.altered or meeting.unclosed names it")
    parser.add_argument("--why", required=True, metavar="TEXT", help="stands in the ledger for good: no names")
    _add_json(parser)


def _add_disclose(parser: ArgumentParser) -> None:
    parser.add_argument("occurrence", metavar="OCCURRENCE", help="the meeting that it is of; its first digits will do")
    parser.add_argument("segment", metavar="SEGMENT", help="its key, as `verify --cue` prints it")
    parser.add_argument("line", type=count, metavar="LINE", help="counted from 0")
