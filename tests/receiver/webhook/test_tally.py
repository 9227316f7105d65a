"""What is counted and what is said: all of the first, little of the second, and nothing that a stranger chose."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
import structlog

from deploy.meters import PrometheusMeters
from receiver.pipeline import Accepted
from receiver.webhook.tally import LINES_PER_SECOND, Tally

from ..lines import Lines, lines_caught
from ..signing import event
from .serving import fresh, serving


@pytest.fixture
def lines() -> Iterator[Lines]:
    """Yield what the receiver says."""
    with lines_caught() as caught:
        yield caught


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


def value(meters: PrometheusMeters, name: str, **labels: str) -> float | None:
    """Return one sample."""
    return meters.registry.get_sample_value(name, labels)


async def test_a_refusal_is_one_line(lines: Lines) -> None:
    """Everything that an operator needs to find the cause, and the request ID to ask the service with."""
    async with serving() as server:
        await server.post(fresh(password="another"), {"X-Request-ID": "r-1"})

    (line,) = lines
    assert isinstance(line.pop("ms"), float)
    assert line == {
        "event": "push.refused",
        "log_level": "warning",
        "status": 401,
        "reason": "signature",
        "remote": "127.0.0.1",
        "request_id": "r-1",
        "left_out": 0,
    }


@pytest.mark.parametrize(
    ("name", "said"),
    [
        pytest.param("meeting.lobby.opened", "meeting.lobby.opened", id="a name"),
        pytest.param("x" * 64, "x" * 64, id="as long as names may be"),
        pytest.param("x" * 65, None, id="too long for a name"),
        pytest.param("a b", None, id="words"),
        pytest.param("会议", None, id="letters beyond ASCII"),
        pytest.param("a\nb", None, id="two lines"),
        pytest.param("", None, id="nothing"),
    ],
)
async def test_what_is_set_aside_is_one_line(name: str, said: str | None, lines: Lines) -> None:
    """Alarming, with the event's name where it looks like one."""
    async with serving() as server:
        await server.post(fresh(event(name)), {"X-Request-ID": "r-1"})

        assert server.count("meetwire_pushes_set_aside_total", reason="unknown_event") == 1
    assert lines.named("push.set_aside") == [
        {
            "event": "push.set_aside",
            "log_level": "warning",
            "reason": "unknown_event",
            "enterprise": "acme",
            "event_name": said,
            "request_id": "r-1",
            "left_out": 0,
        }
    ]


async def test_a_repeat_of_what_is_set_aside_is_not_said_again(lines: Lines) -> None:
    """One cause, one line; it is counted as a repeat."""
    raw = fresh(event("meeting.lobby.opened"))

    async with serving() as server:
        for _ in range(3):
            await server.post(raw)

        assert server.count("meetwire_pushes_repeated_total") == 2
        assert server.count("meetwire_pushes_set_aside_total", reason="unknown_event") == 1
    assert len(lines.named("push.set_aside")) == 1


async def test_accepted_pushes_are_counted_by_name() -> None:
    """Under the ten names of the reference, and all others as one: a stranger's names make no series."""
    async with serving() as server:
        await server.post(fresh())
        await server.post(fresh(event("meeting.verify")))
        for number in range(5):
            await server.post(fresh(event(f"meeting.new.{number}")))

        counted = {
            sample.labels["event"]: sample.value
            for metric in server.meters.registry.collect()
            for sample in metric.samples
            if sample.name == "meetwire_pushes_accepted_total" and sample.value
        }
        assert counted == {"meeting.started": 1, "meeting.verify": 1, "other": 5}
        assert server.count("meetwire_push_seconds_count") == 7


async def test_an_accepted_push_is_said_at_debug_alone(lines: Lines) -> None:
    """A line for each would cost more than the push."""
    async with serving() as server:
        await server.post(fresh(), {"X-Request-ID": "r-1"})

    (line,) = lines
    assert isinstance(line.pop("ms"), float)
    assert line == {
        "event": "push.accepted",
        "log_level": "debug",
        "event_name": "meeting.started",
        "request_id": "r-1",
    }


def test_an_accepted_push_makes_no_line_where_debug_is_off(lines: Lines) -> None:
    """Not even one that is thrown away: the logger is not asked."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(20))
    meters = PrometheusMeters()

    tally = Tally(meters)
    tally._log = None  # type: ignore[assignment]  # whoever asked it would fail
    tally.accept(Accepted("meeting.started"), "r-1", time.perf_counter())

    assert value(meters, "meetwire_pushes_accepted_total", event="meeting.started") == 1


def test_a_reason_is_said_so_many_times_a_second(lines: Lines) -> None:
    """Then it is counted only, and the next line tells how many were left out; other reasons are said all the while."""
    clock, meters = Clock(), PrometheusMeters()
    tally = Tally(meters, clock)

    for _ in range(LINES_PER_SECOND + 25):
        tally.refuse(401, "signature", remote=None)
    tally.refuse(400, "not_json", remote=None)
    clock.now += 1
    tally.refuse(401, "signature", remote=None)
    clock.now += 0.5
    tally.refuse(401, "signature", remote=None)
    clock.now += 60
    tally.refuse(401, "signature", remote=None)

    assert [(line["reason"], line["left_out"]) for line in lines] == [
        *[("signature", 0)] * LINES_PER_SECOND,
        ("not_json", 0),
        ("signature", 25),
        ("signature", 0),
        ("signature", 0),
    ]
    counted = value(meters, "meetwire_pushes_refused_total", status="401", reason="signature")
    assert counted == LINES_PER_SECOND + 28


def test_what_is_set_aside_is_held_back_too(lines: Lines) -> None:
    """A service that has moved on says something new with every push."""
    clock, meters = Clock(), PrometheusMeters()
    tally = Tally(meters, clock)

    for _ in range(LINES_PER_SECOND + 5):
        tally.accept(Accepted("x", set_aside="unknown_event"), None, time.perf_counter())

    assert len(lines.named("push.set_aside")) == LINES_PER_SECOND
    assert value(meters, "meetwire_pushes_set_aside_total", reason="unknown_event") == LINES_PER_SECOND + 5


def test_failures_of_ours_are_held_back_too(lines: Lines) -> None:
    """A mistake that every push meets is said, and does not fill the disk."""
    clock = Clock()
    tally = Tally(PrometheusMeters(), clock)

    for _ in range(LINES_PER_SECOND + 5):
        tally.fail(RuntimeError("marker"))
    clock.now += 1
    tally.fail(RuntimeError("marker"))

    assert [line["left_out"] for line in lines] == [*[0] * LINES_PER_SECOND, 5]
    assert lines[0] == {
        "event": "service.failed",
        "log_level": "error",
        "kind": "RuntimeError",
        "where": None,
        "left_out": 0,
    }
