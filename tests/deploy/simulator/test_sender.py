"""The sender against a receiver that misbehaves: what it repeats, when, and what it remembers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from yarl import URL

from deploy.simulator import (
    Clock,
    Delivery,
    Entry,
    Kind,
    ManualClock,
    NoConnection,
    NotLoopback,
    RealClock,
    Refused,
    Retry,
    Sender,
    Subscriber,
    open_sender,
)
from deploy.simulator.connection import open_session
from deploy.simulator.distinct import distinct_pushes
from deploy.simulator.sender import answers_handshake

from .scripted import Reply, ScriptedReceiver, receiving
from .signatures import PASSWORD, is_signed

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
SUBSCRIBER = Subscriber(app_id="100", password=PASSWORD)
FORGED = Delivery(at=START, body=b'{"eventInfo":{"event":"meeting.end"}}', kind=Kind.FORGED, what="no signature")


def pushes(count: int) -> list[Delivery]:
    """Return plain pushes, a millisecond apart."""
    return list(distinct_pushes(count, SUBSCRIBER, start=START))


PUSH = pushes(1)[0]


@asynccontextmanager
async def sending(
    *script: Reply, clock: Clock | None = None, retry: Retry = Retry.SAME
) -> AsyncIterator[tuple[Sender, ScriptedReceiver]]:
    """Yield a sender and the receiver that it sends to."""
    async with (
        receiving(*script) as receiver,
        open_sender(receiver.url, SUBSCRIBER, clock=clock, retry=retry) as sender,
    ):
        yield sender, receiver


async def delivered(sender: Sender, clock: ManualClock, retries: int) -> tuple[Entry, list[float]]:
    """Return how a delivery ended, and the seconds waited before each retry."""
    delivering = asyncio.create_task(sender.deliver(PUSH))
    waited = [(await clock.advance()).total_seconds() for _ in range(retries)]
    return await delivering, waited


async def test_refused_push_is_sent_again_until_it_is_taken() -> None:
    """503, a closed connection and a 204 are no 200: each is tried again 30 s later, and then after 30 min."""
    clock = ManualClock(START)
    async with sending(503, "close", 204, 500, clock=clock) as (sender, receiver):
        entry, waited = await delivered(sender, clock, 4)

    assert entry == Entry(
        delivery=PUSH,
        answers=("503", "connection lost", "204", "500", "200"),
        fate="accepted",
        at=START + timedelta(seconds=90 + 1_800),
    )
    assert waited == [30.0, 30.0, 30.0, 1_800.0]
    assert receiver.bodies == [PUSH.body] * 5
    assert list(sender.ledger.accepted()) == [PUSH]


async def test_push_that_is_never_taken_is_dropped_after_a_day() -> None:
    """51 tries in 24 h, then no more."""
    clock = ManualClock(START)
    async with sending(*[503] * 51, clock=clock) as (sender, receiver):
        entry, _ = await delivered(sender, clock, 50)

    assert (entry.fate, entry.answers, len(receiver.received)) == ("dropped", ("503",) * 51, 51)
    assert entry.at == START + timedelta(seconds=90 + 47 * 1_800)
    assert list(sender.ledger.accepted()) == []


async def test_retry_is_the_same_bytes_under_the_same_request_id() -> None:
    """One of the two things that the service may do."""
    clock = ManualClock(START)
    async with sending(503, clock=clock) as (sender, receiver):
        await delivered(sender, clock, 1)

    assert receiver.bodies == [PUSH.body, PUSH.body]
    assert len({request_id(receiver, number) for number in (0, 1)}) == 1


async def test_retry_can_be_signed_anew() -> None:
    """The other: the event is the same, and everything around it is new."""
    clock = ManualClock(START)
    async with sending(503, clock=clock, retry=Retry.RESIGNED) as (sender, receiver):
        await delivered(sender, clock, 1)
    first, again = (json.loads(body) for body in receiver.bodies)

    assert again["eventInfo"] == first["eventInfo"] == PUSH.event_info
    assert again["timestamp"] - first["timestamp"] == 30_000
    assert {name for name in first if first[name] != again[name]} == {"timestamp", "nonce", "signature"}
    assert is_signed(receiver.bodies[1])
    assert len({request_id(receiver, number) for number in (0, 1)}) == 2


async def test_what_is_not_genuine_is_tried_once() -> None:
    """A forger does not follow the service's schedule."""
    async with sending(401) as (sender, receiver):
        entry = await sender.deliver(FORGED)

    assert (entry.fate, entry.answers, len(receiver.received)) == ("refused", ("401",), 1)
    assert dict(sender.ledger.surprises) == {}


async def test_wrong_answers_are_told() -> None:
    """A forged push that is taken, a good one that is refused and a body with an event's 200 are surprises."""
    clock = ManualClock(START)
    async with sending(200, 401, b"thanks", clock=clock) as (sender, _):
        await sender.deliver(FORGED)
        await delivered(sender, clock, 1)

    assert dict(sender.ledger.surprises) == {
        "forged (no signature): 200 instead of 401": 1,
        "plain: 401 instead of 200": 1,
        "plain: a body with the 200": 1,
    }


async def test_answers_that_ask_for_patience_are_no_surprise() -> None:
    """429 and 503 may come for anything."""
    clock = ManualClock(START)
    async with sending(429, 503, clock=clock) as (sender, _):
        await delivered(sender, clock, 2)

    assert (dict(sender.ledger.surprises), sender.ledger.retries) == ({}, 2)
    assert {kind: dict(answers) for kind, answers in sender.ledger.answers.items()} == {
        Kind.PLAIN: {"429": 1, "503": 1, "200": 1}
    }


async def test_silent_receiver_costs_no_more_than_the_timeout() -> None:
    """No answer in time is a failed try like another."""
    async with receiving("silence") as receiver, open_session(timeout_s=0.05) as session:
        sender = Sender(session, URL(receiver.url), SUBSCRIBER)

        assert (await sender.send(PUSH.body)).text == "time is up"


async def test_plan_is_followed_by_the_clock() -> None:
    """Nothing is sent before its time."""
    clock, plan = ManualClock(START - timedelta(hours=1)), pushes(3)
    async with sending(clock=clock) as (sender, receiver):
        following = asyncio.create_task(sender.follow(plan, stop=asyncio.Event()))
        before = list(receiver.bodies)
        steps = [await clock.advance() for _ in range(3)]
        await following

    assert (before, steps[0]) == ([], timedelta(hours=1))
    assert sorted(receiver.bodies) == sorted(push.body for push in plan)


async def test_stop_waits_for_answers_but_not_for_retries() -> None:
    """What is in flight is still counted; what waits for its retry is left unfinished, and said so."""
    stop = asyncio.Event()
    async with sending(503) as (sender, receiver):
        following = asyncio.create_task(sender.follow([PUSH], stop=stop))
        await receiver.came.wait()
        stop.set()
        await following

    assert [(entry.fate, entry.answers) for entry in sender.ledger.entries] == [("unfinished", ("503",))]


async def test_stopped_sender_begins_nothing() -> None:
    """A stop that comes first leaves the whole plan unsent."""
    stop = asyncio.Event()
    stop.set()
    async with sending() as (sender, receiver):
        await sender.pour(pushes(3), stop=stop)

    assert receiver.received == []


async def test_pour_sends_all_at_once_or_at_a_rate() -> None:
    """Instants do not matter: as fast as answered, or so many a second."""
    clock = RealClock()
    async with sending() as (sender, receiver):
        await sender.pour(pushes(20), stop=asyncio.Event())
        began = clock.now()
        await sender.pour(pushes(11), stop=asyncio.Event(), rate=100)
        took = clock.now() - began

    assert len(receiver.received) == 31
    assert took >= timedelta(seconds=0.1)
    assert dict(sender.ledger.fates) == {"accepted": 31}


async def test_handshake_is_signed_and_answered_with_its_nonce() -> None:
    """What a good receiver answers enables the push."""
    async with sending() as (sender, receiver):
        await sender.handshake()

    (body,) = receiver.bodies
    assert is_signed(body)
    assert json.loads(body)["eventInfo"].keys() == {"event", "timestamp"}


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        pytest.param(401, "the handshake was answered 401", id="refused"),
        pytest.param(b"", "200, but not with its event and nonce alone", id="no body"),
        pytest.param(b"\xff", "200, but not with its event and nonce alone", id="not UTF-8"),
        pytest.param(
            b'{"event":"meeting.verify","nonce":"00000000"}', "not with its event and nonce", id="another nonce"
        ),
    ],
)
async def test_wrong_answer_fails_the_handshake(reply: Reply, told: str) -> None:
    """Anything but 200 with exactly the two members is refused, and said what it was."""
    async with sending(reply) as (sender, _):
        with pytest.raises(Refused, match=told):
            await sender.handshake()


@pytest.mark.parametrize(
    ("body", "good"),
    [
        pytest.param(b'{"event":"meeting.verify","nonce":"85262798"}', True, id="as documented"),
        pytest.param(b'{\n  "nonce": "85262798",\n  "event": "meeting.verify"\n}', True, id="white space and order"),
        pytest.param(b'{"event":"meeting.verify","nonce":"85262798","code":0}', False, id="a member more"),
        pytest.param(b'{"event":"meeting.verify","nonce":85262798}', False, id="a number"),
    ],
)
def test_handshake_answer_has_two_members_and_no_other(body: bytes, good: bool) -> None:
    """Whether the service takes more than the two is not known, so a receiver must not send more."""
    assert answers_handshake(body, "85262798") is good


async def test_handshake_with_nobody_says_where() -> None:
    """The address is in the error."""
    async with open_sender("http://127.0.0.1:1/push", SUBSCRIBER) as sender:
        with pytest.raises(NoConnection, match=r"http://127\.0\.0\.1:1/push: nothing listens there"):
            await sender.handshake()


async def test_load_stays_on_this_machine() -> None:
    """Deliveries and plans go to loopback alone; a single send goes anywhere."""
    async with open_sender("http://push.invalid/", SUBSCRIBER) as sender:
        with pytest.raises(NotLoopback):
            await sender.deliver(PUSH)
        with pytest.raises(NotLoopback):
            await sender.pour([PUSH], stop=asyncio.Event())

        assert (await sender.send(PUSH.body)).text == "no such host"


async def test_load_may_leave_where_it_is_allowed() -> None:
    """With allow_remote the try is made."""
    async with open_session() as session:
        sender = Sender(session, URL("http://push.invalid/"), SUBSCRIBER, allow_remote=True)

        assert (await sender.deliver(FORGED)).answers == ("no such host",)


def request_id(receiver: ScriptedReceiver, number: int) -> str:
    """Return the X-Request-ID of a request."""
    return dict(receiver.received[number].headers)["X-Request-ID"]
