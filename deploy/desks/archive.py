"""The archive's desk, over the archive of the settings; implements schemas.desk_archive.ArchiveDesk.

The archive is opened when somebody first asks, and again after its store was away: a dashboard does not wait for it.
Nor does it begin one, which is the consumer's: until then there is nothing in it.
Everything is in the archive's access log before it is answered, under `<user> (dashboard)`.

A package is gathered in memory, one at a time, and lies in a file without a name while it is sent. Of exports there are
few at once, and fewer of one user: whoever wants more is refused.

Meetings that are damaged or missing are found by nobody: each answer counts them, and the log names them.
"""

import asyncio
import contextlib
import os
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final

import msgspec
import structlog
from msgspec.structs import replace

from consumers.captions.archive import Archive, is_begun
from consumers.captions.archive import opened as archive_opened
from consumers.captions.errors import ArchiveError, Missing, NoArchive
from consumers.captions.finding import asked as catalogue
from consumers.captions.finding.keeping import catch_up
from consumers.captions.finding.words import NothingAsked
from consumers.captions.handover.gathering import Wanted, gather
from consumers.captions.handover.packing import write
from consumers.captions.life.versions import enterprise_in
from schemas.api.archive import ArchivedMeetings, Found, Transcript
from schemas.desk_archive import ArchiveUnavailable, Asked, NotAsked, NotKept, Package
from schemas.lines import Logger
from schemas.settings import Captions

from .shown import hit_shown, meeting_shown, said_shown

_CHUNK: Final = 262_144
_BEFORE_ALL: Final = datetime.min.replace(tzinfo=UTC)
# That are gathered, wait for it or are sent: so many open files, and as many packages on the disk.
_MOST_EXPORTS: Final = 4
_MOST_OF_ONE: Final = 2
# A line of the log names so many of what is damaged; `verify` names all.
_MOST_NAMED: Final = 8
_LOG: Final[Logger] = structlog.get_logger("meetwire.consumers")


class _Held(msgspec.Struct, eq=False):
    """An archive that is open, and how many are at it; where it `failed`, the last of them closes it."""

    archive: Archive
    stack: contextlib.AsyncExitStack
    readers: int = 0
    failed: bool = False


class OpenArchive:
    """One archive, opened as needed."""

    def __init__(self, settings: Captions) -> None:
        self._settings = settings
        self._held: _Held | None = None
        self._lock = asyncio.Lock()
        self._exports: Counter[str] = Counter()
        self._gathering = asyncio.Lock()
        self._damaged: set[str] = set()

    async def search(self, asked: Asked, who: str) -> Found:
        """Return what fits, the newest first. Raises NotAsked, ArchiveUnavailable."""
        if not await self._is_begun():
            return Found(hits=[], more=False, unread=0)
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
            unread = await _unread(archive, asked.occurrence, asked.enterprises)
        return Found(hits=[hit_shown(hit) for hit in hits], more=more, unread=unread)

    async def meetings(self, asked: Asked, who: str) -> ArchivedMeetings:
        """Return the occurrences that fit, the newest first. Raises ArchiveUnavailable."""
        if not await self._is_begun():
            return ArchivedMeetings(meetings=[], more=False, unread=0)
        async with self._at_hand() as archive:
            found = [
                one
                for part in _each(_catalogue(asked), asked.enterprises)
                for one in await archive.catalogue.meetings(part)
            ]
            found = sorted(found, key=lambda one: one.started_at or _BEFORE_ALL, reverse=True)[: asked.limit + 1]
            await archive.access.note(who=_who(who), what="show", result="done" if found else "nothing")
            unread = await _unread(archive, asked.occurrence, asked.enterprises)
        meetings, more = [meeting_shown(one) for one in found[: asked.limit]], len(found) > asked.limit
        return ArchivedMeetings(meetings=meetings, more=more, unread=unread)

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
        return Transcript(meeting=meeting_shown(meeting), said=[said_shown(one) for one in said])

    @contextlib.asynccontextmanager
    async def export(self, occurrence: str, enterprises: Sequence[str] | None, who: str) -> AsyncIterator[Package]:
        """Give the package. Raises NotKept, ArchiveUnavailable."""
        if self._exports.total() >= _MOST_EXPORTS or self._exports[who] >= _MOST_OF_ONE:
            raise ArchiveUnavailable("too many exports are under way")
        self._exports[who] += 1
        try:
            async with self._gathering:
                file = await self._packed(occurrence, enterprises, who)
            try:
                size = await asyncio.to_thread(lambda: os.fstat(file.fileno()).st_size)
                yield Package(f"{occurrence}.zip", size, _chunks(file))
            finally:
                await asyncio.to_thread(file.close)
        finally:
            self._exports[who] -= 1

    async def close(self) -> None:
        """Close the archive, where it is open, once nobody is at it."""
        if self._held is not None:
            await self._give_up(self._held)

    async def _packed(self, occurrence: str, enterprises: Sequence[str] | None, who: str) -> BinaryIO:
        """Return the package as a file; what was gathered is in memory no more."""
        async with self._at_hand() as archive:
            await _kept(archive, occurrence, enterprises)
            await archive.access.note(who=_who(who), what="export", occurrences=[occurrence])
            files = await gather(archive, Wanted(occurrence=occurrence))
        with _meant():
            return await asyncio.to_thread(_written, f"{occurrence}.zip", files)

    @contextlib.asynccontextmanager
    async def _at_hand(self) -> AsyncIterator[Archive]:
        """Give the archive, caught up with its ledger; say what its errors mean at a desk."""
        with _meant():
            async with self._lock:
                held = self._held or await self._open()
                held.readers += 1
            try:
                async with self._lock:
                    self._tell((await catch_up(held.archive)).damaged)
                yield held.archive
            except (Missing, NothingAsked):
                raise
            except (ArchiveError, OSError):
                held.failed = True
                raise
            finally:
                held.readers -= 1
                if held.failed:
                    await self._give_up(held)

    def _tell(self, damaged: Sequence[str]) -> None:
        """Log what cannot be read: once, until it is something else."""
        before, self._damaged = self._damaged, set(damaged)
        if damaged and self._damaged != before:
            hint = "searches leave these meetings out; `meetwire archive verify` says more"
            _LOG.error("archive.damaged", meetings=len(damaged), what=sorted(damaged)[:_MOST_NAMED], hint=hint)

    async def _is_begun(self) -> bool:
        """Whether there is an archive yet. Raises ArchiveUnavailable."""
        with _meant():
            return self._held is not None or await is_begun(self._settings)

    async def _open(self) -> _Held:
        stack = contextlib.AsyncExitStack()
        self._held = _Held(await stack.enter_async_context(archive_opened(self._settings, existing=True)), stack)
        return self._held

    async def _give_up(self, held: _Held) -> None:
        """Have the next one open it anew; the others end what they are at first."""
        held.failed = True
        if self._held is held:
            self._held = None
        if not held.readers:
            await held.stack.aclose()


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
    except (Missing, NoArchive) as error:
        raise NotKept(str(error)) from None
    except (ArchiveError, OSError) as error:
        raise ArchiveUnavailable(f"the archive cannot be read: {type(error).__name__}") from error


async def _kept(archive: Archive, occurrence: str, enterprises: Sequence[str] | None) -> catalogue.Meeting:
    """Return an occurrence of these enterprises. Raises Missing, and ArchiveUnavailable where it cannot be read."""
    found = await archive.catalogue.meetings(catalogue.Asked(occurrence=occurrence, limit=1))
    if not found and await _unread(archive, occurrence, enterprises):
        raise ArchiveUnavailable("this meeting is damaged or missing; `meetwire archive verify` says more")
    if not found or (enterprises is not None and found[0].enterprise not in enterprises):
        raise Missing(f"occurrence {occurrence}")
    return found[0]


async def _unread(archive: Archive, occurrence: str | None, enterprises: Sequence[str] | None) -> int:
    """Return how many meetings could not be read: of these enterprises, or whether it is this one of theirs."""
    return sum(
        occurrence in (None, said.occurrence) and (enterprises is None or enterprise_in(said.manifest) in enterprises)
        for said, _ in await archive.catalogue.unread()
    )


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


async def _chunks(file: BinaryIO) -> AsyncIterator[bytes]:
    while chunk := await asyncio.to_thread(file.read, _CHUNK):
        yield chunk


def _written(name: str, files: dict[str, bytes]) -> BinaryIO:
    """Return a file without a name: what was said must not stay on the disk where this process is killed meanwhile."""
    path = Path(tempfile.mkdtemp(prefix="meetwire-export-")) / name
    try:
        write(path, files)
        return path.open("rb")
    finally:
        path.unlink(missing_ok=True)
        path.parent.rmdir()
