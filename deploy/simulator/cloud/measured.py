"""The quality that is asked for: the service's dashboard data. Public SDK, /v1/metrics: names, limits, units."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from aiohttp import web

from ..events import instant
from .asked import needed, page, user_of
from .attender import Attender
from .cloud import Cloud
from .errors import RequestRefused, bad_request, no_such_meeting
from .meeting import Meeting
from .quality import Figures, figures
from .sites import address

_EVERY_MS: Final = 10_000
"""How far samples lie apart; the service's is not documented."""
_MOST_SAMPLES: Final = 360
_KINDS: Final = ("audio", "video", "screen", "cpu")
_LIMITS: Final = {"latency": 300, "jitter": 50, "packetLoss": 10}


def add_measured(app: web.Application, cloud: Cloud) -> None:
    """Mount the four calls."""

    async def meetings(request: web.Request) -> web.Response:
        _administrator(cloud, request)
        return web.json_response(page(request, [_measured(cloud, meeting) for meeting in cloud.on.values()]))

    async def participants(request: web.Request) -> web.Response:
        _administrator(cloud, request)
        meeting = _asked_meeting(cloud, request)
        there = [_participant(person, 0, cloud.now_ms()) for person in meeting.people.values()]
        gone = [_participant(person, left_ms, left_ms) for person, left_ms in meeting.gone.values()]
        return web.json_response(page(request, there + gone))

    async def series(request: web.Request) -> web.Response:
        _administrator(cloud, request)
        meeting = _asked_meeting(cloud, request)
        kind, pid = needed(request.query, "qosType"), needed(request.query, "participantID")
        if kind not in _KINDS:
            raise bad_request("qosType")
        left = meeting.gone.get(pid)
        person, until_ms = left or (meeting.people.get(pid), cloud.now_ms())
        if person is None:
            raise no_such_meeting()
        taken = [(at_ms, figures(person, at_ms)) for at_ms in _instants(person.joined_ms, until_ms)]
        shown = {"user": _participant(person, left[1] if left else 0, until_ms), "qos": _qos(kind, taken)}
        return web.json_response(shown)

    async def thresholds(request: web.Request) -> web.Response:
        _administrator(cloud, request)
        ways = ("receiving", "receivingDefault", "sending", "sendingDefault")
        limits: dict[str, object] = {name: dict.fromkeys(ways, limit) for name, limit in _LIMITS.items()}
        return web.json_response(limits | {"clientCpuMax": 80, "systemCpuMax": 90})

    app.router.add_get("/v1/metrics/conferences/online", meetings)
    app.router.add_get("/v1/metrics/conference/participants", participants)
    app.router.add_get("/v1/metrics/conference/participant/qos", series)
    app.router.add_get("/v1/metrics/conference/threshold", thresholds)


def _administrator(cloud: Cloud, request: web.Request) -> None:
    if user_of(cloud, request):
        raise RequestRefused(403, "MMC.111070005", "NO_RIGHT")


def _asked_meeting(cloud: Cloud, request: web.Request) -> Meeting:
    meeting_uuid, kind = needed(request.query, "confUUID"), needed(request.query, "confType")
    if kind not in ("online", "history"):
        raise bad_request("confType")
    meetings = {meeting.meeting_uuid: meeting for meeting in cloud.on.values()} if kind == "online" else cloud.past
    if meeting_uuid not in meetings:
        raise no_such_meeting()
    return meetings[meeting_uuid]


def _measured(cloud: Cloud, meeting: Meeting) -> dict[str, object]:
    measured = [figures(person, cloud.now_ms()) for person in meeting.people.values()]
    poor = any(now.poor or now.uplink_poor for now in measured)
    return {
        "confUUID": meeting.meeting_uuid,
        "conferenceID": meeting.meeting_id,
        "subject": meeting.subject,
        **_alarms(("alarm", "audioAlarm", "videoAlarm"), poor=poor),
        **_alarms(("screenAlarm", "cpuAlarm"), poor=False),
        "startTime": meeting.began_ms,
        "endTime": 0,
        "duration": 0,
        "participants": len(meeting.people),
        "webinar": meeting.webinar,
    }


def _participant(person: Attender, left_ms: int, at_ms: int) -> dict[str, object]:
    now = figures(person, at_ms)
    heard_badly = now.poor or now.uplink_poor
    return {
        "participantID": person.pid,
        "userUUID": person.user_uuid,
        "displayName": person.name,
        "deptName": "研发部",
        "terminalType": {"Desktop": "PC", "Mobile": "MOBILE"}.get(person.login_type, "OTHER"),
        "role": "host" if person.chair else "guest",
        "ipAddress": "192.0.2.10",
        **address(person.site),
        "appVersion": "90.1.0",
        "joinTime": person.joined_ms,
        "leftTime": left_ms,
        "systemInfo": "Windows 10",
        "networkType": "wifi",
        **_alarms(("alarm", "audioAlarmSend", "videoAlarmSend"), poor=heard_badly),
        **_alarms(("audioAlarmRec", "videoAlarmRec"), poor=now.poor),
        **_alarms(("screenAlarmSend", "screenAlarmRec", "cpuAlarm"), poor=False),
        "dataCenter": "cn-east",
        "leftReason": 0,
        "existQos": True,
    }


def _alarms(names: tuple[str, ...], *, poor: bool) -> dict[str, str]:
    return dict.fromkeys(names, "YES" if poor else "NO")


def _instants(joined_ms: int, until_ms: int) -> Iterator[int]:
    """Yield when samples were taken: at the same instants however often one asks."""
    first = joined_ms + _EVERY_MS
    oldest = max(first, first + ((until_ms - first) // _EVERY_MS - _MOST_SAMPLES + 1) * _EVERY_MS)
    yield from range(oldest, until_ms + 1, _EVERY_MS)


def _qos(kind: str, taken: list[tuple[int, Figures]]) -> dict[str, object]:
    if kind == "cpu":
        own = [_sample(at_ms, now.cpu_pct, 80) for at_ms, now in taken]
        whole = [_sample(at_ms, min(100, now.cpu_pct + 5), 90) for at_ms, now in taken]
        return {"type": kind, "cpu": {"client_cpu_max": own, "system_cpu_max": whole}}
    return {"type": kind, "send": _way(kind, taken, sent=True), "receive": _way(kind, taken, sent=False)}


def _way(kind: str, taken: list[tuple[int, Figures]], *, sent: bool) -> dict[str, object]:
    """Return one direction; what is received fares half as badly, and has nothing of what is wrong with the way out."""
    rates = {"audio": "audio_kbps", "video": "video_kbps", "screen": "screen_kbps"}
    loss = "audio_loss_pct" if kind == "audio" else "video_loss_pct"
    losses = [getattr(now, loss) + now.uplink_loss_pct if sent else getattr(now, loss) // 2 for _, now in taken]
    jitters = [now.jitter_ms + now.uplink_jitter_ms if sent else now.jitter_ms // 2 for _, now in taken]
    times = [at_ms for at_ms, _ in taken]
    way: dict[str, object] = {
        "bitrate": [{"time": _told(at_ms), "value": str(getattr(now, rates[kind]))} for at_ms, now in taken],
        "latency": [_sample(at_ms, now.delay_ms, _LIMITS["latency"]) for at_ms, now in taken],
        "jitter": [_sample(at_ms, told, _LIMITS["jitter"]) for at_ms, told in zip(times, jitters, strict=True)],
        "packet_loss_max": [
            _sample(at_ms, told, _LIMITS["packetLoss"]) for at_ms, told in zip(times, losses, strict=True)
        ],
    }
    if kind != "audio":
        way["resolution"] = [{"time": _told(at_ms), "value": "1280*720"} for at_ms, _ in taken]
        way["frame"] = [{"time": _told(at_ms), "value": 8 if now.poor else 25} for at_ms, now in taken]
    return way


def _sample(at_ms: int, value: int, threshold: int) -> dict[str, object]:
    return {"time": _told(at_ms), "value": value, "alarm": value > threshold, "threshold": threshold}


def _told(at_ms: int) -> str:
    at: datetime = instant(at_ms)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at_ms % 1_000:03}Z"
