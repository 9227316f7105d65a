"""How often the service is asked, and what is said of it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from receiver.cloud import Cloud, CloudError, Faulty, Throttled, Unreachable
from schemas.settings import Secret
from tests.receiver.lines import lines_caught

from .asking import NOON, Parts, asking
from .service import CONTROL, DETAIL, LINK, ONLINE, Reply, refusal

EMPTY = Reply(200, {"count": 0, "data": []})
FAULTY = refusal(503)


async def outcomes(parts: Parts, call: str = "online_meetings") -> dict[str, float]:
    """Return how the tries of a call were counted."""
    found = {}
    for outcome in ("good", "faulty", "throttled", "unreachable", "not_found", "bad_request"):
        value = await asyncio.to_thread(
            parts.meters.value, "meetwire_cloud_calls_total", enterprise="acme", call=call, outcome=outcome
        )
        if value:
            found[outcome] = value
    return found


async def test_a_fault_that_passes_is_not_noticed() -> None:
    """Three tries more, each after a wait that is drawn below a bound that doubles."""
    async with asking() as parts:
        parts.service.answers(ONLINE, FAULTY, refusal(500, "USG.1"), Reply(200, b"<html>"), EMPTY)
        with lines_caught() as lines, pytest.raises(Faulty):
            await parts.cloud.online_meetings()
        assert parts.clock.slept == [0.25, 0.5]
        assert [line["event"] for line in lines] == ["cloud.failed"]

        assert await parts.cloud.online_meetings() == []

        assert await outcomes(parts) == {"faulty": 2, "good": 2}


async def test_a_fault_that_stays_is_given_up_after_four_tries() -> None:
    """It is said once, with what was asked; again after a minute; and once that it is over."""
    async with asking() as parts:
        parts.service.answers(ONLINE, FAULTY)
        with lines_caught() as lines:
            for _ in range(3):
                with pytest.raises(Faulty):
                    await parts.cloud.online_meetings()
            assert parts.clock.slept == [0.25, 0.5, 1.0] * 3
            assert len(parts.service.of(ONLINE)) == 12
            failed = {
                "event": "cloud.failed",
                "log_level": "warning",
                "enterprise": "acme",
                "call": "online_meetings",
                "reason": "Faulty (503)",
            }
            assert lines == [failed]

            parts.clock.forward(60)
            with pytest.raises(Faulty):
                await parts.cloud.online_meetings()
            assert lines == [failed, failed]

            parts.service.answers(ONLINE, EMPTY)
            for _ in range(2):
                await parts.cloud.online_meetings()

        recovered = {
            "event": "cloud.recovered",
            "log_level": "info",
            "enterprise": "acme",
            "reason": "Faulty (503)",
        }
        assert lines == [failed, failed, recovered]


async def test_a_fault_that_comes_and_goes_is_said_once_a_minute() -> None:
    """Not with each call."""
    async with asking() as parts:
        with lines_caught() as lines:
            for _ in range(5):
                parts.service.answers(ONLINE, FAULTY)
                with pytest.raises(Faulty):
                    await parts.cloud.online_meetings()
                parts.service.answers(ONLINE, EMPTY)
                await parts.cloud.online_meetings()

        assert [line["event"] for line in lines] == ["cloud.failed", "cloud.recovered"]


async def test_what_is_final_says_that_the_service_is_there() -> None:
    """A meeting that is over is an answer."""
    async with asking() as parts:
        parts.service.answers(ONLINE, FAULTY)
        parts.service.answers(DETAIL, refusal(400, "MMC.111072065"))
        with lines_caught() as lines:
            for call in (parts.cloud.online_meetings(), parts.cloud.meeting("1")):
                with pytest.raises(CloudError):
                    await call

        assert [line["event"] for line in lines] == ["cloud.failed", "cloud.recovered"]
        assert await outcomes(parts, "meeting") == {"not_found": 1}


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        pytest.param({"Retry_After": "7"}, 7, id="seconds"),
        pytest.param({"Retry_After": "Mon, 02 Mar 2026 12:00:09 GMT"}, 9, id="a date, by the service's own clock"),
        pytest.param({"Retry_After": "Mon, 02 Mar 2026 12:00:09 GMT", "Date": "x"}, 9, id="a date, by ours"),
        pytest.param({"Retry_After": "Mon, 02 Mar 2026 12:00:09 -0000"}, 9, id="a date without a zone"),
        pytest.param({"Retry_After": "Mon, 02 Mar 2026 11:00:00 GMT"}, 0, id="a date that is over"),
        pytest.param({"Retry_After": "soon"}, 5, id="a word"),
        pytest.param({}, 5, id="nothing"),
    ],
)
async def test_a_429_is_waited_out_by_all_calls(header: dict[str, str], seconds: float) -> None:
    """As long as the service says, and a little more, not all at the same moment."""
    async with asking() as parts:
        parts.service.answers(ONLINE, refusal(429, **header), EMPTY)
        with lines_caught() as lines:
            assert await parts.cloud.online_meetings() == []

        assert parts.clock.slept == [seconds + 0.5] * bool(seconds)
        assert lines == [
            {
                "event": "cloud.throttled",
                "log_level": "warning",
                "enterprise": "acme",
                "retry_after_s": seconds,
            }
        ]
        assert await outcomes(parts) == {"throttled": 1, "good": 1}
        assert await asyncio.to_thread(parts.meters.value, "meetwire_cloud_throttled_total", enterprise="acme") == 1


async def test_a_429_to_one_call_holds_up_another() -> None:
    """It is the client that is throttled."""
    async with asking() as parts:
        parts.service.answers(ONLINE, EMPTY)
        parts.service.answers(LINK, EMPTY, refusal(429, Retry_After="20"))
        with pytest.raises(Throttled):
            await parts.cloud.enable_push(subscriber_id="s", password=Secret("x"), url="https://a/")
        asked_at = parts.clock()

        await parts.cloud.online_meetings()

        assert (parts.clock() - asked_at).total_seconds() == 20.5


async def test_a_long_429_fails_its_callers_at_once() -> None:
    """With how long it is: they know what else to do. Nothing is asked until then."""
    async with asking() as parts:
        parts.service.answers(ONLINE, refusal(429, Retry_After="3600"), EMPTY)
        left = []
        for _ in range(2):
            with pytest.raises(Throttled) as raised:
                await parts.cloud.online_meetings()
            left.append(raised.value.retry_after_s)
            parts.clock.forward(600)

        assert left == [3_600, 3_000]
        assert (len(parts.service.of(ONLINE)), parts.clock.slept) == (1, [])
        parts.clock.forward(2_400)
        assert await parts.cloud.online_meetings() == []


@pytest.mark.parametrize("spelt", ["9" * 400, "Mon, 02 Mar 2099 11:00:00 GMT"], ids=["seconds", "a date"])
async def test_a_429_for_ever_is_one_for_a_day(spelt: str) -> None:
    """The service is asked again some time."""
    async with asking() as parts:
        parts.service.answers(ONLINE, refusal(429, Retry_After=spelt), EMPTY)
        with pytest.raises(Throttled) as raised:
            await parts.cloud.online_meetings()
        assert raised.value.retry_after_s == 86_400

        parts.clock.forward(86_400)
        assert await parts.cloud.online_meetings() == []


async def test_of_many_429s_at_once_one_is_said() -> None:
    """And the longest is waited out."""
    async with asking() as parts:
        parts.service.answers(ONLINE, EMPTY)
        await parts.cloud.online_meetings()
        parts.service.answers(
            ONLINE,
            refusal(429, Retry_After="60"),
            refusal(429, Retry_After="600"),
            refusal(429, Retry_After="60"),
        )
        parts.service.hold.clear()
        with lines_caught() as lines:
            calls = [asyncio.create_task(parts.cloud.online_meetings()) for _ in range(3)]
            await parts.service.was_asked(ONLINE, 1 + 3)
            parts.service.hold.set()
            found = await asyncio.gather(*calls, return_exceptions=True)

        assert [type(one) for one in found] == [Throttled] * 3
        assert len(lines.named("cloud.throttled")) == 1
        with pytest.raises(Throttled) as raised:
            await parts.cloud.online_meetings()
        assert raised.value.retry_after_s == 600


async def test_a_clock_that_is_set_back_does_not_hold_calls_up() -> None:
    """A pause of seconds must not become one of hours."""
    async with asking() as parts:
        parts.service.answers(ONLINE, refusal(429, Retry_After="3600"), EMPTY)
        with pytest.raises(Throttled):
            await parts.cloud.online_meetings()

        parts.clock.at = NOON.replace(hour=1)
        assert await parts.cloud.online_meetings() == []


async def test_a_registration_is_not_repeated_by_itself() -> None:
    """Whether a second one would stand beside the first is not documented."""
    async with asking() as parts:
        parts.service.answers(LINK, Reply(200, {}), refusal(500))
        with pytest.raises(Faulty):
            await parts.cloud.enable_push(subscriber_id="s", password=Secret("x"), url="https://a/")

        assert [asked.method for asked in parts.service.of(LINK)] == ["GET", "POST"]


async def test_each_try_has_its_time() -> None:
    """A service that does not answer is unreachable, and was asked four times."""
    async with asking(request_timeout_s=1.5) as parts:
        parts.service.answers(ONLINE, EMPTY)
        await parts.cloud.online_meetings()
        parts.service.hold.clear()

        with pytest.raises(Unreachable) as raised:
            await parts.cloud.online_meetings()

        assert str(raised.value) == "Unreachable: no answer in time"
        assert await outcomes(parts) == {"good": 1, "unreachable": 4}


async def nothing_secret(parts: Parts) -> None:
    """Have calls fail in every way."""
    cloud: Cloud = parts.cloud
    for reply in (refusal(400, "MARKER-CODE"), refusal(500), refusal(429, Retry_After="60")):
        parts.service.answers(CONTROL, reply)
        with pytest.raises(CloudError) as raised:
            await cloud.control_token("900000001", Secret("marker-host"))
        shown = f"{raised.value} {raised.value!r} {raised.value.__cause__!r} {raised.value.__context__!r}"
        assert "marker" not in shown.lower()
        assert "127.0.0.1" not in shown
        parts.clock.forward(60)


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({}, id="refused"),
        pytest.param({"address": "http://127.0.0.1:1"}, id="unreachable"),
    ],
)
async def test_nothing_secret_is_said(more: dict[str, Any]) -> None:
    """Neither keys, passwords and tokens nor what the service wrote, in log lines and in errors."""
    async with asking(**more) as parts:
        with lines_caught() as lines:
            if more:
                with pytest.raises(Unreachable) as raised:
                    await parts.cloud.control_token("900000001", Secret("marker-host"))
                assert raised.value.__cause__ is None
                assert raised.value.__suppress_context__
            else:
                await nothing_secret(parts)

        assert lines
        assert "marker" not in str(lines).lower()
        assert "access-1" not in str(lines)
