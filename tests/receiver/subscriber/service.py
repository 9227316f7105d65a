"""A small service: real sockets that do what a test says, and the REST client's answers for them."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import aiohttp
import msgspec
from aiohttp import web

from receiver.cloud.errors import NOT_FOUND_CODE, CloudError, NotFound
from receiver.cloud.meetings import ControlToken, OnlineMeeting
from schemas.ids import MeetingId, MeetingUuid
from schemas.settings import Secret

PATH: Final = "/cms/open/websocket/confctl/increment/conn"
Answers = Callable[["Line", dict[str, Any]], Awaitable[None]]


class Line:
    """One socket, as the service has it."""

    def __init__(self, meeting_id: str, response: web.WebSocketResponse, transport: asyncio.Transport) -> None:
        self.meeting_id = meeting_id
        self.response = response
        self._transport = transport
        self.said: list[str] = []
        self.is_over = asyncio.Event()
        self.news = asyncio.Event()

    async def hears(self, action: str) -> None:
        """Return once such a frame has come."""
        async with asyncio.timeout(60):
            while action not in self.said:
                self.news.clear()
                await self.news.wait()

    async def push(self, action: str, **members: Any) -> None:
        """Push one frame."""
        await self.send({"action": action, "confID": self.meeting_id, **members})

    async def send(self, frame: dict[str, Any]) -> None:
        """Send one text frame."""
        await self.response.send_str(msgspec.json.encode(frame).decode())

    async def close(self) -> None:
        """Close it as the service does: no reason is given."""
        await self.response.close()

    def cut(self) -> None:
        """Take the connection away."""
        self._transport.abort()


async def polite(line: Line, frame: dict[str, Any]) -> None:
    """Answer as the reference has it."""
    if frame["action"] == "Subscribe":
        reply = {"returnCode": 0, "returnDesc ": "SUCCESS"}
        await line.send({"action": "Subscribe", "sequence": frame["sequence"], "data": reply})
    elif frame["action"] == "HeartBeat":
        await line.send(frame)


class Service:
    """Which meetings are on, who is connected, and what is asked for. Also the REST client of it."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self.session = session
        self.server_name: str | None = None
        self.trust: ssl.SSLContext | None = None
        self.ws_url = ""
        self.meetings: dict[str, OnlineMeeting] = {}
        self.answers: Answers = polite
        self.fails: dict[str, list[CloudError | Exception]] = {}
        """By call, what the next ones raise."""
        self.rooms: dict[str, str] = {}
        """By a room's ID, which meeting is on in it."""
        self.asked: list[str] = []
        self.connected_at: list[float] = []
        self._lines: dict[str, list[Line]] = {}
        self._news = asyncio.Event()
        self._tickets: set[str] = set()
        self._count = 0

    def hold(self, meeting_id: str, **more: Any) -> OnlineMeeting:
        """Have a meeting on."""
        meeting = OnlineMeeting(
            meeting_id=MeetingId(meeting_id),
            **{
                "meeting_uuid": MeetingUuid(f"u-{meeting_id}"),
                "subject": "Weekly",
                "scheduler": "Li",
                "host_password": Secret("p"),
                **more,
            },
        )
        self.meetings[meeting_id] = meeting
        return meeting

    async def line(self, meeting_id: str, number: int = 1) -> Line:
        """Return the meeting's first socket, or a later one, once it has subscribed."""
        async with asyncio.timeout(60):
            while True:
                ready = [line for line in self._lines.get(meeting_id, []) if "Subscribe" in line.said]
                if len(ready) >= number:
                    return ready[number - 1]
                self._news.clear()
                await self._news.wait()

    def lines(self, meeting_id: str) -> int:
        """Return how many sockets there were to a meeting."""
        return len(self._lines.get(meeting_id, []))

    def socket_context(self) -> ssl.SSLContext | None:
        """Return whom to trust."""
        return self.trust

    async def meeting(self, meeting_id: str) -> OnlineMeeting:
        """Return its detail."""
        self._ask("detail")
        if meeting_id not in self.meetings:
            raise NotFound(code=NOT_FOUND_CODE, status=404)
        return self.meetings[meeting_id]

    async def control_token(
        self, meeting_id: str, password: Secret | None, *, keep: ControlToken | None = None
    ) -> ControlToken:
        """Return a control token."""
        self._ask("control")
        if meeting_id not in self.meetings or password != self.meetings[meeting_id].host_password:
            raise NotFound(code=NOT_FOUND_CODE, status=404)
        return ControlToken(
            token=Secret("c"),
            ws_url=self.ws_url,
            expires_at=datetime.now(UTC) + timedelta(minutes=30),
            current_meeting_id=self.rooms.get(meeting_id),
        )

    async def socket_token(self, meeting_id: str, control: ControlToken) -> Secret:
        """Return a token for one socket."""
        self._ask("ticket")
        if meeting_id not in self.meetings or control.token != Secret("c"):
            raise NotFound(code=NOT_FOUND_CODE, status=404)
        self._count += 1
        self._tickets.add(f"t-{self._count}")
        return Secret(f"t-{self._count}")

    async def connect(self, request: web.Request) -> web.WebSocketResponse:
        """Take one socket."""
        ticket, meeting_id = request.query["tmpToken"], request.query["confID"]
        if ticket not in self._tickets:
            raise web.HTTPUnauthorized
        self._tickets.remove(ticket)
        self.connected_at.append(asyncio.get_running_loop().time())
        response = web.WebSocketResponse(compress=False, max_msg_size=0)
        await response.prepare(request)
        assert isinstance(request.transport, asyncio.Transport)
        line = Line(meeting_id, response, request.transport)
        self._lines.setdefault(meeting_id, []).append(line)
        async for message in response:
            frame = msgspec.json.decode(message.data)
            await self.answers(line, frame)
            line.said.append(frame["action"])
            line.news.set()
            self._news.set()
        line.is_over.set()
        return response

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        failing = self.fails.get(what)
        if failing:
            raise failing.pop(0)


@asynccontextmanager
async def serving(tls: ssl.SSLContext | None = None) -> AsyncIterator[Service]:
    """Yield the service, over real TCP."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        service = Service(session)
        app = web.Application()
        app.router.add_get(PATH, service.connect)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
        await site.start()
        port = runner.addresses[0][1]
        service.ws_url = f"{'wss' if tls else 'ws'}://127.0.0.1:{port}"
        try:
            yield service
        finally:
            await runner.cleanup()
