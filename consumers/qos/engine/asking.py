"""What an answer says of the asking, where samples are asked for: how long it takes, and so when to look for silence.

All of an enterprise wait in one queue (pace.py says how silence is measured by it).
"""

from . import tick_of
from .pace import Queue, pace
from .state import Measured, Meeting, MeetingKey, State


def answered(state: State, meeting: Meeting, who: tuple[MeetingKey, str], person: Measured, at_ms: int) -> None:
    """Note how long it took to be asked for again; where it took less, silence is looked for sooner."""
    queue = state.queues.setdefault(meeting.enterprise, Queue())
    if not person.silent and 0 < person.newest_ms < at_ms:
        queue.waited(at_ms - person.newest_ms, at_ms, state.census.of("enterprise", meeting.enterprise))
    before_ms = person.gap_ms, meeting.gap_ms
    person.gap_ms = pace(person.gap_ms, person.newest_ms, at_ms, asked=True)
    meeting.gap_ms = pace(meeting.gap_ms, meeting.sampled_ms, at_ms, asked=True, people=len(meeting.people))
    awake = state.wake.setdefault(tick_of(at_ms), set())
    if person.gap_ms < before_ms[0]:
        awake.add(who)
    if meeting.gap_ms < before_ms[1]:
        awake.add((who[0], ""))
