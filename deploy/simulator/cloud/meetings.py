"""What happens in meetings: each act changes one and tells its sockets. Nothing here waits."""

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

import msgspec

from ..stories import new_uuid
from .attender import Attender, attendee_info, attender
from .errors import NoSuchMeeting
from .exchange import Exchange
from .meeting import Meeting
from .quality import net_condition, turn
from .sites import HEADQUARTERS

Told = Callable[[str, Meeting, Mapping[str, object] | None], None]
"""Takes an event of the enterprise push: its name, the meeting, and who came or went."""


class Meetings:
    """The meetings of one enterprise, those that are on by their ID."""

    def __init__(
        self, exchange: Exchange, now_ms: Callable[[], int], *, seed: int, push_types: tuple[str, ...]
    ) -> None:
        self.exchange = exchange
        self.on: dict[str, Meeting] = {}
        self.past: dict[str, Meeting] = {}
        """Those that are over, by UUID; the newest thousand."""
        self.told: Told | None = None
        """Who is told what the enterprise push tells."""
        self.began: Callable[[Meeting], None] | None = None
        self._now_ms = now_ms
        self._push_types = push_types
        self._rng = Random(seed)  # noqa: S311 -- IDs to be repeated, no secret
        self._poor_sites: set[str] = set()
        self._people = 0
        self._ids = 990_000_000

    def start_meeting(self, meeting_id: str | None = None, *, captions: bool = False, **more: Any) -> Meeting:
        """Hold a meeting; `more` are members of Meeting. Raises ValueError where one is on under the ID."""
        self._ids += meeting_id is None
        chosen = meeting_id or str(self._ids)
        if chosen in self.on:
            raise ValueError(f"{chosen} is on already")
        drawn = {"meeting_uuid": new_uuid(self._rng), "host_password": self._digits(), "guest_password": self._digits()}
        now_ms = self._now_ms()
        given = {"subject": f"周会 / Weekly sync {chosen}", "push_types": self._push_types, "began_ms": now_ms}
        began = {"captions_began_ms": now_ms if captions else None}
        meeting = Meeting(meeting_id=chosen, **{**drawn, **given, **began, **more})
        self.on[chosen] = meeting
        self._tell("meeting.started", meeting)
        if self.began is not None:
            self.began(meeting)
        return meeting

    def end_meeting(self, meeting_id: str, *, conclude: bool = True) -> None:
        """End a meeting: everyone leaves, then the last push, then the sockets are closed."""
        meeting = self.meeting(meeting_id)
        for pid in list(meeting.people):
            self.leave(meeting_id, pid)
        meeting.on = False
        self.exchange.publish_snapshot(meeting, "ConfDynamicInfoNotify")
        for socket in self.exchange.of_meeting(meeting):
            socket.end()
        self.exchange.forget(meeting)
        del self.on[meeting_id]
        self.past[meeting.meeting_uuid] = meeting
        if len(self.past) > 1_000:
            del self.past[next(iter(self.past))]
        self._tell("meeting.end", meeting)
        if conclude:
            self._tell("meeting.conclude", meeting)

    def meeting(self, meeting_id: str) -> Meeting:
        """Return the meeting that is on under its own ID. Raises NoSuchMeeting."""
        try:
            return self.on[meeting_id]
        except KeyError:
            raise NoSuchMeeting(f"no meeting is on under {meeting_id}") from None

    def join(
        self,
        meeting_id: str,
        person: int | None = None,
        *,
        told: Mapping[str, object] | None = None,
        site: str = HEADQUARTERS,
        joined_ms: int | None = None,
    ) -> str:
        """Let someone in and return their pid: one of the enterprise's people, or whom an attendeeInfo tells of.

        `joined_ms`: they have been there since then, of which nobody was told.
        """
        meeting = self.meeting(meeting_id)
        self._people += 1
        info = told or attendee_info(
            self._people - 1 if person is None else person,
            new_uuid(self._rng),
            self._now_ms() if joined_ms is None else joined_ms,
            chair=not meeting.people,
        )
        self._enter(meeting, msgspec.structs.replace(attender(info), site=site), info)
        return str(info["participantID"])

    def leave(self, meeting_id: str, pid: str) -> None:
        """Let someone go."""
        meeting = self.meeting(meeting_id)
        person = meeting.people.pop(pid)
        meeting.gone[pid] = (person, self._now_ms())
        if any(speaker == pid for speaker, _ in meeting.speakers):
            self.speak(meeting_id, *(speaking for speaking in meeting.speakers if speaking[0] != pid))
        self._change(meeting, "ParticipantsNotify", {"pid": pid, "mode": 1})
        removed = {"mode": 1, "phone": person.number, "userUUID": person.user_uuid, "participantID": pid}
        self._change(meeting, "AttendeesNotify", removed)
        self._tell("meeting.left", meeting, {**person.told(), "leftTime": self._now_ms()})

    def change(self, meeting_id: str, pid: str, **marks: str) -> None:
        """Change what pinfoMap says of someone, such as HAND="1", SHARE="1", MUTE="0"."""
        meeting = self.meeting(meeting_id)
        person = meeting.people[pid]
        person.marks.update(marks)
        self._change(meeting, "ParticipantsNotify", {"pid": pid, "mode": 0, "pinfoMap": marks})
        if "MUTE" in marks:
            self._change(meeting, "AttendeesNotify", person.attendee())

    def speak(self, meeting_id: str, *speaking: tuple[str, int]) -> None:
        """Let these be the loudest, each with a volume; nobody speaks where there are none."""
        meeting = self.meeting(meeting_id)
        meeting.speakers = tuple(sorted(speaking, key=lambda one: -one[1])[:3])
        self.exchange.publish_snapshot(meeting, "SpeakerChangeNotify")

    def rate(self, meeting_id: str, pid: str, *, poor: bool) -> None:
        """Let someone's quality turn poor, or good again, and tell of it."""
        meeting = self.meeting(meeting_id)
        person, now_ms = meeting.people[pid], self._now_ms()
        turn(person.poor_since_ms, now_ms, on=poor)
        self._change(meeting, "NetConditionNotify", net_condition(person, now_ms))

    def set_uplink(self, site: str, *, poor: bool, at_ms: int | None = None) -> None:
        """Let the way out of a place turn bad, or good again, for all who sit there, and tell of it.

        `at_ms`: it did so then, not now. Who comes there later is heard as badly.
        """
        (self._poor_sites.add if poor else self._poor_sites.discard)(site)
        since_ms = self._now_ms() if at_ms is None else at_ms
        for meeting in list(self.on.values()):
            there = [person for person in meeting.people.values() if person.site == site]
            for person in there:
                turn(person.uplink_poor_ms, since_ms, on=poor)
            if there:
                items = [net_condition(person, self._now_ms()) for person in there]
                self._change(meeting, "NetConditionNotify", *items)

    def measure(self, meeting_id: str) -> None:
        """Tell of everyone's quality once more."""
        meeting = self.meeting(meeting_id)
        items = [net_condition(person, self._now_ms()) for person in meeting.people.values()]
        self._change(meeting, "NetConditionNotify", *items)

    def wait(self, meeting_id: str, person: int = 0) -> str:
        """Let someone come to the waiting room and return their pid."""
        meeting, pid = self.meeting(meeting_id), new_uuid(self._rng)
        waiting = attender(attendee_info(person, pid, self._now_ms(), chair=False))
        meeting.waiting[pid] = waiting
        self._change(meeting, "WaitingListNotify", waiting.waiting())
        return pid

    def admit(self, meeting_id: str, pid: str) -> None:
        """Let someone in from the waiting room."""
        meeting = self.meeting(meeting_id)
        person = meeting.waiting[pid]
        self._change(meeting, "WaitingListNotify", person.waiting(admitted=True))
        self.turn_away(meeting_id, pid)
        person.joined_ms = self._now_ms()
        self._enter(meeting, person, person.told())

    def turn_away(self, meeting_id: str, pid: str) -> None:
        """Let someone leave the waiting room."""
        meeting = self.meeting(meeting_id)
        del meeting.waiting[pid]
        self._change(meeting, "WaitingListNotify", {"pid": pid, "mode": 1, "delType": 0})

    def invite(self, meeting_id: str, number: str, result: str = "0") -> None:
        """Let a call to a number end so; the codes are the reference's."""
        meeting = self.meeting(meeting_id)
        meeting.invited.append((number, result))
        item = {"callNumber": number, "resultCode": result}
        self.exchange.publish(meeting, "InviteResultNotify", {"data": [item]}, full=True)

    def interpret(self, meeting_id: str, groups: list[dict[str, object]]) -> None:
        """Let these be the groups of interpreters."""
        meeting = self.meeting(meeting_id)
        meeting.interpreters = groups
        self.exchange.publish_snapshot(meeting, "InterpreterGroupNotify")

    def control(self, meeting_id: str, **controls: object) -> None:
        """Change what ConfDynamicInfoNotify says, such as lock=1, recState=1."""
        meeting = self.meeting(meeting_id)
        meeting.controls.update(controls)
        self.exchange.publish_snapshot(meeting, "ConfDynamicInfoNotify")

    def switch_captions(self, meeting_id: str, *, on: bool) -> None:
        """Start or stop the captions, as ConfControl does."""
        meeting = self.meeting(meeting_id)
        meeting.captions_began_ms = self._now_ms() if on else None
        self.exchange.publish_snapshot(meeting, "ConfDynamicInfoNotify")

    def caption(
        self, meeting_id: str, pid: str, texts: Mapping[str, str], *, sentence: str, final: bool, spoken_ms: int = 0
    ) -> None:
        """Send one state of a sentence, by language; nothing while captions are off."""
        meeting, now_ms = self.meeting(meeting_id), self._now_ms()
        if meeting.captions_began_ms is None:
            return
        end_ms = now_ms - meeting.captions_began_ms
        data = {
            "msgs": [{"subtitleLang": lang, "translateText": text, "id": sentence} for lang, text in texts.items()],
            "isFinal": final,
            "timestamp": now_ms,
            "beginTime": max(0, end_ms - spoken_ms),
            "endTime": end_ms,
            "participantID": pid,
        }
        self.exchange.publish(meeting, "RealTimeSubtitleNotify", {"data": data}, full=True)

    def _enter(self, meeting: Meeting, person: Attender, info: Mapping[str, object]) -> None:
        meeting.people[person.pid] = person
        if person.site in self._poor_sites:
            turn(person.uplink_poor_ms, self._now_ms(), on=True)
        self._change(meeting, "ParticipantsNotify", person.participant())
        self._change(meeting, "AttendeesNotify", person.attendee())
        self._tell("meeting.join", meeting, info)

    def _change(self, meeting: Meeting, action: str, *items: Mapping[str, object]) -> None:
        self.exchange.publish(meeting, action, {"data": list(items)}, full=False)

    def _tell(self, event: str, meeting: Meeting, attendee: Mapping[str, object] | None = None) -> None:
        if self.told is not None:
            self.told(event, meeting, attendee)

    def _digits(self) -> str:
        return str(self._rng.randrange(100_000, 1_000_000))
