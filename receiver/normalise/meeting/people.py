"""Who is in a meeting, who is invited, who waits: rosters and changes of them. Pure."""

from collections.abc import Callable
from typing import Any

from schemas.events import ParticipantChanged, ParticipantGone, ParticipantsEvent, Person, RosterReplaced
from schemas.push.roster import Attendee, Attendees, InMeeting, Participants, Pinfo, WaitingList

from .codes import PRESENCE, ROLES, VIEWING, WAITING
from .state import Common
from .values import at, either, flag, text, word

_NOTHING_SAID = Pinfo()


def participants(push: Participants, common: Common, snapshot: str) -> list[ParticipantsEvent]:
    """Return who is in the meeting, or who came, changed and went."""
    return _roster("participants", push.msgMode, push.data, _participant, common, snapshot)


def waiting(push: WaitingList, common: Common, snapshot: str) -> list[ParticipantsEvent]:
    """Return who is in the waiting room, or who came, changed and went."""
    return _roster("waiting", push.msgMode, push.data, _waiting, common, snapshot)


def invited(push: Attendees, common: Common, snapshot: str) -> list[ParticipantsEvent]:
    """Return who is invited, or who was added, changed and removed."""
    return _roster("invited", push.msgMode, push.data, _attendee, common, snapshot)


def _roster(
    roster: str,
    msg_mode: int | None,
    items: list[Any] | None,
    person: Callable[[Any], Person],
    common: Common,
    snapshot: str,
) -> list[ParticipantsEvent]:
    """Return one whole roster, or an event a person. Who is marked as gone in a full frame is not on the roster."""
    if msg_mode == 0:
        people = [person(item) for item in items or () if item.mode != 1]
        return [RosterReplaced(**common, roster=roster, snapshot_id=snapshot, part=1, parts=1, people=people)]
    return [
        (ParticipantGone if item.mode == 1 else ParticipantChanged)(**common, roster=roster, person=person(item))
        for item in items or ()
    ]


def _participant(item: InMeeting) -> Person:
    said = item.pinfoMap or _NOTHING_SAID
    return _person(item, said, word(said.STATE, PRESENCE))


def _waiting(item: InMeeting) -> Person:
    said = item.pinfoMap or _NOTHING_SAID
    return _person(item, said, word(said.WAITINGSTATE, WAITING))


def _person(item: InMeeting, said: Pinfo, state: str | None) -> Person:
    return Person(
        participant_id=str(item.pid),
        name=text(said.NAME),
        call_number=text(said.TEL),
        account=text(said.ACCOUNT),
        account_id=text(said.ACCOUNT_ID),
        third_account=text(said.THIRDACCOUNT),
        organisation_id=text(said.ORG_ID),
        role=word(said.ROLE, ROLES),
        co_host=flag(said.IS_COHOST),
        state=state,
        client_type=either(said.CLIENT_LOGIN_TYPE, said.CLICENT_LOGIN_TYPE),
        joined_at=at(said.ADDTIME),
        anonymous=flag(said.ANONYMOUS),
        hand_raised=flag(said.HAND),
        muted=flag(said.MUTE),
        video=flag(said.VIDEO),
        camera_on=flag(said.CAMERASTATE),
        sharing=flag(said.SHARE),
        broadcast=flag(said.BROADCAST),
        called_upon=flag(said.ROLLCALL),
        recording=flag(said.LOCALREC),
        viewing=word(said.VIEW_TYPE, VIEWING),
    )


def _attendee(item: Attendee) -> Person:
    return Person(
        participant_id=text(item.participantID),
        user_uuid=text(item.userUUID),
        name=text(item.name),
        call_number=text(item.phone),
        email=text(item.email),
        account_id=text(item.accountId),
        third_account=text(item.thirdAccount),
        organisation_id=either(item.orgId, item.orgID),
        department=text(item.deptName),
        department_id=text(item.deptUUID),
        kind=text(item.type),
        role=word(item.role, ROLES),
        muted=flag(item.isMute),
        invited_automatically=flag(item.isAutoInvite),
    )
