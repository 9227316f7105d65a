"""Verify a whole archive, one meeting of it, or one cue."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from schemas.archive import entry_key

from ...life.sealing import Seals
from ...stores import Store
from ..entries import fetched
from ..note import VerifierKey, verifier_key
from .accesses import check_accesses
from .evidence import check_evidence
from .files import check_files, check_strays, prefix_of
from .holds import check_holds
from .ledgers import checked_ledger
from .manifests import checked_manifests
from .meeting import Meeting
from .plan import Plan, planned
from .proving import prove_cue
from .report import Report
from .strange import check_strange
from .tombs import check_stray_tombs, checked_tombs

# An archive may be written to while it is verified; what is wrong is looked at once more then, and not for ever.
_AGAIN: Final = 3


async def verify(
    store: Store,
    public_key: str,
    *,
    occurrence: str | None = None,
    cue: int | None = None,
    against: bytes | None = None,
    seals: Seals | None = None,
) -> Report:
    """Return what is wrong in the archive at `store`; a good report has no finding of the level `wrong`.

    `public_key` is the text of ledger/public.key, from whom the reader trusts. `occurrence` narrows it to one meeting,
    and `cue` to one cue of that, with the proof of each frame behind it. `against` is a checkpoint, as it lay, that was
    held where nobody who runs the archive could reach it. `seals` is needed for nothing but a cue of a sealed meeting.
    Raises Misconfigured for a key that is none, and
    StoreUnavailable.
    """
    key, asked = verifier_key(public_key), _Asked(occurrence, cue, against, seals)
    report = await _verify(store, key, asked)
    for _ in range(_AGAIN):
        if report.good or not await _has_grown(store, report):
            break
        report = await _verify(store, key, asked)
    return report


class _Asked(NamedTuple):
    """What `verify` was asked for."""

    occurrence: str | None
    cue: int | None
    against: bytes | None
    seals: Seals | None


async def _has_grown(store: Store, report: Report) -> bool:
    """Return whether the ledger says more by now: what is erased meanwhile looks altered to who read it before."""
    return (await fetched(store, [entry_key(report.entries)])) != [None]


async def _verify(store: Store, key: VerifierKey, asked: _Asked) -> Report:
    report = Report(archive=key.name)
    stood = await checked_ledger(store, key, report, asked.against)
    plan = planned(stood.said, report)
    if asked.occurrence is None:
        await _check_all(store, key, plan, report)
        return report
    meetings = await _check_meeting(store, key, plan, asked.occurrence, report)
    if meetings and asked.cue is not None:
        newest = max(meetings, key=lambda one: one.manifest.version)
        await prove_cue(store, stood, newest, asked.cue, asked.seals, report)
    return report


async def _check_all(store: Store, key: VerifierKey, plan: Plan, report: Report) -> None:
    meetings = await _check_plan(store, key, plan, report, everything=True)
    await check_strays(store, meetings, _unread(plan, meetings), prefix_of([]), report)
    await check_stray_tombs(store, plan.erasures, report)
    await check_accesses(store, plan.sealed, report)
    await check_strange(store, report)


async def _check_meeting(store: Store, key: VerifierKey, plan: Plan, occurrence: str, report: Report) -> list[Meeting]:
    """Return what of it can be read."""
    mine = plan.of(occurrence)
    if not mine.versions:
        says = "The ledger knows of no such meeting."
        report.tell("meeting_unknown", "ledger/", says, occurrences=[occurrence])
        return []
    meetings = await _check_plan(store, key, mine, report, everything=False)
    if meetings:
        await check_strays(store, meetings, _unread(mine, meetings), prefix_of(meetings), report)
    return meetings


def _unread(plan: Plan, meetings: Sequence[Meeting]) -> set[str]:
    """Return the folders whose manifest is no use."""
    folders = {one.kept.manifest.rsplit("/", 1)[0] + "/" for one in plan.versions}
    return folders - {one.folder for one in meetings}


async def _check_plan(store: Store, key: VerifierKey, plan: Plan, report: Report, *, everything: bool) -> list[Meeting]:
    erased = await checked_tombs(store, plan.erasures, report)
    meetings = await checked_manifests(store, plan.versions, key.name, report)
    check_holds(plan, {one.occurrence: one.manifest.meeting_id for one in meetings}, report)
    await check_evidence(store, meetings, erased, plan.losses, report, everything=everything)
    await check_files(store, meetings, lacking(meetings), report)
    return meetings


def lacking(meetings: Sequence[Meeting]) -> set[Meeting]:
    """Return the versions whose files may be gone: something of the meeting was erased after them.

    Also of those that were written while that was being done: the version without the erased words follows them.
    """
    rewritten: dict[str, int] = {}
    for meeting in meetings:
        if meeting.manifest.because == "erased":
            rewritten[meeting.occurrence] = max(meeting.manifest.version, rewritten.get(meeting.occurrence, 0))
    return {
        meeting
        for meeting in meetings
        if meeting.version.may_lack or meeting.manifest.version < rewritten.get(meeting.occurrence, 0)
    }
