"""Read the topics and keep the present: from some way back at the start, then as it comes, for itself alone.

What is slow to read back and little worth when it is old (speakers, quality, captions) is read apart from what tells
which meetings are on and who is in them, so that this is whole within seconds.

How far back suffices: a meeting lasts 24 h at the most ("Creating a Meeting", `length` 15 to 1440 minutes), and all
that holds for as long (its start, its description, its roster, its subscription) is told when it begins, or when its
subscription does. Of one that was extended beyond, what is told again in the time that is read is shown. Of speakers
and captions the last are shown, and quality is measured anew within minutes.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Final

from schemas.events import ReceiverAlive
from schemas.events.alerts import AlertAcknowledged, AlertChanged, AlertSilenced
from schemas.lines import Logger
from schemas.metrics import Meters
from schemas.record import Stored
from schemas.topics import ALERTS, CAPTIONS, LIFECYCLE, PARTICIPANTS, QUALITY, SPEAKERS, STATE, UNRECOGNISED, TopicName

from ..decoding import decoded
from ..errors import SourceUnavailable
from ..sources import NOWHERE, Lag, PlacedSource, Places, Reading
from ..waiting import unless
from .projection.whole import Spoken, Whole
from .stream.live import EVERY_S, Live
from .stream.records import RecordStream

NAME: Final = "dashboard"
LASTING: Final[frozenset[TopicName]] = frozenset({LIFECYCLE, STATE, PARTICIPANTS, ALERTS})
PASSING: Final[frozenset[TopicName]] = frozenset({SPEAKERS, QUALITY, CAPTIONS, UNRECOGNISED})
PASSING_BACK: Final = timedelta(minutes=10)

_AT_ONCE: Final = 500
_WAIT_S: Final = 1.0
_LOOK_EVERY_S: Final = 1.0
_TELL_EVERY_S: Final = 5.0
_AGE_EVERY_S: Final = 5.0
# Three signs of life. A broker that is away is an endless silence to its clients, with nothing left to read.
_SILENT_S: Final = 30.0


Opens = Callable[[Reading], AbstractAsyncContextManager[PlacedSource]]
"""Opens a source; deploy hands it in."""


class Following:
    """Keeps one present up to date, from several sources."""

    def __init__(
        self,
        whole: Whole,
        records: RecordStream,
        live: Live,
        *,
        meters: Meters,
        logger: Logger,
        now: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._whole, self._records, self._live = whole, records, live
        self._logger, self._now, self._monotonic = logger, now, monotonic
        self._behind_s: dict[int, float | None] = {}
        self._alerts: list[str] = []
        self._signed: float | None = None
        """When a receiver last gave a sign of life, of those that came since the start."""
        self._known_s: float | None = None
        """Of when all that is shown is, by the last look at it."""
        self._places: dict[int, Places] = {}
        self._taken = meters.counter("meetwire_consumer_records_total", consumer=NAME)
        self._lag = meters.gauge("meetwire_dashboard_behind_seconds")
        self._dead = meters.counter("meetwire_consumer_dead_letters_total", consumer=NAME, reason="undecodable")

    def readings(self, look_back: timedelta) -> tuple[Reading, Reading]:
        """Return what is read: the lasting from far back, the passing from a little; each from where it was left."""
        now, self._behind_s = self._now(), {0: None, 1: None}
        begins = [self._places.get(number, NOWHERE) for number in self._behind_s]
        return (
            Reading(consumer=NAME, topics=LASTING, start=now - look_back, begin=begins[0]),
            Reading(consumer=NAME, topics=PASSING, start=now - min(look_back, PASSING_BACK), begin=begins[1]),
        )

    async def follow(self, number: int, source: PlacedSource, stop: asyncio.Event) -> None:
        """Read one of the `readings` until `stop`. Raises SourceUnavailable."""
        if self._records.cluster not in ("", source.cluster):
            raise SourceUnavailable(f"another log or cluster than before: {source.cluster}")
        self._records.cluster = source.cluster
        self._records.begin(source.places(), PASSING if number else LASTING)
        try:
            await self._follow(number, source, stop)
        finally:
            self._places[number] = source.places()

    async def _follow(self, number: int, source: PlacedSource, stop: asyncio.Event) -> None:
        topics = PASSING if number else LASTING
        # Where there is nothing to read it is whole at once.
        looked, lag = self._monotonic(), await source.lag()
        self._look(number, lag, has_read=False)
        while not stop.is_set():
            batch = await unless(stop, source.fetch(_AT_ONCE, _WAIT_S))
            if batch is None:
                return
            self.take(batch.records, topics)
            if self._monotonic() - looked >= _LOOK_EVERY_S or not batch.records:
                looked = self._monotonic()
                self._look(number, await source.lag(), has_read=True)
            # A source that always has something must not keep the readers waiting.
            await asyncio.sleep(0)

    def take(self, stored: Sequence[Stored], topics: frozenset[TopicName]) -> None:
        """Count records in, and hand them on."""
        received, dead = decoded(stored)
        self._taken.inc(len(received))
        if dead:
            self._dead.inc(len(dead))
        spoken: list[Spoken] = []
        for one in received:
            if one.event is None:
                continue
            record = one.stored.record
            said = self._whole.take(one.event, record.id, record.epoch)
            if said is not None:
                spoken.append(said)
            if isinstance(one.event, ReceiverAlive) and self._records.is_ready.is_set():
                self._signed = self._monotonic()
            elif isinstance(one.event, AlertChanged | AlertAcknowledged):
                self._alerts.append(one.event.alert_id)
            elif isinstance(one.event, AlertSilenced):
                self._alerts += self._whole.alerts.fitting(one.event)
        self._records.put(stored, topics)
        if spoken and self._records.is_ready.is_set():
            self._live.spoken(spoken)

    async def tell(self, stop: asyncio.Event, pause: Callable[[float], Awaitable[object]] = asyncio.sleep) -> None:
        """Tell the pages what has changed, four times a second, until `stop`."""
        aged = told = self._monotonic()
        while not stop.is_set():
            self.refresh()
            now = self._monotonic()
            if now - aged >= _AGE_EVERY_S:
                aged = now
                behind_s = self.behind_s
                self._whole.age(self._now(), is_settled=behind_s is not None and behind_s < _SILENT_S)
            if now - told >= _TELL_EVERY_S:
                told = now
                self._tell_behind()
            await unless(stop, _slept(pause))

    def refresh(self) -> None:
        """Make what changed anew, and tell of it."""
        now = self._now()
        changes = self._whole.refresh(now)
        alerts, self._alerts = self._alerts, []
        self._live.changed(changes, now, alerts)

    @property
    def behind_s(self) -> float | None:
        """How far behind the present is; None while what was before the start is read.

        Where receivers gave signs of life and give none any more, since when: nobody knows what happens. Likewise where
        it was whole, and its source is away.
        """
        known = [one for one in self._behind_s.values() if one is not None]
        if not known or len(known) < len(self._behind_s):
            return None if self._known_s is None else self._monotonic() - self._known_s
        silent_s = 0.0 if self._signed is None else self._monotonic() - self._signed
        return max(*known, silent_s if silent_s > _SILENT_S else 0.0)

    def _tell_behind(self) -> None:
        behind_s = self.behind_s
        self._live.behind(behind_s)
        if behind_s is not None:
            self._lag.set(behind_s)

    def _look(self, number: int, lag: Lag, *, has_read: bool) -> None:
        is_first = self._behind_s.get(number) is None
        # Where much comes there is always something that was not read yet.
        if is_first and lag.records > (_AT_ONCE if has_read else 0):
            return
        self._behind_s[number] = lag.oldest_s if lag.records else 0.0
        known = [one for one in self._behind_s.values() if one is not None]
        if len(known) == len(self._behind_s):
            self._known_s = self._monotonic() - max(known)
            if not self._records.is_ready.is_set():
                self.refresh()
                self._whole.age(self._now())
                self._tell_behind()
                self._records.is_ready.set()


async def _slept(pause: Callable[[float], Awaitable[object]]) -> None:
    await pause(EVERY_S)
