"""The service's REST calls for one enterprise, in our shapes.

Every call has a deadline for each try, is tried again where that may help, waits where the service wants to be left
alone, and has its token renewed once where the service no longer takes it.
"""

import asyncio
import random
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar

import aiohttp
import structlog

from schemas.lines import Logger
from schemas.metrics import Meters
from schemas.settings import App, Secret

from . import measured_calls as measured
from . import meetings
from .ask import Answer, Ask
from .asking import Asking, Now, Sleep, Uniform
from .errors import TOKEN_INVALID_CODE, Again, Forbidden, Unauthenticated
from .errors import Final as FinalError
from .health import Health
from .measured import MeasuredKind, MeasuredMeeting, MeasuredParticipant, Measurements, Thresholds
from .meetings import ControlToken, OnlineMeeting
from .paging import every_row, page_of
from .push_configuration import PushStatus
from .push_settings import PushSettings
from .reading import Members
from .tokens import Tokens
from .transport import Transport, session_of, trust_of

_LOG: Final[Logger] = structlog.get_logger("meetwire.receiver")
_T = TypeVar("_T")

# A right may be given, and a gateway's 403 is none of the service's: after so long all meetings are asked for again.
_NARROW_FOR: Final = timedelta(minutes=10)


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Cloud:
    """What one enterprise can be asked. All its methods raise CloudError."""

    def __init__(
        self,
        app: App,
        *,
        enterprise: str,
        session: aiohttp.ClientSession,
        trust: ssl.SSLContext | None,
        asking: Asking,
        tokens: Tokens,
        health: Health,
        now: Now,
    ) -> None:
        self.session = session
        """For the sockets as well: with the proxy and the trust of the settings."""
        self._app = app
        self._enterprise = enterprise
        self._narrowed_at: datetime | None = None
        self._trust = trust
        self._asking = asking
        self._tokens = tokens
        self._health = health
        self._now = now
        self._push = PushSettings(self._read, corp_id=app.corp_id)

    @classmethod
    @asynccontextmanager
    async def opened(
        cls,
        app: App,
        *,
        enterprise: str,
        meters: Meters,
        now: Now = _utc_now,
        sleep: Sleep = asyncio.sleep,
        uniform: Uniform = random.random,
    ) -> "AsyncIterator[Cloud]":
        """Yield it; nothing is asked yet. Raises OSError for a `ca_file` that cannot be used."""
        trust = await asyncio.to_thread(trust_of, app)
        async with session_of(app, trust) as session:
            asking = Asking(
                Transport(session, app), enterprise=enterprise, meters=meters, now=now, sleep=sleep, uniform=uniform
            )
            tokens = Tokens(app, asking, enterprise=enterprise, meters=meters, now=now)
            health = Health(enterprise, now)
            try:
                yield cls(
                    app,
                    enterprise=enterprise,
                    session=session,
                    trust=trust,
                    asking=asking,
                    tokens=tokens,
                    health=health,
                    now=now,
                )
            finally:
                await tokens.close()

    @property
    def server_name(self) -> str | None:
        """The name to expect in the certificate of a socket's address, where that is another than the address."""
        return self._app.server_name

    def socket_context(self) -> ssl.SSLContext | None:
        """Return what a socket's certificate is checked with; None: the system's authorities alone."""
        return self._trust

    def replace_keys(self, keys: Sequence[Secret]) -> None:
        """Use these App Keys from the next authentication on."""
        self._tokens.replace_keys(keys)

    async def online_meetings(self) -> list[OnlineMeeting]:
        """Return all meetings of the enterprise that are on; where `user_id` is no administrator's, that user's alone.

        Whether it is one shows when it asks for all, which it does again now and then: that is said once.
        """
        narrowed_at = self._narrowed_at
        own = narrowed_at is not None and timedelta() <= self._now() - narrowed_at < _NARROW_FOR
        try:
            found = await self._online(own=own)
        except Forbidden:
            if own or self._app.user_id is None:
                raise
            return await self._narrowed()
        if not own:
            self._narrowed_at = None
        return found

    async def _narrowed(self) -> list[OnlineMeeting]:
        found = await self._online(own=True)
        if self._narrowed_at is None:
            _LOG.warning("cloud.narrowed", enterprise=self._enterprise)
        self._narrowed_at = self._now()
        return found

    async def _online(self, *, own: bool) -> list[OnlineMeeting]:
        return await self._all(
            lambda offset: meetings.ask_online(offset, own=own), meetings.meeting_of, lambda meeting: meeting.meeting_id
        )

    async def meeting(self, meeting_id: str) -> OnlineMeeting:
        """Return one meeting that is on, with its host's password. Raises NotFound where it is not."""
        return await self._read(meetings.ask_meeting(meeting_id), meetings.detail_of)

    async def control_token(
        self, meeting_id: str, password: Secret | None, *, keep: ControlToken | None = None
    ) -> ControlToken:
        """Return a token for a meeting that is on. `keep`: keep this one alive; the password is for its having ended.

        Raises NotFound where the meeting is not on or the password is another.
        """
        ask = meetings.ask_control(meeting_id, password, keep)
        # A service that is asked in the clear, as a simulator is, may have such sockets too.
        encrypted = self._app.api.startswith("https://")
        return await self._read(ask, lambda body: meetings.control_of(body, now=self._now(), encrypted=encrypted))

    async def socket_token(self, meeting_id: str, control: ControlToken) -> Secret:
        """Return what opens one socket, within one minute."""
        return await self._read(meetings.ask_socket(meeting_id, control), meetings.socket_of)

    async def measured_meetings(self) -> list[MeasuredMeeting]:
        """Return all meetings that are on and that the service measures. Raises Forbidden where it does for nobody."""
        return await self._all(
            measured.ask_measured, measured.measured_meeting_of, lambda meeting: meeting.meeting_uuid
        )

    async def measured_participants(self, meeting_uuid: str) -> list[MeasuredParticipant]:
        """Return all participants of a measured meeting."""
        return await self._all(
            lambda offset: measured.ask_participants(meeting_uuid, offset),
            measured.participant_of,
            lambda participant: participant.participant_id,
        )

    async def measurements(self, meeting_uuid: str, participant_id: str, kind: MeasuredKind) -> Measurements:
        """Return one participant's figures of one kind."""
        ask = measured.ask_measurements(meeting_uuid, participant_id, kind)
        return await self._read(ask, lambda body: measured.measurements_of(body, kind))

    async def thresholds(self) -> Thresholds:
        """Return the limits that the service's alarms go by."""
        return await self._read(measured.ask_thresholds(), measured.thresholds_of)

    async def push_status(self) -> PushStatus:
        """Return how the enterprise push is configured."""
        return await self._push.status()

    async def enable_push(
        self, *, subscriber_id: str, password: Secret, url: str | None, replace: bool = False
    ) -> PushStatus:
        """Have the enterprise push sent to `url`; return what the service says of it then.

        None keeps the address that is configured. Before it answers, the service posts its handshake there. Raises
        PushDiffers where another subscriber or address is configured, unless that may be replaced, and PushUnaddressed
        where there is no address at all.
        """
        return await self._push.enable(subscriber_id=subscriber_id, password=password, url=url, replace=replace)

    async def disable_push(self) -> PushStatus:
        """Have no enterprise push sent; its configuration stays. Return what the service says of it then."""
        return await self._push.disable()

    async def _all(
        self, page: Callable[[int], Ask], read: Callable[[Members], _T | None], name: Callable[[_T], str]
    ) -> list[_T]:
        return await every_row(lambda offset: self._read(page(offset), page_of), read, name)

    async def _read(self, ask: Ask, read: Callable[[bytes], _T]) -> _T:
        try:
            answer = await self._answered(ask)
            found = read(answer.body)
        except Again as error:
            self._health.failed(ask.name, error)
            raise
        except FinalError:
            self._health.answered()
            raise
        self._health.answered()
        return found

    async def _answered(self, ask: Ask) -> Answer:
        token = await self._tokens.access()
        try:
            return await self._asking.ask(lambda: ask, _with(token))
        except Unauthenticated as error:
            if error.code not in (TOKEN_INVALID_CODE, None):
                raise
        token = await self._tokens.access(invalid=token)
        return await self._asking.ask(lambda: ask, _with(token))


def _with(token: Secret) -> dict[str, str]:
    return {"X-Access-Token": token.reveal()}
