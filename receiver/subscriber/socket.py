"""The I/O around one subscription: ask the service, open the socket, read it, and append what it brings.

One task a meeting. It does what the machine says, in order; what it learns it hands back. No exception leaves it: what
nobody thought of ends the socket, is told as lost, and is tried again.

A longer file than others: each action of the machine has its lines here, and what they share is the one socket.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Iterable
from datetime import datetime
from functools import partial
from typing import Final, TypeVar

import aiohttp
import msgspec
import structlog

from schemas.events import SubscriptionChanged
from schemas.lines import Logger

from ..entry_frames import enter_frame
from ..frames import Frame, Push, Reply, UnreadableFrame, frame_id, read_frame
from .around import Around
from .calls import Calls, OpenSocket, say_crash
from .cloud_port import CloudPort
from .conversation import BEHIND
from .keeping import Keeping, append_surely
from .meeting import (
    Action,
    AskControl,
    AskDetail,
    AskTicket,
    Connect,
    Drop,
    Fail,
    GiveUp,
    HangUp,
    Keep,
    LookAgain,
    Over,
    Reason,
    Refused,
    Send,
    Tell,
    Turn,
)
from .notes import entry_of
from .saying import say_told
from .subscription import Subscription

_LOG: Final[Logger] = structlog.get_logger("meetwire.receiver")
_T = TypeVar("_T")

# What a larger frame takes, a second or more for a webinar's roster, nobody else is to wait for.
LARGE_BYTES: Final = 262_144


class Socket:
    """One meeting's; `run` ends with the subscription."""

    def __init__(self, subscription: Subscription, cloud: CloudPort, around: Around) -> None:
        self.subscription = subscription
        self._around = around
        self._todo: deque[Action] = deque()
        self._socket: OpenSocket | None = None
        self._patience: asyncio.Timeout | None = None
        self._alarm: tuple[float, asyncio.TimerHandle] | None = None
        self._read: tuple[Frame, Push | UnreadableFrame] | None = None
        self._over: Over | None = None
        self._is_told_open = False
        self._calls = Calls(subscription, cloud, around, give=self._give, opened=self._take_socket)
        self._keeping = Keeping(
            around.log, failing=self._wake, clock=lambda: around.now().s, sleep=around.sleep, load=around.load
        )

    async def run(self, *, within_s: float = 0.0) -> Over:
        """Keep the subscription until it is over; begin at some time within so many seconds."""
        self._give(self.subscription.start(self._around.now(), within_s=within_s))
        try:
            while self._over is None:
                try:
                    await self._go_on()
                except Exception as error:
                    await self._crashed(error)
        finally:
            self._hang_up()
            self._disarm()
            self._keeping.over()
        return self._over

    def stop(self, reason: Reason) -> None:
        """End the subscription; `run` returns once that is told."""
        self._give(self.subscription.stop(reason, self._around.now()))

    def _give(self, actions: Iterable[Action]) -> None:
        self._todo.extend(actions)
        self._wake()

    def _wake(self) -> None:
        """Have `run` look at what is to be done, whatever it waits for."""
        if self._patience is not None and not self._patience.expired():
            self._patience.reschedule(asyncio.get_running_loop().time())

    async def _go_on(self) -> None:
        if self._todo:
            await self._do(self._todo[0])
            self._todo.popleft()
        elif self._keeping.is_failing:
            await self._settle()
        elif self._socket is not None:
            await self._receive(self._socket)
        else:
            await self._until_woken(asyncio.get_running_loop().create_future())

    async def _until_woken(self, awaited: Awaitable[_T]) -> _T | None:
        """Return what is awaited; None where something else is to be done first."""
        self._arm()
        try:
            async with asyncio.timeout(None) as self._patience:
                return await awaited
        except TimeoutError:
            if not self._todo:
                self._give(self.subscription.tick(self._around.now()))
            return None
        finally:
            self._patience = None

    def _arm(self) -> None:
        """Have the alarm go off when the machine wants to be woken, or earlier: one for each frame would cost more."""
        wakes_s = self.subscription.wakes_s
        if wakes_s is None or (self._alarm is not None and self._alarm[0] <= wakes_s):
            return
        self._disarm()
        after_s = wakes_s - self._around.now().s
        self._alarm = wakes_s, asyncio.get_running_loop().call_later(max(0.0, after_s), self._ring)

    def _ring(self) -> None:
        self._alarm = None
        self._wake()

    def _disarm(self) -> None:
        if self._alarm is not None:
            self._alarm[1].cancel()
            self._alarm = None

    # What comes.

    async def _receive(self, socket: OpenSocket) -> None:
        message = await self._until_woken(socket.receive())
        if message is None:
            return
        if message.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
            await self._take(message.data)
            return
        reason: Reason = "socket_closed"
        if message.type is aiohttp.WSMsgType.ERROR:
            code = getattr(message.data, "code", None)
            reason = "frame_too_large" if code == aiohttp.WSCloseCode.MESSAGE_TOO_BIG else "socket_failed"
        self._give(self.subscription.ended(reason, self._around.now()))

    def _take_socket(self, socket: OpenSocket) -> None:
        self._socket = socket

    async def _take(self, body: bytes) -> None:
        now, meeting = self._around.now(), self.subscription.meeting
        frame = Frame(
            enterprise=meeting.enterprise,
            meeting_id=meeting.meeting_id,
            meeting_uuid=meeting.meeting_uuid,
            epoch=self.subscription.epoch,
            received_at=now.at,
            body=body,
        )
        is_large = len(body) > LARGE_BYTES
        said = await asyncio.to_thread(read_frame, frame) if is_large else read_frame(frame)
        self._around.counts.read(said)
        if isinstance(said, Reply):
            self._give(self.subscription.read(said, None, now))
        else:
            self._read = frame, said
            self._give(self.subscription.read(said, frame_id(frame, said), now))
        if self._alarm is not None and now.s >= self._alarm[0]:
            # No alarm goes off on a socket that is never without a frame.
            self._disarm()
            self._give(self.subscription.tick(now))

    # What is to be done.

    async def _do(self, action: Action) -> None:
        match action:
            case Turn():
                now = self._around.now()
                self._give(self.subscription.turn(self._around.paces[action.what].turn(now.s), now))
            case AskDetail() | AskControl() | AskTicket() | Connect():
                self._calls.make(action)
            case Send():
                await self._send(action.text)
            case Keep():
                await self._keep(self._read)
            case Drop():
                if action.repeated:
                    self._around.counts.repeated()
            case GiveUp():
                self._around.counts.given_up(action.push_type)
            case HangUp():
                self._hang_up()
            case Tell():
                await self._tell(action.event)
            case Fail():
                meeting = self.subscription.meeting
                _LOG.info(
                    "subscription.failed",
                    enterprise=meeting.enterprise,
                    meeting=meeting.meeting_id,
                    reason=action.reason,
                    kind=self._calls.trouble,
                )
                self._calls.trouble = None
            case LookAgain():
                self._around.look_again(self.subscription.meeting.enterprise)
            case Refused():
                meeting = self.subscription.meeting
                _LOG.warning(
                    "captioning.refused", enterprise=meeting.enterprise, meeting=meeting.meeting_id, code=action.code
                )
            case Over():
                self._over = action

    async def _send(self, text: bytes) -> None:
        if self._socket is not None:
            # A socket that is gone shows when it is read.
            with contextlib.suppress(aiohttp.ClientError, OSError):
                await self._socket.send_frame(text, aiohttp.WSMsgType.TEXT)

    async def _keep(self, read: tuple[Frame, Push | UnreadableFrame] | None) -> None:
        if read is None:  # pragma: no cover -- only a frame that was read is kept
            return
        frame, said = read
        enter = partial(enter_frame, frame, said, partitions=self._around.partitions, mask=self._around.mask)
        entry = await asyncio.to_thread(enter) if len(frame.body) > LARGE_BYTES else enter()
        if entry.records and await self._keeping.put(entry, frame.received_at):
            self.subscription.held_up(self._around.now())

    async def _settle(self) -> None:
        missed_at = await self._keeping.settle()
        now = self._around.now()
        if missed_at is not None:
            self._give(self.subscription.log_failed(missed_at, now))
        else:
            self.subscription.held_up(now)

    async def _tell(self, event: SubscriptionChanged) -> None:
        missed_at = await self._keeping.settle()
        if missed_at is not None:
            event = self._told_with(event, missed_at)
        entry = entry_of(event, partitions=self._around.partitions)
        await append_surely(self._around.log, entry, self._around.sleep)
        self._told(event)

    def _told_with(self, event: SubscriptionChanged, missed_at: datetime) -> SubscriptionChanged:
        """Return the event such that it tells of what was missed; or see to it that a later one does."""
        if event.change not in ("lost", "closed"):
            self._give(self.subscription.log_failed(missed_at, self._around.now()))
            return event
        self.subscription.missed(missed_at)
        since = missed_at - BEHIND
        earlier = since if event.unseen_since is None else min(since, event.unseen_since)
        return msgspec.structs.replace(event, unseen_since=earlier)

    def _told(self, event: SubscriptionChanged) -> None:
        say_told(event, self._around.counts, was_open=self._is_told_open)
        if event.change != "gap":
            self._is_told_open = event.change == "opened"

    # What goes wrong, and the end.

    async def _crashed(self, error: Exception) -> None:
        say_crash(error, self.subscription.meeting)
        failed = self._todo[0] if self._todo else None
        # What was decided is told, whatever else comes to nothing.
        self._todo = deque(action for action in self._todo if isinstance(action, Tell | Over))
        self._hang_up()
        missed_at = self._read[0].received_at if isinstance(failed, Keep) and self._read else None
        self._give(self.subscription.crashed(self._around.now(), missed_at=missed_at))
        await self._around.sleep(1.0)

    def _hang_up(self) -> None:
        self._calls.drop()
        socket, self._socket = self._socket, None
        if socket is not None:
            task: asyncio.Task[object] = asyncio.create_task(socket.close())
            self._around.closing.add(task)
            task.add_done_callback(self._around.closing.discard)
