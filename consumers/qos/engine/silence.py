"""What time alone does: checks that were bad, or good, for long enough; and silence, a state of its own. Pure.

Nobody is looked at but whose time has come: each has a tick to be woken at.
"""

from schemas.rules import NoData

from . import tick_of
from .checks import Checks
from .pace import FIRST_ASKED_MS
from .series import ASKED_FOR
from .standing import due_ms, elapse
from .state import Measured, Meeting, MeetingKey, State


class Silence:
    """Lets time pass in one state."""

    def __init__(self, rules: NoData, checks: Checks, state: State) -> None:
        self._checks, self._state = checks, state
        self._person_ms, self._meeting_ms = int(rules.participant_after_s * 1_000), int(rules.meeting_after_s * 1_000)

    def elapse(self, now_ms: int) -> bool:
        """Wake whose time has come; return whether that changed anything."""
        moved = False
        for key, participant in sorted(self._state.wake.pop(now_ms, ())):
            meeting = self._state.meetings.get(key)
            if meeting is None:
                continue
            if not participant:
                moved |= self._meeting(key, meeting, now_ms)
            elif (person := meeting.people.get(participant)) is not None:
                moved |= self._person((key, participant), person, now_ms)
        return moved

    def _person(self, who: tuple[MeetingKey, str], person: Measured, now_ms: int) -> bool:
        asked = any(series.startswith(ASKED_FOR) for series in person.measured_ms)
        gap_ms = self._gap_ms(person, person.facts.enterprise, now_ms, asked=asked)
        overdue_ms = person.newest_ms + gap_ms + self._person_ms
        silent = now_ms >= overdue_ms
        moved = silent != person.silent
        person.silent = silent
        for number, standing in sorted(person.standings.items()):
            rule = self._checks.all[number].rule
            moved |= elapse(standing, rule, now_ms, silent=silent) is not None
            if standing.idle:
                del person.standings[number]
            elif (due := due_ms(standing, rule)) is not None and due > now_ms:
                self._wake(who, due)
        self._note(who, silent or any(standing.phase == "firing" for standing in person.standings.values()))
        if not silent:
            person.wake_ms = overdue_ms
            self._wake(who, overdue_ms)
        else:
            person.wake_ms = 0
        return moved

    def _gap_ms(self, whose: Measured | Meeting, enterprise: str, now_ms: int, *, asked: bool) -> int:
        """Return how far apart samples may come: where they are asked for as far as of others in the same queue.

        What is silent goes on to be measured by what it was when that began.
        """
        queue = self._state.queues.get(enterprise)
        if asked and queue is not None and not whose.silent:
            people = self._state.census.of("enterprise", enterprise)
            whose.gap_ms = max(whose.gap_ms or FIRST_ASKED_MS, queue.wait_ms(now_ms, people))
        return whose.gap_ms

    def _meeting(self, key: MeetingKey, meeting: Meeting, now_ms: int) -> bool:
        # Once it is silent only a sample ends that, not that nobody listens any more, or somebody does anew.
        since_ms = meeting.sampled_ms if meeting.silent else max(meeting.listened_ms, meeting.sampled_ms)
        awaited = meeting.silent or meeting.listened_ms > 0
        # A new one has to wait in it as well.
        gap_ms = self._gap_ms(meeting, meeting.enterprise, now_ms, asked=meeting.gap_ms > 0 or not meeting.sampled_ms)
        overdue_ms = since_ms + gap_ms + self._meeting_ms
        # Of an enterprise without a single sample ever nobody knows whether there are any to be had.
        silent = awaited and self._state.sampled_ms > 0 and now_ms >= overdue_ms
        moved = silent != meeting.silent
        meeting.silent = silent
        self._note((key, ""), silent)
        if silent or meeting.listened_ms > 0:
            self._wake((key, ""), max(overdue_ms, now_ms + self._meeting_ms // 2) if silent else overdue_ms)
        return moved

    def _note(self, who: tuple[MeetingKey, str], wrong: bool) -> None:
        (self._state.firing.add if wrong else self._state.firing.discard)(who)

    def _wake(self, who: tuple[MeetingKey, str], at_ms: int) -> None:
        self._state.wake.setdefault(tick_of(max(at_ms - 1, self._state.decided_ms)), set()).add(who)
