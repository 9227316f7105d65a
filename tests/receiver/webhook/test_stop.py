"""The end of the listener: nobody new, those who are there get their answer, nobody waits for a stranger."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import pytest

from receiver.webhook.listener import STOP_BODY_S

from .serving import Serving, fresh, serving
from .test_answers import MALFORMED, answer
from .wire import ENDED, PATH, connected, request

LAST: Final = answer(200, connection="close")


class Stoppable:
    """A listener that a test stops when it wants to."""

    def __init__(self, server: Serving, stop: asyncio.Event, stopped: asyncio.Event) -> None:
        self.server = server
        self._stop = stop
        self.stopped = stopped

    async def told(self) -> None:
        """Return once it was told to stop and lets nobody in any more."""
        self._stop.set()
        while True:
            try:
                _, writer = await asyncio.open_connection(*self.server.address)
            except OSError:
                return
            writer.close()


@asynccontextmanager
async def stoppable(**settings: Any) -> AsyncIterator[Stoppable]:
    """Yield a listener that runs in a task of its own."""
    stop, stopped = asyncio.Event(), asyncio.Event()
    started: asyncio.Future[Serving] = asyncio.get_running_loop().create_future()

    async def run() -> None:
        async with serving(**settings) as server:
            started.set_result(server)
            await stop.wait()
        stopped.set()

    running = asyncio.create_task(run())
    yield Stoppable(await started, stop, stopped)
    stop.set()
    await running


async def test_a_push_in_flight_is_answered() -> None:
    """It is durable first; then its connection ends, and only then the listener."""
    async with stoppable() as listener, connected(listener.server.address) as wire:
        log = listener.server.log
        log.hold()
        await wire.send(request(fresh()))
        await log.holds(1)
        await listener.told()
        still_there = not listener.stopped.is_set()
        log.release()

        assert (still_there, await wire.answer(), await wire.rest()) == (True, LAST, ENDED)
        await listener.stopped.wait()
        assert len(log.records) == 1


async def test_a_push_that_is_never_durable_is_asked_for_again() -> None:
    """The end waits as long as an answer may take, and no longer."""
    async with stoppable(deadline_s=1.0) as listener, connected(listener.server.address) as wire:
        listener.server.log.hold()
        await wire.send(request(fresh()))
        await listener.server.log.holds(1)
        await listener.told()

        late = answer(503, retry_after="30", connection="close")
        assert (await wire.answer(), await wire.rest()) == (late, ENDED)
        await listener.stopped.wait()


async def test_a_body_that_is_on_its_way_may_still_come() -> None:
    """A push of which a part has come is taken if the rest comes soon."""
    body = fresh()
    head = request(b"", {"Content-Length": str(len(body)), "Expect": "100-continue"})

    async with stoppable() as listener, connected(listener.server.address) as wire:
        await wire.send(head)
        await wire.answer()
        await listener.told()
        await wire.send(body)

        assert (await wire.answer(), await wire.rest()) == (LAST, ENDED)
        await listener.stopped.wait()
        assert len(listener.server.log.records) == 1


@pytest.mark.parametrize("body_timeout_s", [10.0, STOP_BODY_S * 0.9], ids=["in good time", "with little time left"])
async def test_a_body_that_does_not_come_holds_nothing_up(body_timeout_s: float) -> None:
    """It is asked for again after a moment: the time that a body has otherwise is too long to wait."""
    async with stoppable(body_timeout_s=body_timeout_s) as listener, connected(listener.server.address) as wire:
        await wire.send(request(b"", {"Content-Length": "300", "Expect": "100-continue"}))
        await wire.answer()
        await listener.told()

        assert await wire.answer() == answer(503, retry_after="30", connection="close")
        await asyncio.wait_for(listener.stopped.wait(), 30)


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"", id="silent"),
        pytest.param(f"POST {PATH} HTTP/1.1\r\n".encode(), id="half a head"),
    ],
)
async def test_connections_that_ask_nothing_are_closed(sent: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """At once, and not after the time that a body has: nobody waits for an answer there."""
    monkeypatch.setattr("receiver.webhook.listener.STOP_BODY_S", 90.0)
    async with stoppable() as listener, connected(listener.server.address) as new, connected(new.peer) as used:
        await used.send(request(b""))
        before = await used.answer()
        await used.send(sent)
        await new.send(sent)
        await listener.told()

        assert (before, await used.rest(), await new.rest()) == (MALFORMED, ENDED, ENDED)
        await asyncio.wait_for(listener.stopped.wait(), 45)


async def test_what_is_queued_behind_a_push_in_flight_is_left_out() -> None:
    """The push is answered; who sent more without waiting sends it again over another connection."""
    async with stoppable() as listener, connected(listener.server.address) as wire:
        log = listener.server.log
        log.hold()
        await wire.send(request(fresh()) + request(fresh(nonce="2")) + request(fresh(nonce="3")))
        await log.holds(1)
        await listener.told()
        log.release()

        assert (await wire.answer(), await wire.rest()) == (LAST, ENDED)
        await listener.stopped.wait()
