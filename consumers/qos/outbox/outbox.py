"""The outbox: one book, a lane for each channel, one file. Everything that changes them goes through here, in one row.

A change is made in memory and is on disk before anybody acts on it. Where the file cannot be written, the outbox is
`broken`: whoever uses it gets StoreUnavailable from then on, and opens it anew.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, ParamSpec, TypeVar

from schemas.events import AlertAcknowledged, AlertChanged, AlertNotified, AlertSilenced
from schemas.notify import Notify
from schemas.record import Record, content_id

from ...waiting import in_thread, to_its_end
from ..desk.book import Book, Entry
from ..event import ALL_ENTERPRISES
from .heard import Waiting, Wants
from .journal import Announcement, Journal
from .lane import Lane, Outcome, Quiet, Step
from .reading import decision_id, read
from .store import Kept, Store, StoreUnavailable

# Longer than the topic keeps its records: nobody can give us older ones.
_SEEN_FOR: Final = timedelta(days=40)
_TIDY_EVERY: Final = timedelta(hours=1)
_P = ParamSpec("_P")
_T = TypeVar("_T")
Now = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


class Outbox:
    """What is known of alerts, and who is still to be told of what."""

    def __init__(self, store: Store, channels: Sequence[Notify], now: Now) -> None:
        self._store, self._now = store, now
        self._journal, self._row = Journal(), asyncio.Lock()
        self.book = Book(self._journal)
        self.lanes = {one.name: Lane(one.name, Wants.of(one), self._journal) for one in channels}
        self.announcements: dict[str, Announcement] = {}
        self.leading = self.doubtful = False
        self._broken: StoreUnavailable | None = None
        self._tidied = datetime.min.replace(tzinfo=UTC)
        self._news: list[asyncio.Event] = []

    @classmethod
    @asynccontextmanager
    async def opened(cls, folder: Path, channels: Sequence[Notify], *, now: Now = utc_now) -> "AsyncIterator[Outbox]":
        """Yield it as its file has it. Raises StoreUnavailable, also where another process has the file open."""
        async with in_thread(lambda: closing(Store(folder))) as store:
            outbox = cls(store, channels, now)
            outbox._load(await asyncio.to_thread(store.kept))
            await outbox._write()
            yield outbox

    def _load(self, kept: Kept) -> None:
        self.book.load(kept.entries, kept.remarks)
        self.announcements = {one.id: one for one in kept.announcements}
        for channel, waiting in kept.letters:
            if channel in self.lanes:
                self.lanes[channel].load(waiting)
        for channel, told in kept.told:
            if channel in self.lanes:
                self.lanes[channel].told[told.alert.alert_id] = told
        for channel, doubted in kept.doubted:
            if channel in self.lanes:
                self.lanes[channel].doubted[doubted.alert.alert_id] = doubted
        for name in kept.channels - self.lanes.keys():
            self._journal.unknow(name)
        for name in self.lanes.keys() - kept.channels:
            self._begin(self.lanes[name])

    def _begin(self, lane: Lane) -> None:
        """Have a new channel hear of what stands, for however long, and not of the past."""
        self._journal.know(lane.channel)
        since_s = self._now().timestamp()
        for entry in self.book.alerts.values():
            if not entry.over:
                lane.add(Waiting(entry.id, entry.key, entry.alert, since_s=since_s))

    async def take(self, records: Iterable[Record]) -> None:
        """Take what is, or is about to be, on meeting.alerts.v1, in order; durable when this returns.

        What was taken before says nothing again. Raises StoreUnavailable.
        """
        by_id = {record.id: record for record in records}
        async with self._row:
            fresh = await self._threaded(self._store.unseen, by_id)
            taken = [record for record in by_id.values() if record.id in fresh]
            for record in taken:
                self._take(record)
            self._journal.see((record.id, record.received_ms) for record in taken)
            self._tidy()
            # All else that is lost with a machine's power is a note of what was told: it is told twice, then.
            await self._write(synced=True)
        if taken:
            self._tell_news()

    def _take(self, record: Record) -> None:
        event = read(record)
        match event:
            case AlertChanged():
                self._decided(Entry(decision_id(record), record.key, event))
            case AlertSilenced():
                self.book.silenced(event)
            case AlertAcknowledged():
                self.book.seen_to(event)
            case AlertNotified(channel=channel) if channel in self.lanes:
                self.lanes[channel].notified(event, leading=self.leading)
            case _:
                # Of a channel that is not ours, or of a later version.
                pass

    def _decided(self, entry: Entry) -> None:
        # What comes behind a newer decision says nothing: an end that is told then would be taken for the newer's.
        if self.book.decided(entry):
            for lane in self.lanes.values():
                lane.add(Waiting(entry.id, entry.key, entry.alert))

    def _tidy(self) -> None:
        now = self._now()
        if now - self._tidied >= _TIDY_EVERY:
            self._tidied = now
            self.book.tidy(now)
            if not self.leading:
                # Whoever leads may lack a channel of ours: nobody would ever take its letters away.
                for lane in self.lanes.values():
                    lane.expire(now.timestamp(), self._hush)
            self._journal.forget_seen(int((now - _SEEN_FOR).timestamp() * 1_000))

    def lead(self, leading: bool) -> None:
        """Begin to send, or leave it to another."""
        self.leading = leading
        self._tell_news()

    async def next_step(self, channel: str, most: int) -> Step:
        """Return what a channel is to be told next; that the letters are tried is noted.

        Raises StoreUnavailable.
        """
        async with self._row:
            lane, now_s = self.lanes[channel], self._now().timestamp()
            step = lane.step(now_s, most, self._hush)
            for waiting, _ in step.letters:
                if waiting.silenced or not waiting.tried:
                    lane.mark(waiting, now_s)
            # In this order: an end takes with it a beginning that was silenced just now.
            self._settle(lane, step.silenced, "silenced")
            self._settle(lane, step.given_up, "given_up")
            for waiting in step.dropped:
                lane.done(waiting, "dropped")
            await self._write()
        if step.silenced or step.given_up:
            # The topic is to hear of it now, not with the next decision.
            self._tell_news()
        return step

    def _hush(self, alert: AlertChanged) -> Quiet | None:
        if self.book.hush(alert, self._now()) is not None:
            return "silenced"
        return "acknowledged" if self.book.is_seen_to(alert) else None

    async def told(self, channel: str, letters: Iterable[Waiting]) -> None:
        """Note what a channel took. Raises StoreUnavailable."""
        await self._done(channel, letters, "told")

    async def refused(self, channel: str, letters: Iterable[Waiting]) -> None:
        """Note what a channel surely did not take, as it was before it was tried. Raises StoreUnavailable."""
        async with self._row:
            for waiting in letters:
                self.lanes[channel].refused(waiting)
            await self._write()

    async def give_up(self, channel: str, letters: Iterable[Waiting]) -> None:
        """Note what a channel will never take. Raises StoreUnavailable."""
        await self._done(channel, letters, "given_up")

    async def _done(self, channel: str, letters: Iterable[Waiting], outcome: Outcome) -> None:
        async with self._row:
            self._settle(self.lanes[channel], letters, outcome)
            await self._write()
        self._tell_news()

    def _settle(self, lane: Lane, letters: Iterable[Waiting], outcome: Outcome) -> None:
        for waiting in letters:
            lane.done(waiting, outcome)
            one = self._announcement(lane.channel, waiting, outcome)
            self.announcements[one.id] = one
            self._journal.announce(one)

    def _announcement(self, channel: str, waiting: Waiting, outcome: Outcome) -> Announcement:
        doubted = outcome != "told" and waiting.tried and not waiting.over
        event = AlertNotified(
            alert_id=waiting.alert.alert_id,
            decision_id=waiting.id,
            channel=channel,
            outcome=outcome,
            occurred_at=self._now(),
            doubted=doubted,
        )
        # What is silenced again, and was tried meanwhile, is said again.
        one = f"{content_id('notified', channel, waiting.id, outcome, *(['doubted'] if doubted else []))}-0"
        return Announcement(one, waiting.key, waiting.alert.enterprise or ALL_ENTERPRISES, event)

    async def announced(self, ids: Iterable[str]) -> None:
        """Note what the topic has. Raises StoreUnavailable."""
        async with self._row:
            for one in ids:
                self.announcements.pop(one, None)
                self._journal.announced(one)
            await self._write()

    def told_of(self, alert_id: str) -> tuple[str, ...]:
        """Return the channels that were told of an alert, by name."""
        return tuple(sorted(name for name, lane in self.lanes.items() if alert_id in lane.told))

    def until_silence_changes_s(self) -> float | None:
        """Return in how many seconds a silence begins or ends; None: none does."""
        now = self._now()
        at = self.book.next_change(now)
        return None if at is None else (at - now).total_seconds()

    def listen(self) -> asyncio.Event:
        """Return an event that is set whenever something changed."""
        event = asyncio.Event()
        self._news.append(event)
        return event

    def _tell_news(self) -> None:
        for event in self._news:
            event.set()

    async def _write(self, *, synced: bool = False) -> None:
        statements = self._journal.take()
        if not statements:
            return
        try:
            await self._threaded(self._store.write, statements, synced=synced)
        except StoreUnavailable as error:
            # In memory it has happened, in the file it has not.
            self._broken = error
            raise

    def sound(self) -> None:
        """Raise StoreUnavailable where the file failed once."""
        if self._broken is not None:
            raise StoreUnavailable(str(self._broken))

    async def _threaded(self, call: Callable[_P, _T], *arguments: _P.args, **named: _P.kwargs) -> _T:
        self.sound()
        # Whoever is cancelled while SQLite writes must not let the next one in.
        return await to_its_end(asyncio.to_thread(call, *arguments, **named))
