"""The cloud's end of a meeting's WebSocket: Subscribe, HeartBeat, ConfControl. Meeting push reference."""

import asyncio
from typing import Any

import msgspec
from aiohttp import WSMsgType, web

from .cloud import Cloud
from .conferences import new_control_token
from .meeting import Meeting
from .open_socket import Socket
from .tokens import bare

# Not documented, as all close codes.
_REFUSED = 1008


def add_socket(app: web.Application, cloud: Cloud) -> None:
    """Mount the WebSocket."""

    async def connect(request: web.Request) -> web.WebSocketResponse:
        response = web.WebSocketResponse(compress=cloud.options.deflate, max_msg_size=1_048_576, timeout=1.0)
        await response.prepare(request)
        held = cloud.socket_tokens.take(request.query.get("tmpToken", ""))
        meeting = cloud.on.get(request.query.get("confID", ""))
        transport = request.transport
        if held is None or meeting is None or held.holder != meeting.meeting_uuid or transport is None:
            await response.close(code=_REFUSED)
            return response
        cloud.sockets_opened += 1
        socket = Socket(cloud.sockets_opened, meeting.meeting_uuid, response, transport, cloud.clock.now())
        await _served(cloud, meeting, socket, response)
        return response

    app.router.add_get("/cms/open/websocket/confctl/increment/conn", connect)


async def _served(cloud: Cloud, meeting: Meeting, socket: Socket, response: web.WebSocketResponse) -> None:
    cloud.exchange.add(socket)
    cloud.announce()
    writing = asyncio.create_task(socket.write())
    try:
        async for message in response:
            if message.type is WSMsgType.TEXT:
                _answer(cloud, meeting, socket, message.data)
    finally:
        cloud.exchange.remove(socket)
        cloud.announce()
        if not socket.ending:
            writing.cancel()
        # A close frame of ours waits for the other side's.
        await asyncio.wait([writing])


def _answer(cloud: Cloud, meeting: Meeting, socket: Socket, text: str) -> None:
    asked = _object(text)
    action, sequence = asked.get("action"), asked.get("sequence")
    if action == "HeartBeat":
        socket.heard = cloud.clock.now()
        _reply(socket, {"sequence": sequence, "action": action})
    elif action == "Subscribe":
        _subscribe(cloud, meeting, socket, sequence, _data(asked))
    elif action == "ConfControl":
        _control(cloud, meeting, socket, asked, _data(asked))


def _subscribe(cloud: Cloud, meeting: Meeting, socket: Socket, sequence: object, data: dict[str, Any]) -> None:
    types, until = data.get("subscribeType"), _until(cloud, meeting, data)
    code = cloud.faults.of_subscribe()
    if code is None and (until is None or not isinstance(types, list) or not types):
        code = 111072065
    # The reference has the key with its trailing space, in every language.
    told = {"returnCode": code or 0, "returnDesc ": "AUTH_FAILED" if code else "SUCCESS"}
    _reply(socket, {"action": "Subscribe", "sequence": sequence, "data": told})
    if code:
        return
    socket.types = frozenset(str(kind) for kind in types or ())
    socket.token_until = until
    cloud.exchange.greet(socket, meeting)
    cloud.announce()


def _control(cloud: Cloud, meeting: Meeting, socket: Socket, asked: dict[str, Any], data: dict[str, Any]) -> None:
    """Answer in the layout that one public client parses; no reply of the service's was ever seen."""
    reply: dict[str, object] = {"action": "ConfControl", "sequence": asked.get("sequence")}
    if _until(cloud, meeting, data) is None:
        _reply(socket, reply | {"data": {"returnCode": 111072065}})
    elif asked.get("type") == "REFRESHTOKEN":
        held = new_control_token(cloud, meeting)
        socket.token_until = held.until
        given = {"token": held.token, "wsURL": cloud.socket_url, "confTokenExpireTime": cloud.options.control_token_s}
        _reply(socket, reply | {"data": {"data": given}})
    elif asked.get("type") == "REALTIMESUBTITLE":
        _reply(socket, reply | {"data": {"returnCode": 0}})
        cloud.switch_captions(meeting.meeting_id, on=str(data.get("isSubtitle", "1")) == "1")


def _until(cloud: Cloud, meeting: Meeting, data: dict[str, Any]) -> Any:
    held = cloud.control_tokens.find(bare(str(data.get("confToken", ""))))
    return held.until if held is not None and held.holder == meeting.meeting_uuid else None


def _reply(socket: Socket, frame: dict[str, object]) -> None:
    if not socket.frozen:
        socket.put(msgspec.json.encode(frame).decode())


def _data(asked: dict[str, Any]) -> dict[str, Any]:
    """Return what stands in `data`: every example has it as a JSON string, the table as an object."""
    data = asked.get("data")
    if isinstance(data, dict):
        return data
    return _object(data) if isinstance(data, str) else {}


def _object(text: str) -> dict[str, Any]:
    try:
        decoded = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return {}
    return decoded if isinstance(decoded, dict) else {}
