"""Which meetings are on, and the two tokens that lead to a socket. REST calls of the meeting push reference and SDK."""

from datetime import UTC

from aiohttp import web

from ..events import instant, milliseconds
from .asked import needed, page, user_of
from .cloud import Cloud
from .errors import RequestRefused, bad_request, no_such_meeting
from .meeting import Meeting
from .tokens import Held, bare

_HOUR_MS = 3_600_000


def add_conferences(app: web.Application, cloud: Cloud) -> None:
    """Mount the four calls."""

    async def online(request: web.Request) -> web.Response:
        user, wanted = user_of(cloud, request), request.query.get("searchKey", "")
        everyone = request.query.get("queryAll", "false") == "true"
        if everyone and user:
            raise RequestRefused(403, "MMC.111070005", "NO_RIGHT")
        meetings = sorted(cloud.on.values(), key=lambda meeting: meeting.began_ms)
        shown = [
            _listed(meeting) | {"onlineAttendeeAmount": len(meeting.people)}
            for meeting in meetings
            if (everyone or meeting.scheduler == user) and wanted in f"{meeting.subject}{meeting.meeting_id}"
        ]
        return web.json_response(page(request, shown))

    async def detail(request: web.Request) -> web.Response:
        user_of(cloud, request)
        meeting = _found(cloud, needed(request.query, "conferenceID"))
        people = [
            {"participantID": person.pid, "name": person.name, "subscriberID": person.number, "role": int(person.chair)}
            for person in meeting.people.values()
        ]
        passwords = [
            {"conferenceRole": "chair", "password": meeting.host_password},
            {"conferenceRole": "general", "password": meeting.guest_password},
        ]
        shown = _listed(meeting) | {"passwordEntry": passwords}
        return web.json_response({"conferenceData": shown, "data": page(request, people)})

    async def control_token(request: web.Request) -> web.Response:
        meeting = _found(cloud, needed(request.query, "conferenceID"))
        if needed(request.headers, "X-Login-Type") != "1":
            raise bad_request("X-Login-Type")
        held = _kept(cloud, meeting, request.headers.get("X-Conference-Authorization", ""))
        if held is None:
            if request.headers.get("X-Password") != meeting.host_password:
                raise no_such_meeting()
            held = new_control_token(cloud, meeting)
        return web.json_response(_control(cloud, meeting, held))

    async def socket_token(request: web.Request) -> web.Response:
        meeting = _found(cloud, needed(request.query, "conferenceID"))
        held = cloud.control_tokens.find(bare(needed(request.headers, "X-Conference-Authorization")))
        if held is None or held.holder != meeting.meeting_uuid:
            # A public client takes this code of this call for "the control token is over, get a new one".
            raise RequestRefused(401, "MMC.111072065", "CONF_NOT_FOUND_OR_AUTH_FAILED")
        given = cloud.socket_tokens.give(meeting.meeting_uuid, cloud.options.socket_token_s)
        return web.json_response({"webSocketToken": given.token})

    app.router.add_get("/v1/mmc/management/conferences/online", online)
    app.router.add_get("/v1/mmc/management/conferences/online/confDetail", detail)
    app.router.add_get("/v1/mmc/control/conferences/token", control_token)
    app.router.add_get("/v1/mmc/control/conferences/wsToken", socket_token)


def new_control_token(cloud: Cloud, meeting: Meeting) -> Held:
    """Give a control token, which is over at once where that was asked for."""
    return cloud.control_tokens.give(
        meeting.meeting_uuid, 0 if cloud.faults.of_control_token() else cloud.options.control_token_s
    )


def _found(cloud: Cloud, meeting_id: str) -> Meeting:
    """Return the meeting that is on under its own ID; not by a room's."""
    meeting = cloud.on.get(meeting_id)
    if meeting is None:
        raise no_such_meeting()
    return meeting


def _kept(cloud: Cloud, meeting: Meeting, authorization: str) -> Held | None:
    """Return a control token whose life begins anew; None where it is over or another meeting's."""
    held = cloud.control_tokens.find(bare(authorization))
    if held is None or held.holder != meeting.meeting_uuid:
        return None
    held.until = max(held.until, cloud.control_tokens.end_of(cloud.options.control_token_s))
    return held


def _control(cloud: Cloud, meeting: Meeting, held: Held) -> dict[str, object]:
    return {
        "data": {
            "token": held.token,
            "tmpWsToken": f"cnr{'0' * 48}",
            "wsURL": cloud.socket_url,
            "role": 1,
            "expireTime": milliseconds(held.until),
            "userID": meeting.scheduler_uuid,
            "orgID": "44252",
            "participantID": None,
            "confTokenExpireTime": cloud.options.control_token_s,
            "vmrCurrentConfID": meeting.meeting_id if meeting.room_id else None,
            "supportNotifyType": list(meeting.push_types),
        },
        "addressToken": f"cnr{'0' * 47}2",
        "gloablPublicIP": "meeting.example.com",
    }


def _listed(meeting: Meeting) -> dict[str, object]:
    return {
        "conferenceID": meeting.meeting_id,
        "confUUID": meeting.meeting_uuid,
        "cycleSubConfID": meeting.cycle_sub_id,
        "subject": meeting.subject,
        "scheduserName": meeting.scheduler,
        "userUUID": meeting.scheduler_uuid,
        "startTime": _minute(meeting.began_ms),
        "endTime": _minute(meeting.began_ms + _HOUR_MS),
        "timeZoneID": "56",
        "conferenceState": "Created",
        "confMode": "COMMON" if meeting.mixed else "RTC",
        "webinar": meeting.webinar,
        "vmrFlag": int(meeting.room_id is not None),
        "vmrConferenceID": meeting.room_id or "",
        "conferenceType": 2 if meeting.cycle_sub_id else 0,
    }


def _minute(at_ms: int) -> str:
    return f"{instant(at_ms).astimezone(UTC):%Y-%m-%d %H:%M}"
