"""What a test in another process does to the cloud: /simulator/…, which no service has; on loopback only."""

from typing import Any

import msgspec
from aiohttp import web

from .asked import body_of
from .cloud import Cloud
from .errors import NoSuchMeeting, bad_request
from .faults import RestFault, SocketFault


def add_backstage(app: web.Application, cloud: Cloud) -> None:
    """Mount it."""

    async def state(request: web.Request) -> web.Response:
        sockets = cloud.sockets()
        return web.json_response(
            {
                "meetings": len(cloud.on),
                "sockets": len(sockets),
                "subscribed": sum(bool(socket.types) for socket in sockets),
                "opened": cloud.sockets_opened,
                "frames": cloud.ledger.count,
                "actions": dict(cloud.ledger.actions),
            }
        )

    async def sent(request: web.Request) -> web.Response:
        return web.Response(body=cloud.ledger.lines(), content_type="application/jsonl")

    async def act(request: web.Request) -> web.Response:
        body = await body_of(request)
        try:
            return web.json_response({"done": await _done(cloud, request.match_info["act"], body)})
        except (NoSuchMeeting, KeyError, TypeError, ValueError, msgspec.ValidationError):
            raise bad_request(request.match_info["act"]) from None

    app.router.add_get("/simulator/state", state)
    app.router.add_get("/simulator/sent", sent)
    app.router.add_post("/simulator/{act}", act)


async def _done(cloud: Cloud, act: str, body: dict[str, Any]) -> object:
    """Do an act and return what it gives, such as the ID of what began."""
    times, meeting_id = body.get("times", 1), body.get("meeting_id")
    match act:
        case "start":
            return cloud.start_meeting(**body).meeting_id
        case "join":
            return cloud.join(body["meeting_id"])
        case "uplink":
            cloud.set_uplink(body["site"], poor=body["poor"])
        case "cut":
            return cloud.cut_sockets(meeting_id)
        case "end":
            cloud.end_meeting(body["meeting_id"])
        case "leave":
            cloud.leave(body["meeting_id"], body["pid"])
        case "push":
            await cloud.push(body["meeting_id"], body["frame"])
        case "freeze":
            cloud.freeze_sockets(meeting_id)
        case "frames":
            cloud.faults.next_frames(SocketFault(body["fault"]), times, meeting_id=meeting_id)
        case "requests":
            cloud.faults.next_requests(msgspec.convert(body["fault"], RestFault), times, path=body.get("path", ""))
        case "subscribes":
            cloud.faults.next_subscribes(times)
        case "expire":
            kinds = {"access": cloud.access_tokens, "control": cloud.control_tokens, "socket": cloud.socket_tokens}
            kinds[body["tokens"]].end_all()
        case _:
            raise ValueError(act)
    return None
