"""More than this process admits, a log that hangs, Kafka awaited in vain, our own failure: asked for again, no loss."""

from __future__ import annotations

import asyncio
from typing import Final

import pytest

from receiver.entry import Entry
from receiver.log import Appended
from receiver.pipeline import Accepted, Pipeline
from receiver.verify import Verified
from receiver.webhook.answer import Answer
from schemas.ids import Position

from ..lines import lines_caught
from ..list_log import ListLog
from ..signing import STARTED, event
from .serving import fresh, serving
from .test_answers import ACCEPTED, UNVERIFIED, answer
from .wire import NoAnswer

OVERLOADED: Final = answer(429, retry_after="1")
NOT_DURABLE: Final = answer(503, retry_after="30")
# Soon, and long enough for a push that is taken on a machine that is busy.
SOON_S: Final = 0.5


def numbered(number: int) -> bytes:
    """Return a push that differs from every other."""
    return fresh(STARTED.replace(b"m-1", b"m-%d" % number))


class Acknowledged:
    """Kafka, as the pipeline waits for it: acknowledges once told to."""

    def __init__(self, log: ListLog) -> None:
        self._log = log
        self.all = asyncio.Event()
        self.asked: list[Position] = []

    async def append(self, entry: Entry) -> Appended:
        """Return once it is in the log and all is acknowledged."""
        appended = await self._log.append(entry)
        self.asked.append(appended.position)
        await self.all.wait()
        return appended


async def test_more_than_so_many_in_flight_are_asked_for_again() -> None:
    """429 with Retry-After at once, while those before it wait; they are answered, and then there is room."""
    async with serving(max_in_flight=2) as server:
        server.log.hold()
        waiting = [asyncio.create_task(server.post(numbered(number))) for number in range(2)]
        await server.log.holds(2)
        server.listener.observe()
        in_flight = server.count("meetwire_pushes_in_flight")
        one_more = await server.post(numbered(2))
        server.log.release()

        assert (one_more, await asyncio.gather(*waiting), in_flight) == (OVERLOADED, [ACCEPTED, ACCEPTED], 2)
        assert await server.post(numbered(2)) == ACCEPTED
        assert {record.key for record in server.log.records} == {"m-0", "m-1", "m-2"}


async def test_a_stranger_takes_no_place_of_those_in_flight() -> None:
    """What is not verified is refused as such however much waits, and the handshake is a push like any other."""
    async with serving(max_in_flight=1) as server:
        server.log.hold()
        waiting = asyncio.create_task(server.post(numbered(0)))
        await server.log.holds(1)

        assert await server.post(fresh(password="another")) == UNVERIFIED
        assert (await server.post(fresh(event("meeting.verify")))).status == 429
        server.log.release()
        assert await waiting == ACCEPTED


async def test_a_push_that_is_not_durable_in_time_is_asked_for_again() -> None:
    """503 with Retry-After; the service keeps it, and its retry is taken."""
    async with serving(deadline_s=SOON_S) as server:
        server.log.hold()
        late = await server.post(numbered(0))
        server.listener.observe()
        in_flight = server.count("meetwire_pushes_in_flight")
        server.log.release()

        assert (late, in_flight) == (NOT_DURABLE, 0)
        assert server.count("meetwire_pushes_refused_total", status="503", reason="deadline") == 1
        assert await server.post(numbered(0)) == ACCEPTED
        assert [record.key for record in server.log.records] == ["m-0"]


async def test_each_push_has_its_own_time() -> None:
    """The one that came later is answered later, though one timer serves both."""
    clock = asyncio.get_running_loop().time
    async with serving(deadline_s=SOON_S) as server:
        server.log.hold()

        async def waited(number: int) -> float:
            began = clock()
            assert await server.post(numbered(number)) == NOT_DURABLE
            return clock() - began

        first = asyncio.create_task(waited(0))
        await server.log.holds(1)
        await asyncio.wait([first], timeout=SOON_S / 2)
        second = asyncio.create_task(waited(1))

        # However late the machine looks at its timers, nobody's time is over before it is.
        assert [await one >= 0.95 * SOON_S for one in (first, second)] == [True, True]


async def test_a_push_in_time_leaves_no_deadline_behind() -> None:
    """Its connection is good for the next one, long after its own time would have been over."""
    async with serving(deadline_s=SOON_S) as server:
        assert await server.post(numbered(0)) == ACCEPTED
        server.log.hold()
        assert await server.post(numbered(1)) == NOT_DURABLE
        server.log.release()
        assert await server.post(numbered(2)) == ACCEPTED


async def test_kafka_awaited_in_vain_is_no_200() -> None:
    """503 though the record is in the log; the retry is known, and answered when Kafka has acknowledged, not before."""
    behind: list[Acknowledged] = []

    def kafka(log: ListLog) -> Acknowledged:
        behind.append(Acknowledged(log))
        return behind[-1]

    async with serving(durable=kafka, answer_after="kafka", deadline_s=SOON_S) as server:
        late = await server.post(numbered(0))
        again = await server.post(numbered(0))
        behind[0].all.set()
        acknowledged = await server.post(numbered(0))

        assert (late, again, acknowledged) == (NOT_DURABLE, NOT_DURABLE, ACCEPTED)
        assert (len(server.log.records), behind[0].asked) == (1, [1, 1, 1])
        assert server.count("meetwire_pushes_repeated_total") == 1


async def test_a_thousand_times_the_same_push_at_once_is_one_record() -> None:
    """All of them are answered 200: it is durable."""
    raw = fresh()

    async with serving(max_in_flight=1_000) as server:
        server.log.hold()
        asked = [asyncio.create_task(server.post(raw)) for _ in range(1_000)]
        await server.log.holds(1_000)
        server.log.release()

        assert await asyncio.gather(*asked) == [ACCEPTED] * 1_000
        assert [record.key for record in server.log.records] == ["m-1"]
        assert server.count("meetwire_pushes_repeated_total") == 999


class Broken(Pipeline):
    """A pipeline with a mistake of ours in it."""

    mistake: BaseException = RuntimeError("marker")

    async def take(self, verified: Verified) -> Accepted:
        """Make it."""
        raise self.mistake


@pytest.mark.parametrize(
    "mistake",
    [
        pytest.param(RuntimeError("marker"), id="a mistake"),
        pytest.param(TimeoutError("marker"), id="a time that was over elsewhere"),
        pytest.param(OSError("marker"), id="a device"),
        pytest.param(UnicodeEncodeError("utf-8", "marker", 0, 1, "marker"), id="an error that holds what it is about"),
        pytest.param(ExceptionGroup("marker", [ValueError("marker")]), id="several"),
    ],
)
async def test_a_failure_of_ours_is_503_and_never_500(mistake: Exception) -> None:
    """Nothing of it goes out, and the log has its kind and place, not its text; the connection goes on."""
    broken = type("Broken", (Broken,), {"mistake": mistake})

    with lines_caught() as lines:
        async with serving(pipeline=lambda usual: _as(usual, broken)) as server:
            assert await server.post(fresh()) == NOT_DURABLE
            assert await server.post(fresh(password="another")) == UNVERIFIED

    failed, refused = lines.named("service.failed"), lines.named("push.refused")
    assert [(line["kind"], line["where"].partition(":")[0]) for line in failed] == [
        (type(mistake).__name__, "test_overload.py")
    ]
    assert [(line["status"], line["reason"]) for line in refused] == [(503, "failed"), (401, "signature")]
    assert "marker" not in str(lines)


class Odd(Pipeline):
    """A pipeline that accepts with something that it may not hold."""

    accepted = Accepted("meeting.started")

    async def take(self, verified: Verified) -> Accepted:
        """Accept."""
        return self.accepted


async def test_a_failure_behind_the_promise_is_503_too() -> None:
    """The push is durable, but could not be counted: its retry is a repeat, which is better than a false 200."""
    odd = type("Odd", (Odd,), {"accepted": Accepted("x", set_aside=["marker"])})  # type: ignore[arg-type]  # odd it is

    with lines_caught() as lines:
        async with serving(pipeline=lambda usual: _as(usual, odd)) as server:
            assert await server.post(fresh()) == answer(503, retry_after="30", connection="close")

    assert [line["event"] for line in lines] == ["service.failed", "push.refused"]
    assert "marker" not in str(lines)


async def test_an_answer_that_cannot_be_written_ends_its_connection() -> None:
    """Without one, which is no 200; and the log has its kind and place."""
    odd = type("Odd", (Odd,), {"accepted": Accepted("x", body="marker")})  # type: ignore[arg-type]  # odd it is

    with lines_caught() as lines:
        async with serving(pipeline=lambda usual: _as(usual, odd)) as server:
            with pytest.raises(NoAnswer):
                await server.post(fresh())

    assert [(line["kind"], line["where"].partition(":")[0]) for line in lines.named("service.failed")] == [
        ("TypeError", "answer.py")
    ]
    assert "marker" not in str(lines)


def test_repr_of_an_answer_shows_its_status_alone() -> None:
    """The event loop's debug mode prints what a task returned."""
    assert repr(Answer(200, request_id="marker", body=b"marker")) == "<Answer 200>"


def _as(pipeline: Pipeline, kind: type[Pipeline]) -> Pipeline:
    """Return the same pipeline as one of another kind."""
    other = kind.__new__(kind)
    vars(other).update(vars(pipeline))
    return other
