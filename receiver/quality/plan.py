"""Which call to make next for the quality of an enterprise's meetings, within a budget of calls a minute. Pure.

The list of meetings first, when it is time for it; then by turns: looks at what is in alarm have half of them and what
the others leave, what has waited longest a quarter, lists of participants the rest. So nobody starves, however much is
in alarm. What is new goes before what was looked at, but not before what waits for ten minutes more.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, Literal

from .budget import Budget
from .calls import Call, ListMeetings, ListParticipants, Look, LookKey, Quality, Wait
from .known import Known
from .port import KINDS, Kind, MeasuredMeeting, MeasuredParticipant
from .waiting import Waiting

LIST_EVERY_S: Final = 60.0
# Where the list could not be had.
LIST_AGAIN_S: Final = 15.0
ROSTER_EVERY_S: Final = 120.0
LOOK_EVERY_S: Final = 60.0
# A kind without figures, as screen is where nobody shares, is likely to have none the next time.
EMPTY_EVERY_S: Final = 300.0
# A meeting whose quality was pushed within this time is not asked for.
PUSHED_WITHIN_S: Final = 300.0
NEW_BEFORE_S: Final = 600.0

# The list of meetings takes an eighth of the budget at most.
_LIST_SHARE: Final = 8
# What one answer of the service holds; a longer list takes a call for each ("limit", 1 to 500).
_PAGE: Final = 500
_IDLE_S: Final = 1.0

_Turn = tuple[Literal["look", "roster"], bool]
"""What has the turn, and whether only what is in alarm."""
_TURNS: Final[tuple[_Turn, ...]] = (
    ("look", True),
    ("roster", True),
    ("look", True),
    ("look", False),
    ("look", True),
    ("roster", False),
    ("look", True),
    ("look", False),
)
# Where there is nothing for the turn. Lists go before looks: they may tell of somebody who is in alarm.
_ELSE: Final[tuple[_Turn, ...]] = (("roster", True), ("look", True), ("roster", False), ("look", False))


class Plan:
    """What is known of one enterprise's meetings, and when each was looked at. Each call is to be answered for once.

    `owned` tells by its ID whether a meeting is this process's, `share` how much of the budget is, 0 to 1. `now` is
    everywhere in seconds of one clock that only goes on.
    """

    def __init__(
        self,
        quality: Quality,
        calls_per_minute: int,
        *,
        owned: Callable[[str], bool],
        share: Callable[[], float] = lambda: 1.0,
        look_every_s: float = LOOK_EVERY_S,
    ) -> None:
        self._look_every_s = look_every_s
        self._yields_to_push = quality == "auto"
        self._budget = Budget(calls_per_minute)
        self._owned = owned
        self._share = share
        self._known: dict[str, Known] = {}
        self._rosters: Waiting[str] = Waiting()
        self._looks: Waiting[LookKey] = Waiting()
        self._out: set[LookKey | str] = set()
        self._pushed: dict[str, float] = {}
        self._left_alone: dict[str, float] = {}
        self._list_at = self._paused_until = float("-inf")
        self._turn = 0

    def next(self, now: float) -> Call | Wait:
        """Return the call to make now, or how long to make none."""
        share = self._share()
        free_at = max(self._budget.free_at, self._paused_until)
        if now < free_at:
            return Wait(free_at - now)
        call = self._choose(now) if share > 0 else None
        if call is None:
            return Wait(_IDLE_S)
        self._budget.spend(now, share)
        return call

    def listed(self, meetings: Sequence[MeasuredMeeting], now: float) -> None:
        """Take the answer to ListMeetings: what is not in it is over."""
        further = max(0, len(meetings) - 1) // _PAGE
        self._budget.charge(further)
        self._list_at = now + max(LIST_EVERY_S, _LIST_SHARE * (further + 1) * self._budget.cost_s)
        self._pushed = {one: at for one, at in self._pushed.items() if now - at < PUSHED_WITHIN_S}
        on = {meeting.meeting_uuid: meeting for meeting in meetings}
        self._left_alone = {uuid: until for uuid, until in self._left_alone.items() if uuid in on}
        wanted = {uuid: meeting for uuid, meeting in on.items() if self._wanted(meeting, now)}
        for uuid in self._known.keys() - wanted.keys():
            self._forget(uuid)
        for meeting in wanted.values():
            self._keep(meeting, now)

    def rostered(self, call: ListParticipants, participants: Sequence[MeasuredParticipant], now: float) -> None:
        """Take the answer to ListParticipants."""
        uuid = call.meeting.meeting_uuid
        self._out.discard(uuid)
        self._budget.charge(max(0, len(participants) - 1) // _PAGE)
        known = self._known.get(uuid)
        if known is None:
            return
        people = {one.participant_id: one for one in participants if known.counts(one)}
        self._drop_looks(uuid, known.people.keys() - people.keys())
        known.people = people
        # The voices of all before the first screen.
        for kind in KINDS:
            for participant in people.values():
                self._expect(known, participant, kind, now)
        self._rosters.put(uuid, now + ROSTER_EVERY_S, alarmed=known.meeting.alarm)

    def looked(self, call: Look, now: float, *, empty: bool = False) -> None:
        """Look again in a while, later where there was nothing to see; never again at one who has left."""
        key = call.key
        self._out.discard(key)
        known = self._known.get(call.meeting.meeting_uuid)
        participant = known.people.get(call.participant.participant_id) if known else None
        if known and participant and participant.left_at is None:
            due = now + (EMPTY_EVERY_S if empty else self._look_every_s)
            self._looks.put(key, due, alarmed=known.in_alarm(participant, call.kind))

    def failed(self, call: Call, now: float) -> None:
        """Make a call again that got no answer, others first."""
        if isinstance(call, ListMeetings):
            self._list_at = now + max(LIST_AGAIN_S, _LIST_SHARE * self._budget.cost_s)
        elif isinstance(call, Look):
            self.looked(call, now)
        else:
            uuid = call.meeting.meeting_uuid
            self._out.discard(uuid)
            known = self._known.get(uuid)
            if known is not None:
                self._rosters.put(uuid, now + LOOK_EVERY_S, alarmed=known.meeting.alarm)

    def leave_alone(self, call: ListParticipants | Look, until: float) -> None:
        """Ask for nothing of the meeting until then: the service will not tell."""
        uuid = call.meeting.meeting_uuid
        self._out.discard(call.key if isinstance(call, Look) else uuid)
        self._left_alone[uuid] = until
        self._forget(uuid)

    def pause(self, until: float) -> None:
        """Make no call until then."""
        self._paused_until = max(self._paused_until, until)

    def pushed(self, meeting_id: str, now: float) -> None:
        """Know that the service pushes a meeting's quality."""
        self._pushed[meeting_id] = now

    def _choose(self, now: float) -> Call | None:
        if now >= self._list_at:
            # Not twice at once; its answer says when again.
            self._list_at = float("inf")
            return ListMeetings()
        for what, alarmed in (_TURNS[self._turn % len(_TURNS)], *_ELSE):
            call = self._look(now, alarmed) if what == "look" else self._roster(now, alarmed)
            if call is not None:
                self._turn += 1
                return call
        return None

    def _look(self, now: float, alarmed: bool) -> Look | None:
        while taken := self._looks.take(now, alarmed=alarmed):
            key, due = taken
            uuid, participant_id, kind = key
            known = self._known[uuid]
            if self._still_wanted(known, now):
                self._out.add(key)
                return Look(known.meeting, known.people[participant_id], kind, now - due)
        return None

    def _roster(self, now: float, alarmed: bool) -> ListParticipants | None:
        while taken := self._rosters.take(now, alarmed=alarmed):
            known = self._known[taken[0]]
            if self._still_wanted(known, now):
                self._out.add(taken[0])
                return ListParticipants(known.meeting)
        return None

    def _still_wanted(self, known: Known, now: float) -> bool:
        if self._wanted(known.meeting, now):
            return True
        self._forget(known.meeting.meeting_uuid)
        return False

    def _wanted(self, meeting: MeasuredMeeting, now: float) -> bool:
        meeting_id = meeting.meeting_id
        if meeting_id is None or not self._owned(meeting_id):
            return False
        if now < self._left_alone.get(meeting.meeting_uuid, now):
            return False
        return not (self._yields_to_push and now - self._pushed.get(meeting_id, float("-inf")) < PUSHED_WITHIN_S)

    def _keep(self, meeting: MeasuredMeeting, now: float) -> None:
        uuid = meeting.meeting_uuid
        known = self._known.get(uuid)
        if known is None:
            self._known[uuid] = Known(meeting)
            if uuid not in self._out:
                self._rosters.put(uuid, now, alarmed=meeting.alarm, lead=NEW_BEFORE_S)
            return
        known.meeting = meeting
        if uuid in self._rosters:
            self._rosters.alarm(uuid, meeting.alarm, now)

    def _expect(self, known: Known, participant: MeasuredParticipant, kind: Kind, now: float) -> None:
        key = (known.meeting.meeting_uuid, participant.participant_id, kind)
        alarmed = known.in_alarm(participant, kind)
        if key in self._looks:
            self._looks.alarm(key, alarmed, now)
        elif key not in self._out and participant.left_at is None:
            self._looks.put(key, now, alarmed=alarmed, lead=NEW_BEFORE_S)

    def _forget(self, uuid: str) -> None:
        known = self._known.pop(uuid, None)
        self._rosters.drop(uuid)
        if known is not None:
            self._drop_looks(uuid, known.people)

    def _drop_looks(self, uuid: str, participant_ids: Iterable[str]) -> None:
        for participant_id in participant_ids:
            for kind in KINDS:
                self._looks.drop((uuid, participant_id, kind))
