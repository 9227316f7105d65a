"""The sockets of a process, by meeting: a task each, from the moment in which a meeting is opened to its end."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Final

import msgspec

from .meeting import Key, Over, Reason
from .socket import Socket
from .subscription import Subscription

STOP_WITHIN_S: Final = 10.0


class Held(msgspec.Struct):
    """One of them."""

    socket: Socket
    task: "asyncio.Task[None]"
    meeting_uuid: str | None
    """Which holding it was wanted for."""
    is_ending: bool = False

    def end(self, reason: Reason) -> None:
        """Have it come to its end."""
        self.is_ending = True
        self.socket.stop(reason)


class Sockets:
    """All that are open, on their way there, or ending. `over` is told of each that is there no more."""

    def __init__(self, over: Callable[[Key, Over, Subscription], None]) -> None:
        self._over = over
        self._held: dict[Key, Held] = {}

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._held)

    def __iter__(self) -> Iterator[Key]:
        """Go through their meetings."""
        return iter(self._held)

    def __contains__(self, key: object) -> bool:
        """Return whether a meeting has one."""
        return key in self._held

    def get(self, key: Key) -> Held | None:
        """Return a meeting's, if it has one."""
        return self._held.get(key)

    def is_open(self, key: Key) -> bool:
        """Return whether pushes of a meeting come."""
        held = self._held.get(key)
        return held is not None and held.socket.subscription.is_open

    def open(self, socket: Socket, meeting_uuid: str | None, *, within_s: float) -> None:
        """Begin with one, at some time within so many seconds."""
        key = socket.subscription.meeting.key
        task = asyncio.create_task(self._hold(key, socket, within_s))
        self._held[key] = Held(socket, task, meeting_uuid)

    async def end_all(self, within_s: float) -> None:
        """End all, within a deadline: what could not be told by then is told at the next start."""
        tasks = [held.task for held in self._held.values()]
        for held in self._held.values():
            held.socket.stop("stopping")
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=within_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _hold(self, key: Key, socket: Socket, within_s: float) -> None:
        try:
            over = await socket.run(within_s=within_s)
        finally:
            del self._held[key]
        self._over(key, over, socket.subscription)
