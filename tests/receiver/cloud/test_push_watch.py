"""The watch over the enterprise push: what it says, once, and what its gauges show."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from deploy.meters import PrometheusMeters
from receiver.cloud import CloudError, Faulty, Forbidden, OnlineMeeting, PushStatus, PushWatch
from receiver.cloud.push_configuration import ABSENT
from schemas.ids import MeetingId
from tests.receiver.lines import Lines, lines_caught

from .asking import Clock

GOOD = PushStatus(state="enabled", configuration_id="c-1", subscriber_id="s-1", url="https://marker/")
LOCKED = PushStatus(state="locked", configuration_id="c-1", subscriber_id="s-1", url="https://marker/")


class Watched:
    """A watch over a push whose states are given, and what it shows."""

    def __init__(self, *states: PushStatus | CloudError, url: str | None = None) -> None:
        self.clock = Clock()
        self.meters = PrometheusMeters()
        self._states: Iterator[PushStatus | CloudError] = iter(states)
        self.watch = PushWatch(
            enterprise="acme",
            subscriber_id="s-1",
            status=self._status,
            meters=self.meters,
            now=self.clock,
            sleep=self.clock.sleep,
            url=url,
        )

    async def _status(self) -> PushStatus:
        state = next(self._states, None)
        if state is None:
            raise asyncio.CancelledError
        if isinstance(state, CloudError):
            raise state
        return state

    async def ran(self) -> None:
        """Run until there are no more states."""
        with pytest.raises(asyncio.CancelledError):
            await self.watch.run()

    async def value(self, name: str) -> float | None:
        """Return a gauge."""
        return await asyncio.to_thread(self.meters.value, f"meetwire_enterprise_push_{name}", enterprise="acme")

    def see(self, *meetings: str, room: str | None = None) -> None:
        """Have the list show these meetings."""
        self.watch.listed(OnlineMeeting(meeting_id=MeetingId(one), room_id=room) for one in meetings)


def said(lines: Lines) -> list[tuple[str, str, object]]:
    """Return level, name and reason of each line."""
    return [(line["log_level"], line["event"], line.get("reason")) for line in lines]


async def test_a_push_that_is_locked_is_said_once_and_shown() -> None:
    """And that it is over; asked every five minutes."""
    watched = Watched(GOOD, LOCKED, LOCKED)
    with lines_caught() as lines:
        await watched.ran()
    assert said(lines) == [("error", "enterprise_push.troubled", "locked")]
    assert (await watched.value("enabled"), watched.clock.slept) == (0, [300.0] * 3)

    watched._states = iter((GOOD, GOOD))
    with lines_caught() as lines:
        await watched.ran()
    assert lines == [
        {"event": "enterprise_push.recovered", "log_level": "info", "enterprise": "acme", "reason": "locked"}
    ]
    assert await watched.value("enabled") == 1


async def test_pushes_are_forgotten_though_no_list_ever_comes() -> None:
    """A right to it may be missing for as long as the process lives."""
    watched = Watched(GOOD, GOOD)
    watched.watch.pushed("900")
    await watched.watch.look()
    kept = dict(watched.watch._pushed)
    watched.clock.forward(6 * 3_600)
    await watched.watch.look()

    assert (list(kept), watched.watch._pushed) == (["900"], {})


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (ABSENT, "absent"),
        (PushStatus(state="disabled", subscriber_id="s-1"), "disabled"),
        (PushStatus(state="enabled", subscriber_id="s-2"), "other_subscriber"),
        (PushStatus(state="unknown", subscriber_id="s-1"), "unknown"),
    ],
    ids=["absent", "disabled", "another subscriber", "unknown"],
)
async def test_a_push_that_does_not_come_to_us_is_said(state: PushStatus, reason: str) -> None:
    """Whatever keeps it away."""
    watched = Watched(state, state)
    with lines_caught() as lines:
        await watched.ran()

    assert said(lines) == [("error", "enterprise_push.troubled", reason)]
    assert await watched.value("enabled") == 0


ELSEWHERE = PushStatus(state="enabled", subscriber_id="s-1", url="https://marker/elsewhere")


async def test_an_address_that_changes_is_said() -> None:
    """Once; where our own is not known it is no trouble. The address itself is not said: it may hold a secret."""
    unsaid = PushStatus(state="enabled", subscriber_id="s-1")
    watched = Watched(GOOD, unsaid, GOOD, ELSEWHERE, ELSEWHERE)
    with lines_caught() as lines:
        await watched.ran()

    assert lines == [{"event": "enterprise_push.readdressed", "log_level": "warning", "enterprise": "acme"}]
    assert await watched.value("enabled") == 1


async def test_another_address_than_ours_is_trouble() -> None:
    """Where ours is known."""
    watched = Watched(ELSEWHERE, url="https://marker/")
    with lines_caught() as lines:
        await watched.ran()

    assert said(lines) == [("error", "enterprise_push.troubled", "other_url")]
    assert await watched.value("enabled") == 0
    assert "marker" not in str(lines)


async def test_a_status_that_we_may_not_see_is_said_once() -> None:
    """It is no verdict; what fails for a while is said by the call itself."""
    watched = Watched(Forbidden(status=403), Faulty(), Forbidden(status=403), GOOD, Forbidden(status=403))
    with lines_caught() as lines:
        await watched.ran()

    assert said(lines) == [("warning", "enterprise_push.unread", "Forbidden (403)")] * 2
    assert await watched.value("enabled") == 1


async def missed(watched: Watched, seconds: float, *meetings: str, **more: Any) -> float | None:
    """Let time go by, show a list, and return how many meetings are missed."""
    watched.clock.forward(seconds)
    watched.see(*meetings, **more)
    return await watched.value("missed_meetings")


async def test_meetings_without_a_push_are_said_once() -> None:
    """After three minutes on the list; the gauge stays until they are over."""
    watched = Watched()
    with lines_caught() as lines:
        assert await missed(watched, 0) == 0
        assert await missed(watched, 60, "m-1", "m-2") == 0
        watched.watch.pushed("m-2")
        assert await missed(watched, 180, "m-1", "m-2") == 0
        assert await missed(watched, 1, "m-1", "m-2") == 1
        assert await missed(watched, 60, "m-1", "m-2", "m-3") == 1
        assert await missed(watched, 181, "m-1", "m-2", "m-3") == 2
        assert await missed(watched, 60, "m-2") == 0

    assert lines == [
        {
            "event": "enterprise_push.missed",
            "log_level": "warning",
            "enterprise": "acme",
            "meetings": 1,
            "meeting_ids": ["m-1"],
        }
    ]


async def test_meetings_of_before_are_not_judged() -> None:
    """Their pushes may have come while we were away; held again after they were over, they are."""
    watched = Watched()

    assert await missed(watched, 0, "m-1") == 0
    assert await missed(watched, 3_600, "m-1") == 0
    assert await missed(watched, 60) == 0
    assert await missed(watched, 60, "m-1") == 0
    assert await missed(watched, 181, "m-1") == 1


async def test_a_push_that_came_before_the_list_counts() -> None:
    """By the meeting's ID or by its room's; it is forgotten after some hours, but not while its meeting is on."""
    watched = Watched()
    watched.see()
    watched.watch.pushed("m-1")
    watched.watch.pushed("room-2")

    assert await missed(watched, 60, "m-1", "m-2", room="room-2") == 0
    assert await missed(watched, 86_400, "m-1", "m-2", room="room-2") == 0
    assert await missed(watched, 60) == 0
    assert await missed(watched, 60, "m-1") == 0
    assert await missed(watched, 181, "m-1") == 1


async def test_few_of_many_meetings_are_named() -> None:
    """A line stays a line."""
    watched = Watched()
    watched.see()
    meetings = [f"m-{number:02}" for number in range(30)]
    watched.see(*meetings)
    with lines_caught() as lines:
        assert await missed(watched, 181, *meetings) == 30

    assert [(line["meetings"], line["meeting_ids"]) for line in lines] == [(30, meetings[:10])]
