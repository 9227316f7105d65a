"""What is wrong now, from what is remembered: the alerts of people, and those of what is silent. Pure."""

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from schemas.rules import QosRules

from .alert import Alert, Trouble, worst
from .checks import Checks
from .quiet import is_quiet
from .rollup import InTrouble, direction
from .state import Measured, Meeting, MeetingKey, State

NO_DATA: Final = "no-data"
ALL_SILENT: Final = "all_silent"
MEETING_SILENT: Final = "meeting_silent"


def in_trouble(state: State, checks: Checks, rules: QosRules, now_ms: int) -> tuple[list[InTrouble], list[Alert]]:
    """Return the people whose checks fire or who are silent, in order, and the alerts that no roll-up concerns."""
    people: list[InTrouble] = []
    rest = list(_whole(state, rules, now_ms))
    all_silent = next((alert.id for alert in rest if alert.level == ALL_SILENT), None)
    for key, participant in sorted(state.firing):
        meeting = state.meetings[key]
        if not participant:
            silence = _as_it_began(_silent_meeting(key, meeting, rules), state)
            rest.append(msgspec.structs.replace(silence, held_by=all_silent))
            continue
        person = meeting.people[participant]
        troubles = tuple(_troubles(person, checks, rules))
        alert = _of_a_person(key, meeting, participant, troubles, muted=_muted(troubles, rules, now_ms))
        if meeting.silent and [trouble.check for trouble in troubles] == [NO_DATA]:
            rest.append(msgspec.structs.replace(alert, held_by=_silent_meeting(key, meeting, rules).id))
        else:
            people.append(InTrouble(person.facts, alert))
    return people, rest


def _whole(state: State, rules: QosRules, now_ms: int) -> Iterator[Alert]:
    if rules.watchdog:
        yield _alone("watchdog", "watchdog", "", None, Trouble("watchdog", "watchdog", "info", now_ms))
    silent_ms = int(rules.no_data.all_after_s * 1_000)
    if state.sampled_ms and now_ms - state.sampled_ms >= silent_ms:
        # Where nobody listened, as at night, there was nothing to be heard.
        listened_ms = min((one.listened_ms for one in state.meetings.values() if one.listened_ms), default=now_ms)
        since_ms = max(state.sampled_ms, listened_ms) + silent_ms
        silence = _alone(ALL_SILENT, "all", "", None, Trouble(NO_DATA, NO_DATA, "critical", since_ms))
        # To be blind as well is no sample.
        goes_on = silence.id in state.alerts and any(one.awaited for one in state.meetings.values())
        if goes_on or now_ms >= since_ms:
            yield _as_it_began(silence, state)


def _silent_meeting(key: MeetingKey, meeting: Meeting, rules: QosRules) -> Alert:
    last_ms = max(meeting.listened_ms, meeting.sampled_ms) + meeting.gap_ms
    since_ms = last_ms + int(rules.no_data.meeting_after_s * 1_000)
    trouble = Trouble(NO_DATA, NO_DATA, rules.no_data.severity, since_ms)
    return _alone(MEETING_SILENT, key, meeting.enterprise, meeting.meeting_id, trouble)


def _as_it_began(silence: Alert, state: State) -> Alert:
    """Return a silence that stands as it was: it is no younger since somebody listens anew."""
    standing = state.alerts.get(silence.id)
    return silence if standing is None else msgspec.structs.replace(standing.alert, held_by=None)


def _alone(level: str, place: str, enterprise: str, meeting_id: str | None, trouble: Trouble) -> Alert:
    return Alert(
        level=level,
        place=place,
        enterprise=enterprise,
        meeting_id=meeting_id,
        participant_id=None,
        severity=trouble.severity,
        since_ms=trouble.since_ms,
        troubles=(trouble,),
        people=0,
        measured=0,
    )


def _troubles(person: Measured, checks: Checks, rules: QosRules) -> Iterator[Trouble]:
    for number, standing in sorted(person.standings.items()):
        if standing.phase == "firing":
            check = checks.all[number]
            seen = tuple(standing.seen)
            limit = checks.limit(person.facts.enterprise, number)
            yield Trouble(check.name, check.rule.name, check.rule.severity, standing.bad_since_ms, 1, seen, limit)
    if person.silent:
        since_ms = person.newest_ms + person.gap_ms + int(rules.no_data.participant_after_s * 1_000)
        yield Trouble(NO_DATA, NO_DATA, rules.no_data.severity, since_ms)


def _of_a_person(
    key: MeetingKey, meeting: Meeting, participant: str, troubles: tuple[Trouble, ...], *, muted: bool
) -> Alert:
    return Alert(
        level="participant",
        place=f"{key}/{participant}",
        enterprise=meeting.enterprise,
        meeting_id=meeting.meeting_id,
        participant_id=participant,
        severity=worst(trouble.severity for trouble in troubles),
        since_ms=min(trouble.since_ms for trouble in troubles),
        troubles=troubles,
        direction=direction(troubles),
        muted=muted,
    )


def _muted(troubles: Iterable[Trouble], rules: QosRules, now_ms: int) -> bool:
    quiet = {rule.name: rule.quiet for rule in rules.rules}
    return all(is_quiet(quiet.get(trouble.rule), now_ms) for trouble in troubles)
