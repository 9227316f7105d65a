"""The whole simulation against a receiver that listens: its four ways, its end, and what it reports."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from deploy.simulator import (
    Kind,
    Ledger,
    NoConnection,
    NotLoopback,
    Refused,
    Report,
    SimulateOptions,
    Subscriber,
    day_of_meetings,
    simulate,
)
from deploy.simulator.events import BUSINESS_EVENTS, milliseconds

from .scripted import ScriptedReceiver, receiving
from .signatures import PASSWORD, is_signed

SUBSCRIBER = Subscriber(app_id="100", password=PASSWORD)
EVENTS_A_DAY = len(list(day_of_meetings(seed=1, meetings=8, start=datetime(2026, 3, 2, tzinfo=UTC))))


async def run(receiver: ScriptedReceiver, ledger: Ledger | None = None, **options: Any) -> Report:
    """Simulate a small enterprise until it ends by itself."""
    asked = SimulateOptions(url=receiver.url, subscriber=SUBSCRIBER, meetings=8, **options)
    return await simulate(asked, stop=asyncio.Event(), ledger=ledger)


def event_infos(receiver: ScriptedReceiver) -> list[dict[str, Any]]:
    """Return what was pushed after the handshake."""
    return [json.loads(body)["eventInfo"] for body in receiver.bodies[1:]]


async def test_day_in_fast_time_comes_whole() -> None:
    """Handshake first, then each of the day's events once, signed, all nine kinds."""
    async with receiving() as receiver:
        report = await run(receiver, once=True, speed=36_000)

    assert json.loads(receiver.bodies[0])["eventInfo"]["event"] == "meeting.verify"
    assert [is_signed(body) for body in receiver.bodies] == [True] * (EVENTS_A_DAY + 1)
    assert {event_info["event"] for event_info in event_infos(receiver)} == set(BUSINESS_EVENTS)
    assert (report.answers, report.fates) == ({"plain": {"200": EVENTS_A_DAY}}, {"accepted": EVENTS_A_DAY})


async def test_fast_time_is_kept() -> None:
    """Ten hours at 36,000 times take no less than a second for the last event, and end there."""
    async with receiving() as receiver:
        report = await run(receiver, once=True, speed=36_000)

    assert report.seconds > 0.9


async def test_no_push_is_ahead_of_the_clock_or_a_day_old() -> None:
    """A receiver sets such aside, so a simulated day lies in the past, and ends now."""
    async with receiving() as receiver:
        began = datetime.now(UTC)
        await run(receiver, once=True, speed=360_000)
    stamps = [json.loads(body)["timestamp"] for body in receiver.bodies]

    assert max(stamps) <= milliseconds(datetime.now(UTC))
    assert min(stamps) >= milliseconds(began - timedelta(hours=10))


async def test_total_is_sent_over_as_many_days_as_it_takes() -> None:
    """Distinct pushes, no more and no fewer."""
    total = 3 * EVENTS_A_DAY
    async with receiving() as receiver:
        report = await run(receiver, total=total)

    assert report.tries == total
    assert len(set(receiver.bodies)) == total + 1


async def test_one_day_ends_a_total_that_is_larger() -> None:
    """`once` means one day, whatever else is asked for."""
    async with receiving() as receiver:
        report = await run(receiver, total=10 * EVENTS_A_DAY, once=True)

    assert report.tries == EVENTS_A_DAY


async def test_rate_is_held_for_the_time_that_was_asked() -> None:
    """At 200 a second, a fifth of a second is some 40 pushes and never many more."""
    async with receiving() as receiver:
        report = await run(receiver, rate=200, for_s=0.2)

    assert 1 <= report.tries <= 20 + 200 * report.seconds


async def test_days_follow_each_other_until_it_is_stopped() -> None:
    """Without an end that is asked for, one day comes after another."""
    stop = asyncio.Event()
    async with receiving() as receiver:
        asked = SimulateOptions(url=receiver.url, subscriber=SUBSCRIBER, meetings=8, speed=3_600_000)
        simulating = asyncio.create_task(simulate(asked, stop=stop))
        # The handshake, and all of a day.
        while len(receiver.received) <= EVENTS_A_DAY + 1:  # noqa: ASYNC110 -- it tells of the first alone
            await asyncio.sleep(0.01)
        stop.set()
        report = await simulating

    assert report.tries > EVENTS_A_DAY


async def test_pace_brings_the_first_event_within_a_second() -> None:
    """Something to see at once, and it says that it happens now."""
    async with receiving() as receiver:
        began = datetime.now(UTC)
        await run(receiver, paced=True, total=1)
    (event_info,) = event_infos(receiver)

    # Unpaced it would be hours.
    assert datetime.now(UTC) - began < timedelta(seconds=30)
    assert milliseconds(began) <= event_info["timestamp"] <= milliseconds(datetime.now(UTC))


async def test_faults_are_counted_by_kind() -> None:
    """What a receiver that checks no signature gets wrong is in the report."""
    ledger = Ledger()
    async with receiving() as receiver:
        report = await run(receiver, ledger, total=400, faults={Kind.BROKEN: 0.2, Kind.FORGED: 0.2})

    assert report.answers.keys() == {"plain", "forged", "broken"}
    assert report.answers["plain"].keys() == {"200"}
    assert "forged (wrong password): 200 instead of 401" in report.surprises
    assert len(list(ledger.accepted())) == report.fates["accepted"]


async def test_outage_is_healed_by_retries() -> None:
    """Pushes that were refused come again by the schedule, in fast time, and none is lost."""
    async with receiving("good", *[503] * 20) as receiver:
        report = await run(receiver, total=30, speed=3_000)

    assert (report.fates, report.retries) == ({"accepted": 30}, 20)


async def test_stop_ends_it_with_a_report() -> None:
    """Whoever runs it in a loop of their own sets the event, and has the figures."""
    stop = asyncio.Event()
    async with receiving() as receiver:
        options = SimulateOptions(url=receiver.url, subscriber=SUBSCRIBER, paced=True)
        simulating = asyncio.create_task(simulate(options, stop=stop))
        await receiver.came.wait()
        stop.set()
        report = await simulating

    assert report.surprises == {}


async def test_progress_is_told_on_the_way() -> None:
    """Every few seconds the figures up to then."""
    stop, reports = asyncio.Event(), list[Report]()

    def progress(report: Report) -> None:
        reports.append(report)
        stop.set()

    async with receiving() as receiver:
        options = SimulateOptions(url=receiver.url, subscriber=SUBSCRIBER, paced=True, progress_every_s=0.0)
        await simulate(options, stop=stop, progress=progress)

    assert reports


async def test_failed_handshake_sends_nothing_else() -> None:
    """The service does not begin where enabling failed; nor do we."""
    async with receiving(401) as receiver:
        with pytest.raises(Refused):
            await run(receiver, total=5)

    assert len(receiver.received) == 1


@pytest.mark.parametrize(
    ("url", "error"),
    [pytest.param("http://127.0.0.1:1/", NoConnection, id="nobody"), pytest.param("http://192.0.2.7/", NotLoopback)],
)
async def test_wrong_address_ends_it_at_once(url: str, error: type[Exception]) -> None:
    """Nobody there, or another machine that load was not allowed for."""
    with pytest.raises(error):
        await simulate(SimulateOptions(url=url, subscriber=SUBSCRIBER), stop=asyncio.Event())
