"""The meetings that are on, and the tokens that listening to one takes: requests, and what their answers say. Pure.

Facts from the SDK's models of "conferences/online" and from "Querying a conference control token" and "Querying a
WebSocket token" of the service's API reference.
"""

import base64
from datetime import datetime, timedelta
from typing import Final

import msgspec

from schemas.ids import MeetingId, MeetingUuid
from schemas.settings import Secret

from .ask import Ask
from .errors import Faulty
from .reading import Members, at_ms, inner, members, number, rows, text, texts

# The most that a page of any of the service's lists holds.
PAGE: Final = 500

# A control token lives for 30 min ("Querying a conference control token").
_CONTROL_LIFE_S: Final = 1_800
# A lifetime beyond this is none: perhaps a timestamp; no answer with a real one was ever seen.
_LONGEST_LIFE_S: Final = 86_400
_CHAIR: Final = "chair"


class OnlineMeeting(msgspec.Struct, frozen=True, kw_only=True):
    """One meeting that is on, as the list or its own detail has it."""

    meeting_id: MeetingId
    """Its own ID, not its room's."""
    meeting_uuid: MeetingUuid | None = None
    cycle_sub_id: str | None = None
    subject: str | None = None
    scheduler: str | None = None
    state: str | None = None
    """Schedule, Creating, Created or Destroyed."""
    room_id: str | None = None
    """The fixed ID of the personal or cloud room that it is held in; the enterprise push may name this one."""
    host_password: Secret | None = None

    def __repr__(self) -> str:
        """Show which one; subject and scheduler are content."""
        return f"<OnlineMeeting {self.meeting_id}>"


class ControlToken(msgspec.Struct, frozen=True, kw_only=True):
    """What lets one listen to a meeting and ask for its sockets."""

    token: Secret
    ws_url: str
    """wss://host[:port]; the host may be an IP address."""
    expires_at: datetime
    """By our clock."""
    push_types: tuple[str, ...] | None = None
    """Which pushes this meeting has; None where the service does not say."""
    current_meeting_id: str | None = None
    """For a room: the meeting that is on in it."""

    def __repr__(self) -> str:
        """Show until when."""
        return f"<ControlToken until {self.expires_at:%Y-%m-%dT%H:%M:%SZ}>"

    def authorization(self) -> Secret:
        """Return the token as headers and Subscribe carry it."""
        return Secret("Basic " + base64.b64encode(self.token.reveal().encode()).decode())


def ask_online(offset: int, *, own: bool = False) -> Ask:
    """Return the request for one page of the meetings that are on: the enterprise's, which an administrator alone may
    ask for, or one's own."""
    return Ask(
        name="online_meetings",
        path="/v1/mmc/management/conferences/online",
        query={"queryAll": "false" if own else "true", "offset": str(offset), "limit": str(PAGE)},
    )


def ask_meeting(meeting_id: str) -> Ask:
    """Return the request for one meeting's detail, with as few of its participants as can be asked for."""
    return Ask(
        name="meeting",
        path="/v1/mmc/management/conferences/online/confDetail",
        query={"conferenceID": meeting_id, "offset": "0", "limit": "1"},
    )


def ask_control(meeting_id: str, password: Secret | None, keep: ControlToken | None) -> Ask:
    """Return the request for a control token, or for keeping one alive: then the password is for its having ended."""
    headers = {"X-Password": password.reveal() if password else "", "X-Login-Type": "1"}
    if keep is not None:
        headers["X-Conference-Authorization"] = keep.authorization().reveal()
    return Ask(
        name="control_token",
        path="/v1/mmc/control/conferences/token",
        query={"conferenceID": meeting_id},
        headers=headers,
    )


def ask_socket(meeting_id: str, control: ControlToken) -> Ask:
    """Return the request for a socket token: for one connection, within one minute.

    GET, as the page's address, its cURL example and the SDK have it; one line of the page says PUT.
    """
    return Ask(
        name="socket_token",
        path="/v1/mmc/control/conferences/wsToken",
        query={"conferenceID": meeting_id},
        headers={"X-Conference-Authorization": control.authorization().reveal()},
    )


def meeting_of(row: Members) -> OnlineMeeting | None:
    """Read one ConferenceInfo; None where it has no ID."""
    meeting_id, uuid = text(row.get("conferenceID")), text(row.get("confUUID"))
    if meeting_id is None:
        return None
    return OnlineMeeting(
        meeting_id=MeetingId(meeting_id),
        meeting_uuid=MeetingUuid(uuid) if uuid else None,
        cycle_sub_id=text(row.get("cycleSubConfID")),
        subject=text(row.get("subject")),
        # The service's spelling.
        scheduler=text(row.get("scheduserName")),
        state=text(row.get("conferenceState")),
        room_id=text(row.get("vmrConferenceID")),
        host_password=_host_password(row),
    )


def detail_of(body: bytes) -> OnlineMeeting:
    """Read the answer to `ask_meeting`. Raises Faulty."""
    found = meeting_of(inner(members(body), "conferenceData"))
    if found is None:
        raise Faulty
    return found


def control_of(body: bytes, *, now: datetime, encrypted: bool = True) -> ControlToken:
    """Read the answer to `ask_control`. Raises Faulty where it has no token, or no address for sockets.

    `encrypted`: take no address to which tokens would go in the clear.
    """
    found = inner(members(body), "data")
    token, ws_url = text(found.get("token")), text(found.get("wsURL"))
    if token is None or ws_url is None or not ws_url.startswith("wss://" if encrypted else ("wss://", "ws://")):
        raise Faulty
    return ControlToken(
        token=Secret(token),
        ws_url=ws_url.rstrip("/"),
        expires_at=_end(found, now),
        push_types=texts(found.get("supportNotifyType")),
        current_meeting_id=text(found.get("vmrCurrentConfID")),
    )


def socket_of(body: bytes) -> Secret:
    """Read the answer to `ask_socket`. Raises Faulty."""
    token = text(members(body).get("webSocketToken"))
    if token is None:
        raise Faulty
    return Secret(token)


def _host_password(row: Members) -> Secret | None:
    for entry in rows(row, "passwordEntry"):
        password = text(entry.get("password"))
        if entry.get("conferenceRole") == _CHAIR and password:
            return Secret(password)
    return None


def _end(found: Members, now: datetime) -> datetime:
    """Return when a control token ends: the earlier of what its lifetime and its end say, as far as they make sense."""
    seconds = number(found.get("confTokenExpireTime"))
    lives = seconds is not None and 0 < seconds <= _LONGEST_LIFE_S
    by_life = now + timedelta(seconds=seconds if lives and seconds else _CONTROL_LIFE_S)
    by_end = at_ms(found.get("expireTime"))
    # An end in the past, or days ahead, is another clock's.
    if by_end is None or not now < by_end <= now + timedelta(seconds=_LONGEST_LIFE_S):
        return by_life
    return min(by_life, by_end) if lives else by_end
