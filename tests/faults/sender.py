"""Numbered pushes, meeting by meeting: the next one of a meeting goes when the one before was answered 200."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict

import aiohttp

from deploy.simulator import build_push

from .process import PASSWORD, SUBSCRIBER

MEETINGS = 8
_ANSWER_TIMEOUT_S = 4.0
_PAUSE_S = 0.02


class NumberedPushes:
    """Sends until told to stop, and knows what was answered 200, in the order of the answers.

    The meetings are those of round `number`; the pushes are numbered on over all rounds.
    """

    def __init__(self, url: str, *, number: int, first: int) -> None:
        self._url = url
        self._number = number
        self.next = first
        self.answered: dict[str, list[int]] = defaultdict(list)
        self.tries = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Send in every meeting at once; a push that was begun is sent again until it is answered 200."""
        timeout = aiohttp.ClientTimeout(total=_ANSWER_TIMEOUT_S)
        async with aiohttp.ClientSession(timeout=timeout) as session, asyncio.TaskGroup() as meetings:
            for number in range(MEETINGS):
                meetings.create_task(self._meeting(session, f"9{self._number:05}{number:03}", stop))

    async def _meeting(self, session: aiohttp.ClientSession, meeting_id: str, stop: asyncio.Event) -> None:
        while not stop.is_set():
            number, self.next = self.next, self.next + 1
            body = _push(number, meeting_id)
            while not await self._accepted(session, body):  # noqa: ASYNC110 -- the event is another process's
                await asyncio.sleep(_PAUSE_S)
            self.answered[meeting_id].append(number)

    async def _accepted(self, session: aiohttp.ClientSession, body: bytes) -> bool:
        self.tries += 1
        try:
            async with session.post(self._url, data=body) as answer:
                return answer.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False


class OneAfterAnother:
    """Sends single pushes, each after the answer to the one before."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def send(self, count: int) -> None:
        """Send `count` pushes; each has to be answered 200."""
        async with aiohttp.ClientSession() as session:
            for number in range(count):
                async with session.post(self._url, data=_push(number, "900000001")) as answer:
                    assert answer.status == 200

    async def send_until_taken(self, count: int) -> Counter[int]:
        """Send `count` pushes, each until it is answered 200; return how often each status came."""
        answers: Counter[int] = Counter()
        async with aiohttp.ClientSession() as session:
            for number in range(count):
                body, status = _push(number, "900000001"), 0
                while status != 200:
                    async with session.post(self._url, data=body) as answer:
                        status = answer.status
                    answers[status] += 1
        return answers


def _push(number: int, meeting_id: str) -> bytes:
    at_ms = time.time_ns() // 1_000_000
    event_info = {
        "event": "meeting.join",
        "timestamp": at_ms,
        "payload": {
            "meetingInfo": {"meetingID": meeting_id, "meetingUUID": "u-1"},
            "attendeeInfo": {"participantID": str(number), "joinTime": at_ms, "leftTime": 0},
        },
    }
    return build_push(
        event_info, app_id=SUBSCRIBER, password=PASSWORD, timestamp_ms=at_ms, nonce=f"{number % 10**8:08d}"
    )
