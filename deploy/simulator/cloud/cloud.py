"""One enterprise's cloud: its meetings, tokens, faults and ledger. Whoever plays it calls its acts; see `server`."""

import asyncio
from collections.abc import Mapping
from random import Random

import msgspec

from ..clock import Clock
from ..events import milliseconds
from .exchange import Exchange
from .faults import Faults
from .meeting import Meeting
from .meetings import Meetings
from .open_socket import Socket
from .options import CloudOptions
from .sent import Made, Sent, SentFrame
from .tokens import Tokens


class Cloud(Meetings):
    """Acts of `Meetings`, and what else a test does to the service."""

    def __init__(self, options: CloudOptions, clock: Clock) -> None:
        self.options = options
        self.clock = clock
        self.url = ""
        """http or https, with the port that it listens on."""
        self.app_id = options.app_id
        self.app_keys: tuple[str, ...] = (options.app_key,)
        """Those that it takes; a test that replaces a key changes it here."""
        self.ledger = Sent(keep=options.keep_sent)
        self.faults = Faults(seed=options.seed, rates=options.fault_rates)
        self.changed = asyncio.Event()
        """Set, and replaced, whenever a socket is opened, has subscribed or is gone."""
        self.sockets_opened = 0
        rng = Random(options.seed)  # noqa: S311 -- tokens of a simulation, to be repeated
        self.access_tokens = Tokens(rng, clock.now, prefix="cnr", digits=37, most=64)
        self.refresh_tokens = Tokens(rng, clock.now, prefix="cnr", digits=37, most=64)
        self.control_tokens = Tokens(rng, clock.now, prefix="stb", digits=48)
        self.socket_tokens = Tokens(rng, clock.now, prefix="cnr", digits=48)
        exchange = Exchange(self.now_ms, self.faults, self.ledger, seed=options.seed)
        super().__init__(exchange, self.now_ms, seed=options.seed, push_types=options.push_types)

    @property
    def app_key(self) -> str:
        """The key to sign with."""
        return self.app_keys[0]

    @property
    def socket_url(self) -> str:
        """What wsURL says."""
        return self.options.socket_url or self.url.replace("http", "ws", 1)

    @property
    def sent(self) -> list[SentFrame]:
        """Each frame that a socket was handed, in order."""
        return self.ledger.frames

    @property
    def unsent(self) -> list[SentFrame]:
        """Each frame that was made, and nobody was handed."""
        return self.ledger.unsent

    def now_ms(self) -> int:
        """Return the clock's time as the service writes it."""
        return milliseconds(self.clock.now())

    def sockets(self, meeting_id: str | None = None) -> list[Socket]:
        """Return the open sockets, of one meeting or of all."""
        if meeting_id is None:
            return list(self.exchange)
        meeting = self.on.get(meeting_id)
        return [] if meeting is None else self.exchange.of_meeting(meeting)

    def cut_sockets(self, meeting_id: str | None = None) -> int:
        """End connections with no word; return how many."""
        sockets = self.sockets(meeting_id)
        for socket in sockets:
            socket.cut()
        return len(sockets)

    def close_sockets(self, meeting_id: str | None = None) -> int:
        """Close sockets as a service does that is stopped; return how many."""
        sockets = self.sockets(meeting_id)
        for socket in sockets:
            socket.end()
        return len(sockets)

    def freeze_sockets(self, meeting_id: str | None = None) -> None:
        """Let nothing come from the sockets that are open now, and have them stay open."""
        for socket in self.sockets(meeting_id):
            socket.frozen = True

    async def push(self, meeting_id: str, frame: Mapping[str, object] | str) -> None:
        """Send a frame as it is given, and return when it is on its way."""
        meeting = self.meeting(meeting_id)
        self.exchange.send(meeting, _by_hand(meeting, frame))
        await self.flushed(meeting_id)

    async def flushed(self, meeting_id: str | None = None) -> None:
        """Return when all that was pushed is on its way; not while a client does not read."""
        for socket in self.sockets(meeting_id):
            await socket.written()

    async def subscribed(self, meeting_id: str, sockets: int = 1) -> None:
        """Return when so many sockets of the meeting have subscribed."""
        while sum(bool(socket.types) for socket in self.sockets(meeting_id)) < sockets:
            await self.changed.wait()

    async def disconnected(self, meeting_id: str | None = None) -> None:
        """Return when no socket is open, of one meeting or of all."""
        while self.sockets(meeting_id):
            await self.changed.wait()

    def announce(self) -> None:
        """Wake who waits for a socket."""
        self.changed.set()
        self.changed = asyncio.Event()


def _by_hand(meeting: Meeting, frame: Mapping[str, object] | str) -> Made:
    text = frame if isinstance(frame, str) else msgspec.json.encode(frame).decode()
    told = _told(text)
    action, message_id, version = told.get("action"), told.get("msgID"), told.get("version")
    return Made(
        meeting_id=meeting.meeting_id,
        meeting_uuid=meeting.meeting_uuid,
        action=action if isinstance(action, str) else None,
        message_id=message_id if isinstance(message_id, str) else None,
        mode="full" if told.get("msgMode") == 0 else "incremental" if told.get("msgMode") == 1 else None,
        version=version if isinstance(version, int) else None,
        text=text,
    )


def _told(text: str) -> dict[str, object]:
    try:
        decoded = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}
    return decoded if isinstance(decoded, dict) else {}
