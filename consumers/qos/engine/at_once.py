"""Tell of a sample at once, where a rule asks for it: before its tick is decided. Pure.

A tick is decided when everything of it is there, which takes as long as receivers' signs of life and the lateness do.
Rules that are `at_once` do not wait: each sample is judged as it is read. Two things keep what is told so a function of
the records, whoever reads them. It rests on the samples of one participant alone, in their partition's order, which
is the same for every reader; nothing from another topic has a say in it. And it changes nothing of what ticks decide:
a tick takes over the alerts that were told before it, says nothing more of those that it finds as well, and ends the
others. So a roll-up can hold back, seconds later, what was told at once.

What was told at once is not told so again before it has been good for a minute longer than its rule asks for: until
then the ticks, which come later than the samples, have said that it is over.
"""

from collections.abc import Iterator
from typing import Final

import msgspec

from schemas.events import QualitySampled
from schemas.rules import QosRules

from .alert import Alert, Change, Trouble, worst
from .checks import Checks, Reading, Verdict, holds
from .facts import Facts
from .foretold import Foretold, Looked
from .quiet import is_quiet
from .rollup import direction
from .series import series_of
from .standing import Standing, take

AGAIN_AFTER_MS: Final = 60_000
# After so long without a sample what was before counts no more.
ABSENT_MS: Final = 600_000


class AtOnce:
    """Changes one `Foretold`."""

    def __init__(self, rules: QosRules, state: Foretold) -> None:
        some = tuple(rule for rule in rules.rules if rule.at_once)
        # Without the service's thresholds, which come on another topic.
        self._checks = Checks(msgspec.structs.replace(rules, rules=some, roll_ups=(), service_thresholds=False))
        self._state, self.is_asked = state, bool(some)

    def take(self, key: str, sample: QualitySampled, received_ms: int) -> None:
        """Judge a sample of the meeting `key`; what it makes known is in `fresh` then. Only where it `is_asked`."""
        if sample.over:
            self._state.people.get(key, {}).pop(sample.participant_id, None)
            return
        person = self._person(key, sample.participant_id, received_ms)
        measured_ms = int(sample.occurred_at.timestamp() * 1_000)
        series = series_of(sample)
        if measured_ms > person.measured_ms.get(series, 0):
            person.measured_ms[series] = measured_ms
            facts = Facts(enterprise=sample.enterprise, meeting=key)
            readings = self._checks.readings(sample, person.standings)
            fires = [self._read(person, facts, one, received_ms, measured_ms) for one in readings]
            if any(fires):
                self._state.fresh.append(self._fired(key, sample, person, received_ms))

    def hand_out(self) -> Iterator[Change]:
        """Yield each once."""
        fresh, self._state.fresh = self._state.fresh, []
        self._state.told += fresh
        yield from fresh

    def until(self, tick: int) -> list[Change]:
        """Return what was told of samples before the end of a tick, and forget it; in an order of its own."""
        due = [one for one in self._state.told if one.at_ms < tick]
        if due:
            self._state.told = [one for one in self._state.told if one.at_ms >= tick]
        return sorted(due, key=lambda one: (one.at_ms, one.id))

    def sweep(self, decided_ms: int) -> None:
        """Forget, once a minute, of whom so long nothing came that their next sample begins anew anyway."""
        if decided_ms - self._state.swept_ms < AGAIN_AFTER_MS:
            return
        self._state.swept_ms = decided_ms
        for key, people in list(self._state.people.items()):
            for participant in [one for one, looked in people.items() if decided_ms - looked.newest_ms > ABSENT_MS]:
                del people[participant]
            if not people:
                del self._state.people[key]

    def _person(self, key: str, participant: str, received_ms: int) -> Looked:
        people = self._state.people.setdefault(key, {})
        person = people.get(participant)
        if person is None or received_ms - person.newest_ms > ABSENT_MS:
            person = people[participant] = Looked(received_ms)
        person.newest_ms = max(person.newest_ms, received_ms)
        return person

    def _read(self, person: Looked, facts: Facts, reading: Reading, received_ms: int, measured_ms: int) -> bool:
        """Let a reading count; return whether it makes its check fire."""
        rule = self._checks.all[reading.check].rule
        if (standing := person.standings.get(reading.check)) is None:
            if reading.verdict is not Verdict.BAD or not holds(rule.where, facts):
                return False
            standing = person.standings[reading.check] = Standing()
        take(standing, rule, reading, received_ms, measured_ms)
        if standing.phase == "pending":
            standing.phase, standing.fired_ms = "firing", received_ms
            return True
        good_ms = 0 if standing.good_since_ms is None else received_ms - standing.good_since_ms
        if standing.phase == "firing" and good_ms > int(rule.keep_firing_for_s * 1_000) + AGAIN_AFTER_MS:
            standing.phase, standing.good_since_ms = "quiet", None
        if standing.idle:
            del person.standings[reading.check]
        return False

    def _fired(self, key: str, sample: QualitySampled, person: Looked, at_ms: int) -> Change:
        troubles = tuple(self._troubles(person))
        rules = {check.rule.name: check.rule for check in self._checks.all}
        alert = Alert(
            level="participant",
            place=f"{key}/{sample.participant_id}",
            enterprise=sample.enterprise,
            meeting_id=sample.meeting_id,
            participant_id=sample.participant_id,
            severity=worst(trouble.severity for trouble in troubles),
            since_ms=at_ms,
            troubles=troubles,
            direction=direction(troubles),
            muted=all(is_quiet(rules[trouble.rule].quiet, at_ms) for trouble in troubles),
        )
        return Change("fired", alert, at_ms)

    def _troubles(self, person: Looked) -> Iterator[Trouble]:
        for number, standing in sorted(person.standings.items()):
            if standing.phase == "firing" and standing.good_since_ms is None:
                check = self._checks.all[number]
                seen = tuple(standing.seen)
                yield Trouble(check.name, check.rule.name, check.rule.severity, standing.bad_since_ms, seen=seen)
