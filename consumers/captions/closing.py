"""Close meetings: find what was held, derive what can be read, and say in the ledger that it is kept.

Everything that is written follows from the evidence, so it can be done again, from any point on, by anybody: what is
there already is found there. What came late makes a version of its own; so does another version of the rules.
"""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

from schemas.archive import meeting_folder
from schemas.archive.cues import Cue
from schemas.archive.manifest import Kept
from schemas.archive.statements import HoldAdded, MeetingLeft
from schemas.lines import Logger
from schemas.metrics import Meters
from schemas.record import content_id

from .archive import Archive
from .deriving import derived
from .errors import Altered, Held, Missing, StoreUnavailable
from .evidence.told import Told
from .evidence.trust import Trust
from .formats import rendered
from .gathering import Evidence, Gathering, numbers_of
from .life.carrying import finish
from .life.erasure import state_left
from .life.holds import hold_new
from .life.versions import Version, newest, occurrence_in, put_version
from .manifesting import described, is_same
from .policy import Policy, facts_of
from .tracking import Ref, Tracked, Tracker
from .transcript import ClosedBy, Occurrence, occurrences, transcribe
from .transcript.spans import Span
from .transcript.unseen import lost as lost_in

_MINUTE_MS: Final = 60_000


class Closing:
    """Closes the meetings of one archive, one at a time."""

    def __init__(
        self,
        archive: Archive,
        trust: Trust,
        *,
        meters: Meters,
        logger: Logger,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._archive, self._meters, self._logger, self._now = archive, meters, logger, now
        self._policy = Policy(archive.settings)
        self._trust, self._gathering = trust, Gathering(archive.store, archive.seals, trust)
        self._silent_ms = int(archive.settings.silent_after_h * 3_600_000)
        self._said, self._is_holding, self._is_finding = 0, False, True

    async def close_meeting(self, tracker: Tracker, tracked: Tracked, clock_ms: int) -> list[Version]:
        """Write what is over of a meeting ID by `clock_ms`, and note it in `tracked`; return the new versions.

        Raises StoreUnavailable, and what an archive that was altered raises; then it can be done again.
        """
        began = asyncio.get_running_loop().time()
        refs, next_ms = tracked.portion()
        # Silence, too, is known only as far as was looked: what follows may have come in the middle of it.
        clock_ms = clock_ms if next_ms is None else min(clock_ms, next_ms)
        until_ms = max((ref.last_ms for ref in refs), default=tracked.last_ms)
        told, lost = await self._told(
            tracked, refs, tracker.alive_between(tracked.first_ms - _MINUTE_MS, until_ms + _MINUTE_MS)
        )
        known = [await newest(self._archive, occurrence_in(key)) for key in tracked.manifests]
        found = await derived(occurrences, told, [one.manifest for one in known])
        if lost:
            found = [msgspec.structs.replace(one, lost=lost_in(one, lost)) for one in found]
        over = [one for one in found if self._is_over(one, clock_ms)]
        going = [one for one in found if not self._is_over(one, clock_ms)]
        written = []
        last = {one.manifest.occurrence: one for one in known}
        for occurrence in [_part(one, tracked, one.closed_by) for one in over]:
            above = last[occurrence.id].above if occurrence.id in last else _above(occurrence)
            if (made := await self._close(occurrence, above)) is not None:
                last[occurrence.id] = made
                written.append(made)
        if next_ms is not None:
            for occurrence in [_part(one, tracked, "part") for one in going]:
                if (made := await self._close(occurrence, _above(occurrence))) is not None:
                    written.append(made)
            tracked.parted_at(refs, [one.id for one in going], [one.key for one in last.values()])
        else:
            tracked.looked([one.key for one in last.values()], is_pending=bool(going))
        if written:
            self._meters.histogram("meetwire_captions_close_seconds").observe(asyncio.get_running_loop().time() - began)
        return written

    async def _find(self, made: Version, cues: list[Cue]) -> None:
        """Have what was written in the catalogue. It is derived: who searches puts there first what is not in it."""
        try:
            await self._archive.catalogue.add(made.key, made.manifest, cues)
        except StoreUnavailable as error:
            if self._is_finding:
                self._logger.warning("catalogue.failed", reason=str(error))
            self._is_finding = False
        else:
            self._is_finding = True

    def forget(self) -> None:
        """Let go of the segments that are in mind."""
        self._gathering.forget()

    async def _told(self, tracked: Tracked, refs: Sequence[Ref], alive: Sequence[Ref]) -> tuple[list[Told], list[Span]]:
        """Return what the meeting's lines in these tell, and the signs of life around it, segment by segment.

        And when those were that are lost, where somebody has accepted that.
        """
        its, around = {ref.segment: ref for ref in refs}, {ref.segment for ref in alive}
        found: list[Told] = []
        lost: list[Span] = []
        for segment in sorted(its.keys() | around):
            try:
                found += await self._told_in(segment, tracked, is_its=segment in its, is_around=segment in around)
            except (Missing, Altered):
                if not self._trust.is_lost(segment):
                    raise
                if (ref := its.get(segment)) is not None:
                    lost.append((max(ref.first_ms, tracked.first_ms), min(ref.last_ms, tracked.last_ms)))
        return found, lost

    async def _told_in(self, segment: str, tracked: Tracked, *, is_its: bool, is_around: bool) -> list[Told]:
        index = await self._gathering.index(segment)
        lines = list(index.alive) if is_around else []
        for whose in index.meetings if is_its else ():
            if (whose.enterprise, whose.meeting_id) == (tracked.enterprise, tracked.meeting_id):
                lines += whose.lines
        numbers = sorted(number for first, count in lines for number in range(first, first + count))
        return await self._gathering.told(segment, numbers)

    def _is_over(self, occurrence: Occurrence, clock_ms: int) -> bool:
        return occurrence.closed_by != "silent" or _ms(occurrence.last_at) + self._silent_ms <= clock_ms

    async def _close(self, occurrence: Occurrence, above: str) -> Version | None:
        """Return the version that holds an occurrence as it is now; None where it is not kept, or was erased."""
        decision = self._policy.decide(facts_of(occurrence.enterprise, occurrence.meeting_id, occurrence.told))
        last = await self._newest(occurrence.id)
        if last is None and not decision.keep:
            await self._leave(occurrence, decision)
            return None
        evidence = await self._evidence(occurrence, last)
        if last is not None and is_same(last.manifest, evidence):
            return last
        return await self._write(occurrence, above, evidence, decision, last)

    async def _write(
        self, occurrence: Occurrence, above: str, evidence: Evidence, decision: Kept, last: Version | None
    ) -> Version:
        transcript = await derived(transcribe, occurrence)
        files = await derived(rendered, transcript, occurrence)
        manifest = described(
            self._archive.settings.name,
            occurrence,
            transcript,
            evidence,
            decision,
            last.manifest if last is not None else None,
        )
        made = await put_version(self._archive, above, manifest, files, self._now())
        if await self._holds():
            await hold_new(self._archive, made)
        await self._find(made, transcript.cues)
        self._meters.counter("meetwire_captions_meetings_total", reason=made.manifest.because).inc()
        self._logger.info(
            "meeting.archived",
            occurrence=occurrence.id,
            version=made.manifest.version,
            because=made.manifest.because,
            records=made.manifest.records,
            captions=made.manifest.captions,
        )
        return made

    async def _newest(self, occurrence: str) -> Version | None:
        """Return the newest version that the ledger keeps. What nobody has said may be anybody's: it is made again."""
        try:
            return await newest(self._archive, occurrence)
        except Missing:
            return None

    async def _evidence(self, occurrence: Occurrence, last: Version | None) -> Evidence:
        """Return the occurrence's lines, with those that a version before had and that tell nothing any more."""
        numbers: dict[str, set[int]] = defaultdict(set)
        for one in occurrence.told:
            numbers[one.segment].add(one.line)
        for segment, lines in (numbers_of(last.manifest) if last is not None else {}).items():
            numbers[segment] |= lines
        return await self._gathering.evidence(numbers)

    async def _leave(self, occurrence: Occurrence, decision: Kept) -> None:
        said = MeetingLeft(
            at=self._now(),
            occurrence=occurrence.id,
            enterprise=occurrence.enterprise,
            meeting_id=occurrence.meeting_id,
            rule=decision.rule,
        )
        await self._archive.ledger.append([said])
        # What came before it was known; what was sealed in the last hour goes with the next look at what is due.
        with contextlib.suppress(Held):
            await state_left(self._archive, occurrence.id, occurrence.told, now=self._now)
            await finish(self._archive, self._now)
        self._meters.counter("meetwire_captions_meetings_total", reason="left").inc()
        self._logger.info("meeting.omitted", occurrence=occurrence.id, rule=decision.rule)

    async def _holds(self) -> bool:
        """Whether there was ever a hold; the ledger is read from where it was read to."""
        if not self._is_holding:
            fresh = await self._archive.ledger.statements(self._said)
            self._said += len(fresh)
            self._is_holding = any(isinstance(one, HoldAdded) for one in fresh)
        return self._is_holding


def _above(occurrence: Occurrence) -> str:
    folder = meeting_folder(occurrence.enterprise, occurrence.day, occurrence.id, 1)
    return folder.rstrip("/").rpartition("/")[0] + "/"


def _part(occurrence: Occurrence, tracked: Tracked, closed_by: ClosedBy) -> Occurrence:
    """Return an occurrence, or what is left of one of which parts were written down, under a name of its own."""
    if occurrence.id not in tracked.parted:
        return msgspec.structs.replace(occurrence, closed_by=closed_by)
    part = content_id("part of an occurrence", occurrence.id, str(tracked.part))
    return msgspec.structs.replace(occurrence, id=part, closed_by=closed_by)


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1_000)
