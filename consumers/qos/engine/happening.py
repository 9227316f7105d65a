"""What a record does to what is remembered. Pure.

Samples are the figures; lifecycle, state and rosters tell which meetings are on, who is in them and where they sit.
"""

from typing import Final

import msgspec

from schemas.events import (
    MeetingClosed,
    MeetingDescribed,
    MeetingEnded,
    ParticipantChanged,
    ParticipantGone,
    Person,
    QualitySampled,
    QualityThresholdsRead,
    RosterReplaced,
    SubscriptionChanged,
)
from schemas.rules import Scope

from . import tick_of
from .asking import answered
from .checks import Check, Checks, Reading, Verdict, holds
from .facts import Facts, is_news, with_person, with_surroundings
from .pace import pace
from .series import ASKED_FOR, series_of
from .standing import Standing, due_ms, take
from .state import Input, Measured, Meeting, MeetingKey, Roster, State, meeting_key

EVERYWHERE: Final = Scope()
_SWEEP_EVERY_MS: Final = 3_600_000
# A meeting lasts a day at the most, unless it is extended; of one that goes on something is heard.
_FORGOTTEN_MS: Final = 26 * 3_600_000
# Of a room nothing comes under its own ID any more: the meeting that is on in it has another.
_OVER: Final = frozenset({"meeting_over", "room"})
_OfAMeeting = MeetingDescribed | SubscriptionChanged | RosterReplaced | ParticipantChanged | QualitySampled


class Happening:
    """Changes one state."""

    def __init__(self, checks: Checks, state: State) -> None:
        self._checks, self._state = checks, state
        self._moved = False
        for told in state.thresholds.values():
            checks.learn(told)

    def moved(self) -> bool:
        """Return whether anything changed that an alert may rest on, since this was last asked."""
        moved, self._moved = self._moved, False
        return moved

    def take(self, one: Input) -> None:
        """Take one record."""
        match one.event:
            case QualitySampled() as sample:
                self._sampled(sample, one.received_ms)
            case QualityThresholdsRead() as told:
                self._state.thresholds[told.enterprise] = told
                self._checks.learn(told)
            case MeetingDescribed() as told:
                self._described(self._meeting(told, one.received_ms), told)
            case SubscriptionChanged() as told:
                self._subscribed(told, one.received_ms)
            case MeetingEnded() | MeetingClosed() as told:
                self._ended(told)
            case RosterReplaced(roster="participants") as told:
                self._replaced(self._meeting(told, one.received_ms), told)
            case ParticipantChanged(roster="participants") as told:
                self._known(self._meeting(told, one.received_ms), told.person)
            case ParticipantGone(roster="participants") as told if told.person.participant_id is not None:
                self._gone(meeting_key(told.enterprise, told.meeting_id), told.person.participant_id)
            case _:
                pass

    def sweep(self, tick: int) -> None:
        """Forget, once an hour, meetings of which nothing was heard for a day: nobody will tell their end."""
        # By the hour of the records, not since the last time: everybody does so in the same tick.
        if tick // _SWEEP_EVERY_MS == self._state.swept_ms // _SWEEP_EVERY_MS:
            return
        self._state.swept_ms = tick
        for key, meeting in list(self._state.meetings.items()):
            if tick - max(meeting.listened_ms, meeting.sampled_ms, meeting.heard_ms) > _FORGOTTEN_MS:
                self._over(key)

    def _meeting(self, told: _OfAMeeting, at_ms: int) -> Meeting:
        key = meeting_key(told.enterprise, told.meeting_id)
        if (meeting := self._state.meetings.get(key)) is None:
            meeting = self._state.meetings[key] = Meeting(told.enterprise, told.meeting_id)
        meeting.heard_ms = at_ms
        if told.meeting_uuid is not None and told.meeting_uuid != meeting.uuid:
            meeting.uuid, meeting.uuid_ms = told.meeting_uuid, at_ms
        return meeting

    def _ended(self, told: MeetingEnded | MeetingClosed) -> None:
        """Let a meeting be over, unless another holding of it is on: its end may be told hours later."""
        key = meeting_key(told.enterprise, told.meeting_id)
        meeting = self._state.meetings.get(key)
        if meeting is not None and not _is_of_another(told, meeting):
            self._over(key)

    def _described(self, meeting: Meeting, told: MeetingDescribed) -> None:
        if told.subject is not None and told.subject != meeting.subject:
            meeting.subject = told.subject
            for person in meeting.people.values():
                person.facts = msgspec.structs.replace(person.facts, subject=told.subject)

    def _subscribed(self, told: SubscriptionChanged, at_ms: int) -> None:
        known = self._state.meetings.get(meeting_key(told.enterprise, told.meeting_id))
        if known is not None and told.epoch < known.epoch:
            # Who gave the meeting up says so after who took it over has begun: it is listened to all the same.
            return
        if told.change == "closed" and told.reason in _OVER:
            self._over(meeting_key(told.enterprise, told.meeting_id))
        elif told.change in ("opened", "lost", "closed"):
            meeting = self._meeting(told, at_ms)
            meeting.listened_ms, meeting.epoch = at_ms if told.change == "opened" else 0, told.epoch
            meeting.awaited = told.change != "closed" or told.reason == "moved"
            self._state.wake.setdefault(tick_of(at_ms), set()).add((meeting_key(told.enterprise, told.meeting_id), ""))

    def _over(self, key: MeetingKey) -> None:
        meeting = self._state.meetings.pop(key, None)
        if meeting is not None:
            for participant, person in meeting.people.items():
                self._forget(key, participant, person)
            self._state.firing.discard((key, ""))
            self._moved = True

    def _replaced(self, meeting: Meeting, told: RosterReplaced) -> None:
        if meeting.roster is None or meeting.roster.snapshot != told.snapshot_id:
            meeting.roster = Roster(told.snapshot_id)
        meeting.roster.parts.add(told.part)
        for person in told.people:
            self._known(meeting, person)
        meeting.roster.people.update(person.participant_id for person in told.people if person.participant_id)
        if len(meeting.roster.parts) == told.parts:
            for participant in sorted((meeting.people.keys() | meeting.known.keys()) - meeting.roster.people):
                self._gone(meeting_key(told.enterprise, told.meeting_id), participant)
            meeting.roster = None

    def _known(self, meeting: Meeting, told: Person) -> None:
        if (participant := told.participant_id) is None:
            return
        if (person := meeting.people.get(participant)) is not None:
            self._place(person, with_person(person.facts, told))
        else:
            meeting.known[participant] = with_person(meeting.known.get(participant, _nobody(meeting)), told)

    def _place(self, person: Measured, facts: Facts) -> None:
        if facts != person.facts:
            self._state.census.add(person.facts, -1)
            self._state.census.add(facts, 1)
            person.facts = facts
            self._moved = True

    def _gone(self, key: MeetingKey, participant: str) -> None:
        meeting = self._state.meetings.get(key)
        if meeting is not None:
            meeting.known.pop(participant, None)
            if (person := meeting.people.pop(participant, None)) is not None:
                self._forget(key, participant, person)

    def _forget(self, key: MeetingKey, participant: str, person: Measured) -> None:
        self._state.census.add(person.facts, -1)
        self._state.firing.discard((key, participant))
        self._moved = True

    def _sampled(self, sample: QualitySampled, at_ms: int) -> None:
        key = meeting_key(sample.enterprise, sample.meeting_id)
        if sample.over:
            self._gone(key, sample.participant_id)
            return
        if (meeting := self._state.meetings.get(key)) is None:
            meeting = self._meeting(sample, at_ms)
        if sample.meeting_uuid is not None and sample.meeting_uuid != meeting.uuid:
            meeting.uuid, meeting.uuid_ms = sample.meeting_uuid, at_ms
        if (person := meeting.people.get(sample.participant_id)) is None:
            person = self._person(meeting, sample.participant_id)
        measured_ms = int(sample.occurred_at.timestamp() * 1_000)
        series = series_of(sample)
        if measured_ms <= person.measured_ms.get(series, 0):
            self._state.repeated += 1
            return
        person.measured_ms[series] = measured_ms
        self._heard(key, meeting, sample.participant_id, person, at_ms, asked=sample.source == ASKED_FOR)
        if sample.surroundings is not None and is_news(person.facts, sample.surroundings):
            self._place(person, with_surroundings(person.facts, sample.surroundings))
        for reading in self._checks.readings(sample, person.standings):
            # The way of nearly all samples: nothing is wrong, and nothing was.
            if reading.verdict is Verdict.BAD or reading.check in person.standings:
                self._read((key, sample.participant_id), person, reading, at_ms, measured_ms)

    def _person(self, meeting: Meeting, participant: str) -> Measured:
        """Let somebody be known of whom there was no sample before."""
        facts = meeting.known.pop(participant, None) or _nobody(meeting)
        person = meeting.people[participant] = Measured(msgspec.structs.replace(facts, subject=meeting.subject))
        self._state.census.add(person.facts, 1)
        self._moved = True
        return person

    def _heard(
        self, key: MeetingKey, meeting: Meeting, participant: str, person: Measured, at_ms: int, *, asked: bool
    ) -> None:
        """Note that there are figures: silence is measured from here."""
        if asked:
            answered(self._state, meeting, (key, participant), person, at_ms)
        else:
            person.gap_ms, meeting.gap_ms = pace(person.gap_ms, person.newest_ms, at_ms, asked=False), 0
        person.newest_ms = meeting.sampled_ms = self._state.sampled_ms = at_ms
        self._moved |= person.silent or meeting.silent
        if person.silent or not person.wake_ms:
            person.silent = False
            self._wake((key, participant), at_ms)
        if meeting.silent:
            self._wake((key, ""), at_ms)

    def _wake(self, who: tuple[MeetingKey, str], at_ms: int) -> None:
        self._state.wake.setdefault(tick_of(at_ms), set()).add(who)

    def _read(
        self, who: tuple[MeetingKey, str], person: Measured, reading: Reading, at_ms: int, measured_ms: int
    ) -> None:
        standing = person.standings.get(reading.check)
        check: Check = self._checks.all[reading.check]
        if standing is None:
            if check.rule.where != EVERYWHERE and not holds(check.rule.where, person.facts):
                return
            standing = person.standings[reading.check] = Standing()
        take(standing, check.rule, reading, at_ms, measured_ms)
        if standing.idle:
            del person.standings[reading.check]
        elif (due := due_ms(standing, check.rule)) is not None:
            self._wake(who, max(due - 1, at_ms))


def _is_of_another(told: MeetingEnded | MeetingClosed, meeting: Meeting) -> bool:
    """Whether another holding is on than the one that ended: it was heard of after that end."""
    known = told.meeting_uuid is not None and meeting.uuid is not None
    return known and told.meeting_uuid != meeting.uuid and told.occurred_at.timestamp() * 1_000 < meeting.uuid_ms


def _nobody(meeting: Meeting) -> Facts:
    return Facts(
        enterprise=meeting.enterprise,
        meeting=meeting_key(meeting.enterprise, meeting.meeting_id),
        subject=meeting.subject,
    )
