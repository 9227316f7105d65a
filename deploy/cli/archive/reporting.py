"""`meetwire archive report`: a line a meeting, and below it what is missing of it."""

from argparse import Namespace
from fnmatch import fnmatchcase

from consumers.captions.archive import Archive
from consumers.captions.finding.reporting import MeetingReport, Period, Wants, reports
from consumers.captions.transcript.completeness import Finding
from consumers.tail.text import safe
from schemas.settings import Subscriber

from . import printing


async def report(archive: Archive, arguments: Namespace) -> int:
    """Print the report; 1 where anything is missing."""
    period = Period(
        since=arguments.since, until=arguments.until, enterprise=arguments.enterprise, meeting_id=arguments.meeting
    )
    wants = wanted_by(arguments.subscriber)
    found = [one async for one in reports(archive, period, wants, loud_s=arguments.loud_s)]
    await archive.access.note(
        who=arguments.who,
        what="report",
        occurrences=[one.occurrence for one in found],
        result="done" if found else "nothing",
    )
    whole = all(one.is_whole for one in found)
    if arguments.json:
        printing.as_json({"whole": whole, "meetings": found})
    else:
        _print(found)
    return 0 if whole else 1


def wanted_by(subscriber: Subscriber) -> Wants:
    """Return whether the settings of today want captions of a meeting."""

    def wants(meeting_id: str, subject: str | None) -> bool | None:
        match subscriber.captions:
            case "always":
                return True
            case "never":
                return False
            case "when-running":
                return None
            case patterns:
                named = (meeting_id, *(() if subject is None else (subject,)))
                return any(fnmatchcase(name, pattern) for name in named for pattern in patterns)

    return wants


def _print(found: list[MeetingReport]) -> None:
    printing.table(
        ("started", "enterprise", "meeting", "occurrence", "outcome", "wanted", "ran", "captions", "cues", "missing"),
        [_row(one) for one in found],
    )
    for one in found:
        if one.completeness is not None and one.completeness.findings:
            print(f"\n{safe(one.meeting_id)}  occurrence {one.occurrence}")
            for finding in one.completeness.findings:
                print(f"  {in_words(finding)}")
    missing = sum(not one.is_whole for one in found)
    print(f"\n{len(found)} meetings, {missing} of them with something missing")


def _row(one: MeetingReport) -> tuple[str, ...]:
    found = one.completeness
    place = (one.enterprise, one.meeting_id, one.occurrence, one.outcome)
    if found is None:
        return ("?", *place, "?", "?", "", "", "")
    figures = (str(found.captions), str(found.cues), str(len(found.missing)))
    return (printing.moment(found.started_at), *place, _yes(found.wanted), _yes(found.ran), *figures)


def _yes(value: bool | None) -> str:
    return {True: "yes", False: "no", None: "?"}[value]


def in_words(one: Finding) -> str:
    """Return one line on something that is missing."""
    words: list[str] = [one.kind]
    if one.since is not None or one.until is not None:
        words.append(f"{printing.moment(one.since)} to {printing.moment(one.until)}")
    words += [part for part in (one.reason, one.push_type) if part]
    if one.missed is not None:
        words.append(f"{one.missed} missed")
    if one.kind == "loud_without_caption":
        words.append(safe(one.speaker or one.participant_id or "?"))
    if one.cues:
        words.append(f"cues {', '.join(map(str, one.cues))}")
    return "  ".join(words)
