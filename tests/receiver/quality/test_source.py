"""The loop asks, publishes what is new, and goes on whatever it is answered."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from receiver.cloud import BadRequest, CloudError, Faulty, Forbidden, NotFound, Throttled, Unauthenticated, Unreachable
from receiver.cloud.errors import Final as FinalError
from receiver.errors import LogUnavailable
from receiver.quality.port import KINDS
from receiver.quality.source import AT_ONCE
from schemas.events import decode
from schemas.events.quality import QualitySampled, Surroundings
from tests.receiver.lines import lines_caught

from .serving import Clock, Parts, asking
from .world import NOON, meeting, person


def one_person(parts: Parts, **more: Any) -> None:
    """Let there be one meeting with one participant."""
    parts.service.meetings = {meeting(1): [person(1, **more)]}


def samples(parts: Parts) -> list[QualitySampled]:
    """Return the events in the log."""
    events = [decode(record.value) for record in parts.log.records]
    return [event for event in events if isinstance(event, QualitySampled)]


def kinds_and_times(parts: Parts) -> list[tuple[str, float]]:
    """Return what of was published, and of which second after noon."""
    return [
        (event.flows[0].modality if event.flows else "cpu", (event.occurred_at - NOON).total_seconds())
        for event in samples(parts)
    ]


async def test_what_is_measured_is_published() -> None:
    """One record for each kind that was asked for, counted."""
    async with asking() as parts:
        one_person(parts, name="Li Wei")
        await parts.clock.forward(10)

    assert parts.asked == ["meetings", "people of uuid-1", *(f"{kind} of p-1 in uuid-1" for kind in KINDS)]
    assert kinds_and_times(parts) == [(kind, 0.0) for kind in KINDS]
    first = samples(parts)[0]
    assert (first.enterprise, first.meeting_id, first.meeting_uuid, first.source, first.surroundings) == (
        "acme",
        "m-1",
        "uuid-1",
        "rest",
        Surroundings(name="Li Wei"),
    )
    assert first.received_at == NOON + timedelta(seconds=2)
    assert (parts.metric("meetwire_quality_samples_total"), parts.metric("meetwire_quality_late_seconds")) == (4.0, 4.0)


async def test_no_sample_is_published_twice() -> None:
    """Three looks within two minutes of the service's figures give each of them once."""
    async with asking() as parts:
        one_person(parts)
        await parts.clock.forward(130)

    audio = [name for name in parts.asked if name.startswith("audio")]
    assert len(audio) == 3
    assert sorted(kinds_and_times(parts)) == sorted((kind, at) for kind in KINDS for at in (0.0, 60.0, 120.0))


async def test_a_figure_that_does_not_change_is_published_once() -> None:
    """The service repeats a series until there is more of it."""
    async with asking() as parts:
        one_person(parts)
        parts.service.measured_by = Clock()
        await parts.clock.forward(130)

    assert kinds_and_times(parts) == [(kind, 0.0) for kind in KINDS]


async def test_a_name_that_is_a_number_is_masked_where_the_settings_say_so() -> None:
    """Who joins by telephone has the number for a name."""
    async with asking(mask_contacts=True) as parts:
        one_person(parts, name="+861055550123")
        await parts.clock.forward(2.5)

    assert [event.surroundings for event in samples(parts)] == [Surroundings(name="+********0123")]


async def test_a_meeting_that_is_pushed_is_not_asked_for() -> None:
    """With "auto" the push goes before the question."""
    async with asking(quality="auto") as parts:
        one_person(parts)
        parts.source.pushed("m-1")
        await parts.clock.forward(30)

    assert parts.asked == ["meetings"]


@pytest.mark.parametrize("quality", ["push", "off"])
async def test_without_a_wish_for_it_nothing_is_asked(quality: str) -> None:
    """The loop is over before it begins."""
    parts = Parts(quality=quality)

    await parts.source.run()

    assert parts.asked == []


async def test_nothing_is_asked_for_while_the_disk_has_little_room() -> None:
    """It can be had later: the service keeps what it measured."""
    async with asking() as parts:
        one_person(parts)
        parts.is_tight = True
        await parts.clock.forward(100)
        meanwhile = list(parts.asked)
        parts.is_tight = False
        await parts.clock.forward(120)

    assert meanwhile == []
    assert kinds_and_times(parts) == [(kind, 60.0) for kind in KINDS]


async def test_the_budget_is_kept_to() -> None:
    """Of many people as many are asked for as the settings allow."""
    async with asking(quality_calls_per_minute=30) as parts:
        parts.service.meetings = {meeting(1): [person(number) for number in range(500)]}
        await parts.clock.forward(119)

    assert len(parts.asked) == 60


async def test_an_edition_that_lacks_it_is_said_once_and_asked_again_after_an_hour() -> None:
    """And it is said when it has come."""
    with lines_caught() as lines:
        async with asking() as parts:
            one_person(parts)
            refused = Forbidden(code="MMC.111070005", status=403)
            parts.service.fails["meetings"] = [refused, refused, None]
            await parts.clock.forward(7_190)
            told = [at for at, _ in parts.service.asked]
            at_first = parts.metric("meetwire_quality_refused")
            await parts.clock.forward(7_210)

    assert told == [0.0, 3_600.0]
    assert parts.asked[2:4] == ["meetings", "people of uuid-1"]
    assert lines == [
        {
            "event": "quality.refused",
            "log_level": "warning",
            "enterprise": "acme",
            "kind": "forbidden",
            "status": 403,
            "code": "MMC.111070005",
        },
        {"event": "quality.recovered", "log_level": "info", "enterprise": "acme"},
    ]
    assert (at_first, parts.metric("meetwire_quality_refused")) == (1.0, 0.0)


async def test_keys_that_are_refused_are_tried_again_after_ten_minutes() -> None:
    """Somebody replaces them in the settings."""
    with lines_caught() as lines:
        async with asking() as parts:
            one_person(parts)
            parts.service.fails["people of uuid-1"] = [Unauthenticated(status=401), None]
            await parts.clock.forward(620)

    assert [at for at, name in parts.service.asked if name.startswith("people")] == [1.0, 602.0]
    assert [line["event"] for line in lines] == ["quality.refused", "quality.recovered"]


@pytest.mark.parametrize(
    ("what", "error", "again_after_s"),
    [
        pytest.param("people of uuid-1", Forbidden(status=403), 3_600, id="its people may not be told"),
        pytest.param("people of uuid-1", NotFound(status=404), 300, id="it is not there"),
        pytest.param("people of uuid-1", BadRequest(status=400), 300, id="it is not understood"),
        pytest.param("audio of p-1 in uuid-1", Forbidden(status=403), 3_600, id="figures may not be told"),
        pytest.param("audio of p-1 in uuid-1", NotFound(status=404), 300, id="there are none"),
        pytest.param("audio of p-1 in uuid-1", BadRequest(status=400), 300, id="they are not understood"),
    ],
)
async def test_what_the_service_does_not_tell_of_one_meeting_stops_nothing_else(
    what: str, error: FinalError, again_after_s: float
) -> None:
    """It is left alone for a while; another meeting goes on."""
    async with asking(quality_calls_per_minute=600) as parts:
        parts.service.meetings = {meeting(1): [person(1)], meeting(2): [person(2)]}
        parts.service.fails[what] = [error]
        await parts.clock.forward(again_after_s * 1.5)

    (first, second, *_) = [at for at, name in parts.service.asked if name == what]
    other = [at for at, name in parts.service.asked if name == "audio of p-2 in uuid-2"]
    assert again_after_s <= second - first < again_after_s + 65
    assert len([at for at in other if first < at < second]) >= again_after_s / 60 - 1


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(Unreachable("connect"), id="not reached"),
        pytest.param(Faulty(status=502), id="fails"),
        pytest.param(Throttled(status=429), id="wants less, without a time"),
        pytest.param(LogUnavailable("disk_full"), id="the log takes nothing"),
        pytest.param(KeyError("nobody thought of it"), id="our own mistake"),
    ],
)
async def test_a_failure_is_left_in_peace_for_longer_and_longer(error: Exception) -> None:
    """Half of a bound that doubles up to two minutes, since the draw here is a half; then it goes on as before."""
    with lines_caught() as lines:
        async with asking() as parts:
            one_person(parts)
            parts.service.fails["meetings"] = [*[error] * 12, None]
            await parts.clock.forward(700)

    times = [at for at, name in parts.service.asked if name == "meetings"]
    # The list is not asked for sooner than a quarter of a minute later, whatever the draw.
    assert [round(later - earlier) for earlier, later in pairwise(times[:13])] == [
        *[15] * 5,
        16,
        32,
        *[60] * 5,
    ]
    assert [line["event"] for line in lines] == ["quality.failed", "quality.failed", "quality.recovered"]
    assert lines[0] == {
        "event": "quality.failed",
        "log_level": "warning",
        "enterprise": "acme",
        "kind": type(error).__name__,
    }


async def test_several_failures_at_one_time_count_as_one() -> None:
    """Thirty calls that break off together do not make the wait thirty times as long."""
    async with asking(quality_calls_per_minute=6_000) as parts:
        parts.service.meetings = {meeting(1): [person(number) for number in range(20)]}
        parts.service.holds = " in "
        going = asyncio.create_task(parts.clock.forward(3))
        await parts.service.held(AT_ONCE)
        count, broke_at = len(parts.asked), parts.clock.seconds
        parts.service.break_off(Unreachable("connect"))
        await going

    assert count == 2 + AT_ONCE
    assert parts.service.asked[count][0] - broke_at == pytest.approx(0.5, abs=0.05)


async def test_the_time_that_a_service_asks_for_is_kept() -> None:
    """`Retry-After`, where it is longer than what was drawn."""
    async with asking() as parts:
        parts.service.fails["meetings"] = [Throttled(status=429, retry_after_s=200.0), None]
        await parts.clock.forward(205)

    assert [at for at, _ in parts.service.asked] == [0.0, 200.0]


async def test_what_the_log_did_not_take_comes_with_the_next_look() -> None:
    """It is not noted as published."""
    async with asking() as parts:
        one_person(parts)
        parts.log.refuses = LogUnavailable("disk_full")
        await parts.clock.forward(50)
        refused = [*parts.log.records]
        parts.log.refuses = None
        parts.service.measured_by = Clock()
        await parts.clock.forward(130)

    assert refused == []
    assert sorted(kinds_and_times(parts)) == sorted((kind, 0.0) for kind in KINDS)


async def test_another_process_makes_the_same_records_of_the_same_figures() -> None:
    """A restart, or a meeting that moves: readers know them by their ids."""
    ids = []
    for _ in range(2):
        async with asking() as parts:
            one_person(parts)
            await parts.clock.forward(10)
            ids.append([record.id for record in parts.log.records])

    assert len(set(ids[0])) == len(KINDS)
    assert ids[0] == ids[1]


async def test_a_kind_that_has_no_figures_any_more_is_asked_for_less_often() -> None:
    """The last figure is older than five minutes."""
    async with asking() as parts:
        one_person(parts)
        parts.service.measured_by = Clock()
        await parts.clock.forward(700)

    audio = [at for at, name in parts.service.asked if name.startswith("audio")]
    gaps = [later - earlier for earlier, later in pairwise(audio)]
    assert gaps == [pytest.approx(gap, abs=5) for gap in (60, 60, 60, 60, 60, 300)]


async def test_nothing_of_people_is_in_a_line() -> None:
    """Neither a name nor what the service wrote."""
    with lines_caught() as lines:
        async with asking() as parts:
            one_person(parts, name="marker")
            parts.service.fails["audio of p-1 in uuid-1"] = [KeyError("marker"), CloudError(), None]
            await parts.clock.forward(1_000)

    assert lines
    assert [line for line in lines if "marker" in str(line)] == []
