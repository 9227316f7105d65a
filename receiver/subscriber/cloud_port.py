"""What the subscriber needs of the service's REST client, as a protocol; `receiver.cloud` has one."""

import ssl
from typing import Protocol

import aiohttp

from schemas.settings import Secret

from ..cloud.meetings import ControlToken, OnlineMeeting


class CloudPort(Protocol):
    """The calls for one enterprise; all raise CloudError."""

    @property
    def session(self) -> aiohttp.ClientSession:
        """What the sockets are opened with too."""
        ...

    @property
    def server_name(self) -> str | None:
        """The name in a socket's certificate, where that is another than its address."""
        ...

    def socket_context(self) -> ssl.SSLContext | None:
        """Whom to trust on a socket; None: the system's authorities."""
        ...

    async def meeting(self, meeting_id: str) -> OnlineMeeting:
        """Return a meeting's detail, with the host's password."""
        ...

    async def control_token(
        self, meeting_id: str, password: Secret | None, *, keep: ControlToken | None = None
    ) -> ControlToken:
        """Return a token for a meeting that is on; with `keep`, that one with a longer life, or another."""
        ...

    async def socket_token(self, meeting_id: str, control: ControlToken) -> Secret:
        """Return what opens one socket, within a minute."""
        ...
