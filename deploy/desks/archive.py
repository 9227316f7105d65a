"""The archive's desk, over the archive of the settings; implements schemas.desk_archive.ArchiveDesk.

The archive is opened when somebody first asks, and again after its store was away: a dashboard does not wait for it.
Everything is in the archive's access log before it is answered, under `<user> (dashboard)`.
"""

import asyncio
import contextlib
import os
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final

from msgspec.structs import replace

from consumers.captions.archive import Archive
from consumers.captions.archive import opened as archive_opened
from consumers.captions.errors import ArchiveError, Missing
from consumers.captions.finding import asked as catalogue
from consumers.captions.finding.keeping import catch_up
from consumers.captions.finding.words import NothingAsked
from consumers.captions.handover.gathering import Wanted, gather
from consumers.captions.handover.packing import write
from schemas.api.archive import ArchivedMeeting, ArchivedMeetings, Found, Hit, Said, Transcript
from schemas.api.meetings import CaptionText
from schemas.desk_archive import ArchiveUnavailable, Asked, NotAsked, NotKept, Package
from schemas.settings import Captions

_CHUNK: Final = 262_144
_BEFORE_ALL: Final = datetime.min.replace(tzinfo=UTC)


class OpenArchive:
    """One archive, opened as needed."""

    def __init__(self, settings: Captions) -> None:
        self._settings = settings
        self._stack: contextlib.AsyncExitStack | None = None
        self._archive: Archive | None = None
        self._lock = asyncio.Lock()

    async def search(self, asked: Asked, who: str) -> Found:
        """Return what fits, the newest first. Raises NotAsked, ArchiveUnavailable."""
        async with self._at_hand() as archive:
            found = [
                hit
                for one in _each(_catalogue(asked), asked.enterprises)
                for hit in await archive.catalogue.search(one)
            ]
            found = sorted(found, key=lambda hit: hit.said.spoken_at, reverse=True)[: asked.limit + 1]
            hits, more = found[: asked.limit], len(found) > asked.limit
            await archive.access.note(
                who=_who(who),
                what="search",
                occurrences=sorted({hit.occurrence for hit in hits}),
                asked=" ".join(part for part in (asked.words, asked.speaker) if part),
                result="done" if hits else "nothing",
            )
        return Found(hits=[_hit(hit) for hit in hits], more=more)

    async def meetings(self, asked: Asked, who: str) -> ArchivedMeetings:
        """Return the occurrences that fit, the newest first. Raises ArchiveUnavailable."""
        async with self._at_hand() as archive:
            found = [
                one
                for part in _each(_catalogue(asked), asked.enterprises)
                for one in await archive.catalogue.meetings(part)
            ]
            found = sorted(found, key=lambda one: one.started_at or _BEFORE_ALL, reverse=True)[: asked.limit + 1]
            await archive.access.note(who=_who(who), what="show", result="done" if found else "nothing")
        return ArchivedMeetings(meetings=[_meeting(one) for one in found[: asked.limit]], more=len(found) > asked.limit)

    async def transcript(
        self, occurrence: str, first: int, last: int, enterprises: Sequence[str] | None, who: str
    ) -> Transcript:
        """Return the sentences from `first` to `last`. Raises NotKept, ArchiveUnavailable."""
        async with self._at_hand() as archive:
            meeting = await _kept(archive, occurrence, enterprises)
            said = await archive.catalogue.said(occurrence, first, last)
            await archive.access.note(
                who=_who(who), what="show", occurrences=[occurrence], result="done" if said else "nothing"
            )
        return Transcript(meeting=_meeting(meeting), said=[_said(one) for one in said])

    @contextlib.asynccontextmanager
    async def export(self, occurrence: str, enterprises: Sequence[str] | None, who: str) -> AsyncIterator[Package]:
        """Give the package. Raises NotKept, ArchiveUnavailable."""
        async with self._at_hand() as archive:
            await _kept(archive, occurrence, enterprises)
            await archive.access.note(who=_who(who), what="export", occurrences=[occurrence])
            files = await gather(archive, Wanted(occurrence=occurrence))
        folder = await asyncio.to_thread(tempfile.mkdtemp, prefix="meetwire-export-")
        path = Path(folder) / f"{occurrence}.zip"
        try:
            await asyncio.to_thread(write, path, files)
            file = await asyncio.to_thread(path.open, "rb")
        finally:
            # Before it is sent: what was said must not stay on the disk where this process is killed meanwhile.
            await asyncio.to_thread(_removed, path)
        try:
            size = await asyncio.to_thread(lambda: os.fstat(file.fileno()).st_size)
            yield Package(path.name, size, _chunks(file))
        finally:
            await asyncio.to_thread(file.close)

    async def close(self) -> None:
        """Close the archive, where it is open."""
        async with self._lock:
            await self._close()

    @contextlib.asynccontextmanager
    async def _at_hand(self) -> AsyncIterator[Archive]:
        """Give the archive, caught up with its ledger; say what its errors mean at a desk."""
        with _meant():
            try:
                async with self._lock:
                    archive = self._archive or await self._open()
                    await catch_up(archive)
                yield archive
            except (Missing, NothingAsked):
                raise
            except (ArchiveError, OSError):
                await self.close()
                raise

    async def _open(self) -> Archive:
        stack = contextlib.AsyncExitStack()
        self._archive = await stack.enter_async_context(archive_opened(self._settings))
        self._stack = stack
        return self._archive

    async def _close(self) -> None:
        stack, self._stack, self._archive = self._stack, None, None
        if stack is not None:
            await stack.aclose()


@contextlib.asynccontextmanager
async def archive_desk(settings: Captions) -> AsyncIterator[OpenArchive]:
    """Give the desk of these settings' archive."""
    desk = OpenArchive(settings)
    try:
        yield desk
    finally:
        await desk.close()


@contextlib.contextmanager
def _meant() -> Iterator[None]:
    try:
        yield
    except NothingAsked as error:
        raise NotAsked(str(error)) from None
    except Missing as error:
        raise NotKept(str(error)) from None
    except (ArchiveError, OSError) as error:
        raise ArchiveUnavailable(f"the archive cannot be read: {type(error).__name__}") from error


async def _kept(archive: Archive, occurrence: str, enterprises: Sequence[str] | None) -> catalogue.Meeting:
    """Return an occurrence of these enterprises. Raises Missing."""
    found = await archive.catalogue.meetings(catalogue.Asked(occurrence=occurrence, limit=1))
    if not found or (enterprises is not None and found[0].enterprise not in enterprises):
        raise Missing(f"occurrence {occurrence}")
    return found[0]


def _catalogue(asked: Asked) -> catalogue.Asked:
    return catalogue.Asked(
        words=asked.words,
        speaker=asked.speaker,
        meeting_id=asked.meeting_id,
        occurrence=asked.occurrence,
        language=asked.language,
        since=asked.since,
        until=asked.until,
        # One more tells that there are more.
        limit=asked.limit + 1,
        context=asked.context,
    )


def _each(asked: catalogue.Asked, enterprises: Sequence[str] | None) -> list[catalogue.Asked]:
    """Return a search for each enterprise: the catalogue knows one at a time."""
    return [asked] if enterprises is None else [replace(asked, enterprise=one) for one in enterprises]


def _who(who: str) -> str:
    return f"{who} (dashboard)"


def _said(one: catalogue.Said) -> Said:
    return Said(
        cue=one.cue,
        speaker=one.speaker,
        spoken_at=one.spoken_at,
        begin_ms=one.begin_ms,
        end_ms=one.end_ms,
        final=one.final,
        texts=[CaptionText(language=language, text=text) for language, text in one.texts],
    )


def _hit(hit: catalogue.Hit) -> Hit:
    return Hit(
        occurrence=hit.occurrence,
        enterprise=hit.enterprise,
        meeting_id=hit.meeting_id,
        said=_said(hit.said),
        languages=hit.languages,
        before=[_said(one) for one in hit.before],
        after=[_said(one) for one in hit.after],
    )


def _meeting(one: catalogue.Meeting) -> ArchivedMeeting:
    return ArchivedMeeting(
        occurrence=one.occurrence,
        enterprise=one.enterprise,
        meeting_id=one.meeting_id,
        started_at=one.started_at,
        ended_at=one.ended_at,
        sentences=one.cues,
    )


async def _chunks(file: BinaryIO) -> AsyncIterator[bytes]:
    while chunk := await asyncio.to_thread(file.read, _CHUNK):
        yield chunk


def _removed(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.parent.rmdir()
