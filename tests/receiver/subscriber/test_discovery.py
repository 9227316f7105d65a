"""The list of online meetings, asked for again and again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from receiver.cloud.errors import CloudError, Forbidden, Unreachable
from receiver.cloud.meetings import OnlineMeeting
from receiver.subscriber.discovery import Discovery
from schemas.ids import MeetingId

Answer = list[OnlineMeeting] | CloudError


def on(meeting_id: str) -> OnlineMeeting:
    """Return a meeting that is on."""
    return OnlineMeeting(meeting_id=MeetingId(meeting_id))


class Service:
    """Gives one answer after the other, and waits when there is none left."""

    def __init__(self, *answers: Answer) -> None:
        self._answers = list(answers)
        self.asked = 0
        self.idle = asyncio.Event()
        self.told: list[list[str]] = []
        self.pauses: asyncio.Queue[None] = asyncio.Queue()
        self.pausing = asyncio.Event()

    async def online_meetings(self) -> list[OnlineMeeting]:
        """Return the next list."""
        self.asked += 1
        if not self._answers:
            self.idle.set()
            await asyncio.Event().wait()
        answer = self._answers.pop(0)
        if isinstance(answer, CloudError):
            raise answer
        return answer

    def listed(self, meetings: Sequence[OnlineMeeting]) -> None:
        """Take a list."""
        self.told.append([meeting.meeting_id for meeting in meetings])

    async def pause(self) -> None:
        """Wait for the test."""
        self.pausing.set()
        await self.pauses.get()


@asynccontextmanager
async def asking(service: Service) -> AsyncIterator[Discovery]:
    """Yield a discovery that runs."""
    discovery = Discovery(service, listed=service.listed, pause=service.pause)
    task = asyncio.create_task(discovery.run())
    try:
        yield discovery
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_each_list_is_told_after_each_pause() -> None:
    """At once, and then when the time has come; an empty list is one too."""
    service = Service([on("1"), on("2")], [])
    async with asyncio.timeout(60), asking(service):
        for _ in range(2):
            service.pauses.put_nowait(None)
        await service.idle.wait()

    assert service.told == [["1", "2"], []]


@pytest.mark.parametrize("error", [Unreachable("timeout"), Forbidden()], ids=["again", "final"])
async def test_a_failure_tells_nothing(error: CloudError) -> None:
    """No list is not an empty list: meetings stay what they were, and the next time is asked again."""
    service = Service([on("1")], error, [on("2")])
    async with asyncio.timeout(60), asking(service):
        for _ in range(3):
            service.pauses.put_nowait(None)
        await service.idle.wait()

    assert service.told == [["1"], ["2"]]


async def test_it_asks_at_once_where_it_is_hurried() -> None:
    """In the middle of a pause; which leaves nothing that waits."""
    service = Service([on("1")], [on("2")])
    before = asyncio.all_tasks()
    async with asyncio.timeout(60), asking(service) as discovery:
        for _ in range(2):
            await service.pausing.wait()
            service.pausing.clear()
            discovery.hurry()
        await service.idle.wait()

    assert service.told == [["1"], ["2"]]
    assert asyncio.all_tasks() == before


async def test_a_hurry_while_it_asks_is_not_lost() -> None:
    """What came after the question may be missing in the answer: it is asked again."""
    service = Service([on("1")])
    async with asyncio.timeout(60), asking(service) as discovery:
        await service.pausing.wait()
        discovery.hurry()
        await service.idle.wait()

    assert (service.asked, service.told) == (2, [["1"]])
