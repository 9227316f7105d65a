"""What a subscription asks the service for, beside what its socket brings: tokens, detail, the socket itself."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Final, Literal

import aiohttp
import structlog

from schemas.lines import Logger

from ..cloud.errors import CloudError
from ..errors import raised_at
from .around import Around
from .asking import socket_url
from .attempt import CONNECT_WITHIN_S
from .cloud_port import CloudPort
from .meeting import Action, AskControl, AskDetail, AskTicket, Connect, Meeting
from .subscription import Subscription

_LOG: Final[Logger] = structlog.get_logger("meetwire.receiver")

OpenSocket = aiohttp.ClientWebSocketResponse[Literal[False]]
Call = AskDetail | AskControl | AskTicket | Connect

# A service that does not answer our close is not waited for.
_CLOSE_WITHIN_S: Final = 2.0


class Calls:
    """One call at a time; what comes of it is handed to the machine, and what that wants to `give`."""

    def __init__(
        self,
        subscription: Subscription,
        cloud: CloudPort,
        around: Around,
        *,
        give: Callable[[Iterable[Action]], None],
        opened: Callable[[OpenSocket], None],
    ) -> None:
        self._machine = subscription
        self._cloud = cloud
        self._around = around
        self._give = give
        self._opened = opened
        self._task: asyncio.Task[None] | None = None
        self.trouble: str | None = None
        """What kind of error the last connect failed with."""

    def make(self, call: Call) -> None:
        """Begin a call, in place of one that is still on its way."""
        self.drop()
        self._task = asyncio.create_task(self._make(call))

    def drop(self) -> None:
        """Wait for no answer any more."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _make(self, call: Call) -> None:
        machine, now = self._machine, self._around.now
        meeting_id = machine.meeting.meeting_id
        try:
            match call:
                case AskDetail():
                    self._give(machine.detail(await self._cloud.meeting(meeting_id), now()))
                case AskControl():
                    control = await self._cloud.control_token(meeting_id, call.password, keep=call.keep)
                    self._give(machine.control(control, now()))
                case AskTicket():
                    ticket = await self._cloud.socket_token(meeting_id, call.control)
                    self._give(machine.ticket(ticket, now()))
                case _:
                    await self._try_connect(call)
        except CloudError as error:
            self._give(machine.failed(error, now()))
        except Exception as error:
            say_crash(error, machine.meeting)
            self._give(machine.crashed(now()))

    async def _try_connect(self, call: Connect) -> None:
        try:
            await self._connect(call)
        except (aiohttp.ClientError, OSError) as error:
            self.trouble = type(error).__name__
            self._give(self._machine.ended("socket_failed", self._around.now()))

    async def _connect(self, call: Connect) -> None:
        url = socket_url(call.ws_url, self._machine.meeting.meeting_id, call.ticket)
        # Turns were given before the tokens were asked for, which the service may answer all at once.
        while wait_s := self._around.window.ask(self._around.now().s):
            await self._around.sleep(wait_s)
        started_s = self._around.now().s
        # No compression is offered: its window takes more memory for each socket than all the rest.
        async with asyncio.timeout(CONNECT_WITHIN_S):
            socket = await self._cloud.session.ws_connect(
                url,
                max_msg_size=self._around.max_frame_bytes,
                ssl=self._cloud.socket_context() or True,
                server_hostname=self._cloud.server_name,
                compress=0,
                decode_text=False,
                timeout=aiohttp.ClientWSTimeout(ws_close=_CLOSE_WITHIN_S),
            )
        if url.scheme == "wss" and socket.get_extra_info("ssl_object") is None:
            # Led elsewhere by a redirect, which the client follows: the token that is sent next would go in the clear.
            await socket.close()
            raise aiohttp.ClientConnectionError
        now = self._around.now()
        self._around.counts.connect_seconds.observe(now.s - started_s)
        self._opened(socket)
        self._give(self._machine.connected(now))


def say_crash(error: Exception, meeting: Meeting) -> None:
    """Say what kind of error it was, and where: its text may hold what was pushed."""
    _LOG.error(
        "subscription.crashed",
        enterprise=meeting.enterprise,
        meeting=meeting.meeting_id,
        kind=type(error).__name__,
        place=raised_at(error),
    )
