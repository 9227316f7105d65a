"""How the participants are, as metrics: by enterprise, rating and modality; never by meeting or person.

A rating is what the rules say, not what the service does: bad is who has a check that fires, silent whose samples are
overdue, good everybody else who is measured. Each process counts what it knows, the standby as well.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from typing import Final, Literal

from schemas.metrics import Meters
from schemas.rules import QosRules

from .engine.checks import Check, Checks
from .engine.state import Measured, Meeting, State

Rating = Literal["good", "bad", "silent"]
RATINGS: Final[tuple[Rating, ...]] = ("good", "bad", "silent")
MODALITIES: Final = ("audio", "video", "screen", "client", "connection")
"""client: the terminal's processor. connection: round trip and the service's word, told of a participant as a whole."""

EVERY_S: Final = 15.0
# So many meetings at a time: a hundred thousand participants must not hold anybody up.
_AT_A_TIME: Final = 100
_OF_A_SERIES: Final[Mapping[str, tuple[str, ...]]] = {
    "push": ("audio", "video", "screen", "connection"),
    "rest/audio": ("audio",),
    "rest/video": ("video",),
    "rest/screen": ("screen",),
    "rest/": ("client",),
}
"""What is measured of whom there are samples of a series (engine/series.py)."""


class Count:
    """How many there are of each, by enterprise. Pure."""

    def __init__(self, checks: Iterable[Check]) -> None:
        self._modality = {check.number: _modality(check) for check in checks}
        self.people: Counter[tuple[str, Rating]] = Counter()
        self.modalities: Counter[tuple[str, str, Rating]] = Counter()

    def take(self, meeting: Meeting) -> None:
        """Count those of one meeting."""
        for person in meeting.people.values():
            bad = {self._modality[one] for one, standing in person.standings.items() if standing.phase == "firing"}
            self.people[meeting.enterprise, _rating(person, bad=bool(bad))] += 1
            for modality in bad.union(*(_OF_A_SERIES.get(series, ()) for series in person.measured_ms)):
                self.modalities[meeting.enterprise, modality, _rating(person, bad=modality in bad)] += 1

    def bad_ratio(self, enterprise: str) -> float:
        """Return the share of those measured who are bad; 0 where nobody is measured."""
        measured = sum(self.people[enterprise, rating] for rating in RATINGS)
        return self.people[enterprise, "bad"] / measured if measured else 0.0


class Figures:
    """The gauges of one process."""

    def __init__(self, meters: Meters, rules: QosRules) -> None:
        self._meters = meters
        self._checks = Checks(rules).all
        self._enterprises: set[str] = set()

    async def keep(self, state: State, pause: Callable[[], Awaitable[object]] = lambda: asyncio.sleep(EVERY_S)) -> None:
        """Show how it is, again and again, until cancelled."""
        while True:
            await self.show(state)
            await pause()

    async def show(self, state: State) -> None:
        """Count, and set the gauges; others have their turn meanwhile."""
        count = Count(self._checks)
        for some in _some_at_a_time(state):
            for meeting in some:
                count.take(meeting)
            await asyncio.sleep(0)
        self._enterprises |= {enterprise for enterprise, _ in count.people}
        for enterprise in self._enterprises:
            self._set(enterprise, count)

    def _set(self, enterprise: str, count: Count) -> None:
        """Set all of an enterprise's, those that are nought as well: what is gone must not stay as it was."""
        gauge = self._meters.gauge
        gauge("meetwire_qos_bad_ratio", enterprise=enterprise).set(count.bad_ratio(enterprise))
        for rating in RATINGS:
            people = gauge("meetwire_qos_participants", enterprise=enterprise, rating=rating)
            people.set(count.people[enterprise, rating])
            for modality in MODALITIES:
                some = gauge(
                    "meetwire_qos_modality_participants", enterprise=enterprise, modality=modality, rating=rating
                )
                some.set(count.modalities[enterprise, modality, rating])


def _some_at_a_time(state: State) -> Iterator[list[Meeting]]:
    """Yield the meetings; those that end while this goes on may be missing."""
    keys = list(state.meetings)
    for first in range(0, len(keys), _AT_A_TIME):
        found = (state.meetings.get(key) for key in keys[first : first + _AT_A_TIME])
        yield [meeting for meeting in found if meeting is not None]


def _rating(person: Measured, *, bad: bool) -> Rating:
    if person.silent:
        return "silent"
    return "bad" if bad else "good"


def _modality(check: Check) -> str:
    if check.modality is not None:
        return check.modality
    return "connection" if check.rule.metric in ("round_trip_ms", "rating") else "client"
