"""Someone in a meeting, or in its waiting room, in the words of the pushes. Pure.

Meeting push reference, ParticipantsNotify, AttendeesNotify and WaitingListNotify: tables and samples.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from ..people import PEOPLE, Person
from .sites import HEADQUARTERS

_ORG_ID: Final = "44252"
_LOGIN_TYPES: Final = {"desktop": "Desktop", "mobile": "Mobile"}


class Attender(msgspec.Struct, kw_only=True):
    """One visit: whoever comes back is a new one."""

    pid: str
    name: str
    number: str = ""
    account: str = ""
    user_uuid: str = ""
    login_type: str = "OtherType"
    chair: bool = False
    joined_ms: int
    marks: dict[str, str]
    """What of pinfoMap changes during a visit: MUTE, HAND, SHARE, CAMERASTATE, …"""
    poor_since_ms: list[tuple[int, int | None]]
    """Spans in which the quality was poor; the last may be open."""
    site: str = HEADQUARTERS
    """The city that they sit in."""
    uplink_poor_ms: list[tuple[int, int | None]] = []
    """The same of their way out alone: the others hear them badly."""

    def __repr__(self) -> str:
        """Show no name."""
        return f"<Attender {self.pid}>"

    @property
    def anonymous(self) -> bool:
        """Whether they came without an account."""
        return not self.account

    def participant(self) -> dict[str, object]:
        """Return their item of ParticipantsNotify: every value is a string."""
        told = {
            "NAME": self.name,
            "TEL": self.number,
            "ROLE": "1" if self.chair else "0",
            "STATE": "0",
            "ADDTIME": str(self.joined_ms),
            "ANONYMOUS": str(int(self.anonymous)),
            "CLIENT_LOGIN_TYPE": self.login_type,
            "ORG_ID": _ORG_ID,
            "ACCOUNT_ID": self.user_uuid,
            "ACCOUNT": self.account,
            "THIRDACCOUNT": self.account,
            "RTC_USER_ID": self.pid,
            "VIDEO": "1",
            "M": "1",
            "T": "1",
        }
        return {"pid": self.pid, "mode": 0, "pinfoMap": told | self.marks}

    def attendee(self) -> dict[str, object]:
        """Return their item of AttendeesNotify."""
        return {
            "mode": 0,
            "orgID": _ORG_ID,
            "participantID": self.pid,
            "thirdAccount": self.account,
            "phone": self.number,
            "accountId": self.account,
            "userUUID": self.user_uuid,
            "name": self.name,
            "role": int(self.chair),
            "email": f"{self.account}@example.com" if self.account else "",
            "sms": "",
            "isMute": int(self.marks["MUTE"]),
            "isAutoInvite": 0,
            "type": "anonymous" if self.anonymous else "normal",
            "deptUUID": "ff808081689de0d901689df549fe0009",
            "deptName": "研发部",
            "hidePhone": False,
            "isNotOverlayPidName": False,
        }

    def waiting(self, *, admitted: bool = False) -> dict[str, object]:
        """Return their item of WaitingListNotify."""
        told = {
            "NAME": self.name,
            "ORG_ID": _ORG_ID,
            "ACCOUNT_ID": self.user_uuid,
            "ANONYMOUS": str(int(self.anonymous)),
            "ACCOUNT": self.account,
            "CLIENT_LOGIN_TYPE": self.login_type,
            "TEL": self.number,
            "THIRDACCOUNT": self.account,
            "ADDTIME": str(self.joined_ms),
            "WAITINGSTATE": str(int(admitted)),
        }
        return {"pid": self.pid, "mode": 0, "delType": 0, "pinfoMap": told}

    def told(self) -> dict[str, object]:
        """Return attendeeInfo as the enterprise push tells it, who came now."""
        members = {
            "userUUID": self.user_uuid,
            "account": self.account,
            "participantID": self.pid,
            "displayName": self.name,
            "joinTime": self.joined_ms,
            "leftTime": 0,
            "role": "CHAIR" if self.chair else "GENERAL",
            "callNumber": self.number,
        }
        return {key: value for key, value in members.items() if value != ""}


def attender(told: Mapping[str, object]) -> Attender:
    """Return who is told of by an attendeeInfo of the enterprise push."""
    word = {key: value for key, value in told.items() if isinstance(value, str)}
    kind = word.get("userAgent", "").rpartition("-")[2]
    joined = told.get("joinTime")
    return Attender(
        pid=word["participantID"],
        name=word.get("displayName", ""),
        number=word.get("callNumber", ""),
        account=word.get("account", ""),
        user_uuid=word.get("userUUID", ""),
        login_type=_LOGIN_TYPES.get(kind, "OtherType"),
        chair=word.get("role") == "CHAIR",
        joined_ms=joined if isinstance(joined, int) else 0,
        marks=_arrived(),
        poor_since_ms=[],
    )


def attendee_info(person: Person | int, pid: str, joined_ms: int, *, chair: bool) -> dict[str, object]:
    """Return the attendeeInfo of one of the enterprise's people, by number where it is not theirs to choose."""
    chosen = PEOPLE[person % len(PEOPLE)] if isinstance(person, int) else person
    return chosen.attendee(pid, joined_ms, 0, chair=chair)


def _arrived() -> dict[str, str]:
    off = ("HAND", "BROADCAST", "ROLLCALL", "SHARE", "LOCALREC", "LOCKED_VIEW", "ALLOW_CLIENT_REC", "CLIENT_REC_STATE")
    more = ("ROLE_SWITCH_OVER", "IS_COHOST", "INVITE_SHARE_STATE", "VIEW_TYPE")
    on = {"MUTE": "1", "CAMERASTATE": "1", "IS_SVC": "1", "CLIENT_CAPABILITIES": "1,3"}
    return dict.fromkeys((*off, *more), "0") | on
