"""A client of the simulated cloud, written from the reference: signs, asks, opens sockets, reads frames."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, NamedTuple

import aiohttp

from deploy.simulator import ManualClock
from deploy.simulator.cloud import PUSH_TYPES, Cloud, CloudOptions, running_cloud

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
NONCE = "0123456789abcdef0123456789abcdef"
SUCCESS = {"returnCode": 0, "returnDesc ": "SUCCESS"}


class Answer(NamedTuple):
    """What a call came back with."""

    status: int
    body: Any


class Client:
    """Everything that a subscriber does, step by step."""

    def __init__(self, cloud: Cloud, session: aiohttp.ClientSession) -> None:
        self.cloud = cloud
        self.session = session
        self.token = ""

    async def ask(self, method: str, path: str, *, headers: Any = None, json: Any = None, **query: str) -> Answer:
        """Return status and body of one call, with the access token."""
        given = {"X-Access-Token": self.token, **(headers or {})}
        url = self.cloud.url + path
        async with self.session.request(method, url, params=query, headers=given, json=json) as response:
            text = await response.text()
            return Answer(response.status, decoded(text))

    async def log_in(self, **more: Any) -> Answer:
        """Authenticate and keep the token."""
        body = {"appId": self.cloud.app_id, "clientType": 72, "expireTime": 0, "nonce": NONCE} | more
        signed = f"{body['appId']}:{body.get('userId', '')}:{body['expireTime']}:{body['nonce']}"
        answer = await self.authenticate(body, signed)
        self.token = answer.body.get("accessToken", "")
        return answer

    async def authenticate(self, body: Any, signed: str, *, upper: bool = False, access: bool = True) -> Answer:
        """Return what a signature of `signed` is answered."""
        signature = hmac.new(self.cloud.app_key.encode(), signed.encode(), hashlib.sha256).hexdigest()
        spelt = signature.upper() if upper else signature
        named = f",access={base64.b64encode(self.cloud.app_id.encode()).decode()}" if access else ""
        headers = {"Authorization": f"HMAC-SHA256 signature={spelt}{named}", "X-Token-Type": "LongTicket"}
        return await self.ask("POST", "/v2/usg/acs/auth/appauth", headers=headers, json=body)

    async def control_token(self, meeting_id: str, password: str | None = None, keep: str | None = None) -> Answer:
        """Ask for a control token, by password or to keep one."""
        headers = {"X-Login-Type": "1"}
        if password is not None:
            headers["X-Password"] = password
        if keep is not None:
            headers["X-Conference-Authorization"] = keep
        return await self.ask("GET", "/v1/mmc/control/conferences/token", headers=headers, conferenceID=meeting_id)

    async def token_of(self, meeting_id: str) -> str:
        """Return a control token by the host's password."""
        answer = await self.control_token(meeting_id, self.cloud.meeting(meeting_id).host_password)
        return str(answer.body["data"]["token"])

    async def socket_token(self, meeting_id: str, control: str) -> Answer:
        """Ask for a token to open one socket with."""
        headers = {"X-Conference-Authorization": control}
        return await self.ask("GET", "/v1/mmc/control/conferences/wsToken", headers=headers, conferenceID=meeting_id)

    @asynccontextmanager
    async def socket(self, meeting_id: str, socket_token: str | None = None) -> AsyncIterator[Wire]:
        """Yield a socket that is open, with a token of its own where none is given."""
        control = await self.token_of(meeting_id)
        token = socket_token or (await self.socket_token(meeting_id, control)).body["webSocketToken"]
        query = {"confID": meeting_id, "tmpToken": token}
        url = f"{self.cloud.socket_url}/cms/open/websocket/confctl/increment/conn"
        async with self.session.ws_connect(url, params=query, max_msg_size=0) as response:
            yield Wire(response, control)

    @asynccontextmanager
    async def subscribed(self, meeting_id: str, *types: str) -> AsyncIterator[Wire]:
        """Yield a socket that has subscribed, its first full frames still to be read."""
        async with self.socket(meeting_id) as wire:
            assert (await wire.subscribe(*types))["data"] == SUCCESS
            yield wire


class Wire:
    """A socket, frame by frame."""

    def __init__(self, response: aiohttp.ClientWebSocketResponse, control: str) -> None:
        self.response = response
        self.control = control

    async def send(self, frame: Any) -> None:
        """Send one frame."""
        await self.response.send_str(json.dumps(frame))

    async def frame(self) -> Any:
        """Return the next frame. Raises TypeError where the socket ends instead."""
        return json.loads(await self.response.receive_str())

    async def frames(self, count: int) -> list[Any]:
        """Return so many frames."""
        return [await self.frame() for _ in range(count)]

    async def subscribe(self, *types: str, token: str | None = None) -> Any:
        """Subscribe and return the reply."""
        basic = f"Basic {base64.b64encode(self.control.encode()).decode()}"
        data = {"subscribeType": types or PUSH_TYPES, "confToken": basic if token is None else token}
        await self.send({"action": "Subscribe", "sequence": "1", "data": json.dumps(data)})
        return await self.frame()

    async def control_conference(self, kind: str, **data: str) -> Any:
        """Send a ConfControl and return the reply."""
        told = json.dumps({"conferenceID": "", "confToken": self.control} | data)
        await self.send({"action": "ConfControl", "sequence": "3", "type": kind, "data": told})
        return await self.frame()

    async def end(self) -> int | None:
        """Read until the socket ends, and return the close code; 1006 where there was none."""
        async for _ in self.response:
            pass
        return self.response.close_code


@asynccontextmanager
async def cloud_and_client(
    clock: ManualClock | None = None, options: CloudOptions | None = None
) -> AsyncIterator[tuple[Cloud, Client]]:
    """Yield a cloud whose time stands, and a client that has logged in."""
    async with (
        running_cloud(options, clock=clock or ManualClock(START)) as cloud,
        aiohttp.ClientSession() as session,
    ):
        client = Client(cloud, session)
        if not cloud.options.service_provider:
            await client.log_in()
        yield cloud, client


def decoded(text: str) -> Any:
    """Return a body's content, or the text itself where it is no JSON."""
    try:
        return json.loads(text)
    except ValueError:
        return text
