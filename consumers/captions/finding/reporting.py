"""Say for a period what came of each meeting, and what is missing.

It looks at the evidence as it lies, not at what was written of it before: what is erased meanwhile tells nothing.
Meetings that are not closed yet are not in it.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import datetime

import msgspec

from schemas.archive.manifest import Manifest
from schemas.archive.statements import Erased, MeetingKept, MeetingLeft

from ..archive import Archive
from ..errors import Altered, Missing
from ..evidence.told import Told
from ..life.reading import told_of
from ..life.rewriting import is_gone
from ..life.versions import read_kept
from ..transcript import ClosedBy, Occurrence, transcribe
from ..transcript.completeness import Completeness, completeness
from ..transcript.instants import instant
from ..transcript.unseen import lost_of
from .keeping import last_of

Wants = Callable[[str, str | None], bool | None]
"""From meeting ID and subject: whether captions were wanted; None: taken where they ran."""


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """Which meetings are asked for: those that touch the span."""

    since: datetime | None = None
    until: datetime | None = None
    enterprise: str | None = None
    meeting_id: str | None = None


class MeetingReport(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one meeting."""

    occurrence: str
    enterprise: str
    meeting_id: str
    outcome: str
    """kept; erased; left: the policy said so; damaged: `verify` says more."""
    rule: str | None = None
    """Of the policy."""
    completeness: Completeness | None = None
    """Null where it is not kept, or not any more."""

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing, as far as anybody could know."""
        return self.outcome != "damaged" and (self.completeness is None or not self.completeness.missing)


async def reports(archive: Archive, period: Period, wants: Wants, *, loud_s: float) -> AsyncIterator[MeetingReport]:
    """Yield the meetings of a period, in the order in which they were closed.

    Raises StoreUnavailable, Misconfigured where it is sealed and the key is not given, Altered for the ledger.
    """
    said = await archive.ledger.statements()
    kept = {one.occurrence: one for one in said if isinstance(one, MeetingKept)}
    for occurrence, last in last_of(said).items():
        if isinstance(last, MeetingLeft):
            if _is_asked(period, last.enterprise, last.meeting_id, last.at, last.at):
                yield _left(last)
        elif occurrence in kept:
            found = await _report(archive, period, wants, kept[occurrence], loud_s, is_erased=isinstance(last, Erased))
            if found is not None:
                yield found


async def _report(
    archive: Archive, period: Period, wants: Wants, kept: MeetingKept, loud_s: float, *, is_erased: bool
) -> MeetingReport | None:
    try:
        manifest = (await read_kept(archive.store, kept)).manifest
        if not _is_asked(period, manifest.enterprise, manifest.meeting_id, manifest.started_at, manifest.ended_at):
            return None
        # Of a part of a long meeting lines can be left that other parts have in common with it.
        told = [] if is_erased or is_gone(manifest) else await told_of(archive, manifest.evidence)
    except (Missing, Altered):
        return MeetingReport(occurrence=kept.occurrence, enterprise="", meeting_id="", outcome="damaged")
    if not any(one.enterprise for one in told):
        return _outcome(manifest, "erased")
    found = await asyncio.to_thread(_completeness, manifest, told, wants, loud_s)
    return _outcome(manifest, "kept", found)


def _completeness(manifest: Manifest, told: list[Told], wants: Wants, loud_s: float) -> Completeness:
    occurrence = Occurrence(
        id=manifest.occurrence,
        enterprise=manifest.enterprise,
        meeting_id=manifest.meeting_id,
        meeting_uuid=manifest.meeting_uuid,
        day="",
        started_at=manifest.started_at,
        ended_at=manifest.ended_at,
        closed_by=msgspec.convert(manifest.closed_by, ClosedBy),
        last_at=instant(max(one.time_ms for one in told)),
        told=told,
        lost=lost_of(manifest),
    )
    transcript = transcribe(occurrence)
    wanted = wants(manifest.meeting_id, transcript.heading.subject)
    return completeness(transcript, occurrence, wanted=wanted, loud_s=loud_s)


def _outcome(manifest: Manifest, outcome: str, found: Completeness | None = None) -> MeetingReport:
    return MeetingReport(
        occurrence=manifest.occurrence,
        enterprise=manifest.enterprise,
        meeting_id=manifest.meeting_id,
        outcome=outcome,
        rule=manifest.decision.rule,
        completeness=found,
    )


def _left(said: MeetingLeft) -> MeetingReport:
    return MeetingReport(
        occurrence=said.occurrence,
        enterprise=said.enterprise,
        meeting_id=said.meeting_id,
        outcome="left",
        rule=said.rule,
    )


def _is_asked(period: Period, enterprise: str, meeting_id: str, began: datetime | None, ended: datetime | None) -> bool:
    """Whether a meeting is of the period; one whose times nobody knows is always."""
    last = ended or began
    return (
        period.enterprise in (None, enterprise)
        and period.meeting_id in (None, meeting_id)
        and (period.since is None or last is None or last >= period.since)
        and (period.until is None or began is None or began < period.until)
    )
