"""Meetings in which somebody talks all the time, in numbered captions; and a look at who listens to them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection
from typing import NamedTuple

from deploy.simulator.cloud import Cloud

from .listening_process import HEARTBEAT_S

CAPTIONS = "RealTimeSubtitleNotify"
# A socket whose HeartBeats stop belongs to a process that does nothing any more.
_SILENT_S = HEARTBEAT_S * 5
_TURN_S = 0.01
_LOOK_S = 0.05


class Spoken(NamedTuple):
    """One caption's frame, as the cloud made it."""

    meeting_id: str
    sha256: str
    at_ms: int


class Speech:
    """Talks in every meeting that is on, in turn; all captions together are numbered."""

    def __init__(self, cloud: Cloud, per_s: float) -> None:
        self._cloud = cloud
        self._per_s = per_s
        self._speakers: dict[str, str] = {}
        self.number = 0
        self.is_over = False

    def begin(self, meetings: int) -> list[str]:
        """Start meetings with one who speaks, and return their IDs."""
        ids = [self._cloud.start_meeting(captions=True).meeting_id for _ in range(meetings)]
        self._speakers |= {meeting_id: self._cloud.join(meeting_id) for meeting_id in ids}
        return ids

    def say(self, meeting_id: str) -> None:
        """Say the next number in one meeting."""
        self.number += 1
        texts = {"Mandarin": f"第 {self.number} 句", "English": f"Sentence {self.number}"}
        self._cloud.caption(meeting_id, self._speakers[meeting_id], texts, sentence=f"{self.number:032x}", final=True)

    async def run(self) -> None:
        """Talk at the rate until it is over."""
        began, made = time.monotonic(), 0
        while not self.is_over:
            due, ids = int((time.monotonic() - began) * self._per_s), list(self._cloud.on)
            for number in range(made, due if ids else made):
                self.say(ids[number % len(ids)])
            made = due
            await asyncio.sleep(_TURN_S)


class Audience:
    """Looks who listens, again and again: a socket that has subscribed, and behind which somebody is alive."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._since: dict[str, float] = {}
        self.longest_s = 0.0
        """The longest time for which one meeting had nobody."""

    def unheard(self) -> list[str]:
        """Return the meetings that are on and to which nobody listens."""
        return [meeting_id for meeting_id in self._cloud.on if not self._is_heard(meeting_id)]

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            self._note(self.unheard())
            await asyncio.sleep(_LOOK_S)

    async def complete(self, within_s: float) -> float:
        """Return once every meeting is listened to, and how long that took. Raises TimeoutError."""
        began = time.monotonic()
        async with asyncio.timeout(within_s):
            while self.unheard():  # noqa: ASYNC110 -- a process that freezes tells nobody
                await asyncio.sleep(_LOOK_S)
        return time.monotonic() - began

    def _note(self, unheard: Collection[str]) -> None:
        now = time.monotonic()
        self._since = {meeting_id: self._since.get(meeting_id, now) for meeting_id in unheard}
        self.longest_s = max([self.longest_s, *(now - since for since in self._since.values())])

    def _is_heard(self, meeting_id: str) -> bool:
        now = self._cloud.clock.now()
        return any(
            socket.types and not socket.frozen and (now - socket.heard).total_seconds() < _SILENT_S
            for socket in self._cloud.sockets(meeting_id)
        )


def spoken(cloud: Cloud) -> list[Spoken]:
    """Return every caption that was made, once: those that were sent in the order of sending, then the others."""
    frames = (*cloud.sent, *cloud.unsent)
    made = (Spoken(frame.meeting_id, frame.sha256, frame.at_ms) for frame in frames if frame.action == CAPTIONS)
    return list({(one.meeting_id, one.sha256): one for one in reversed(list(made))}.values())[::-1]
