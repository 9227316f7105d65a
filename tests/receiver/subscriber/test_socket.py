"""One subscription over a real socket: what comes on it is kept, whatever comes, and what did not come is told."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast

import aiohttp
import msgspec
import pytest

from receiver.cloud.meetings import ControlToken, OnlineMeeting
from receiver.entry_frames import enter_frame
from receiver.errors import LogUnavailable
from receiver.frames import read_frame
from receiver.subscriber.keeping import MOST_ENTRIES
from receiver.subscriber.socket import LARGE_BYTES
from schemas.events import ActiveSpeakersChanged
from schemas.ids import MeetingId
from schemas.settings import Secret

from ..lines import lines_caught
from .driving import DETAIL, control
from .service import Line, Service, polite
from .supervising import Hasty, Running, WatchedLog, running

SPEAKER: dict[str, Any] = {"msgMode": 0, "version": 1, "createTime": 1_772_355_600_000}


def speakers(log: WatchedLog) -> list[str | None]:
    """Return the message IDs of what was kept of speakers."""
    return [event.message_id for event in log.events() if isinstance(event, ActiveSpeakersChanged)]


async def speak(line: Line, number: int, **more: Any) -> None:
    """Push who speaks now."""
    await line.push("SpeakerChangeNotify", **{"msgID": f"s-{number}", "data": [], **SPEAKER, **more})


async def opened(run: Running, number: int = 1) -> Line:
    """Return the socket of meeting 900 once it is told to be open."""
    if number == 1:
        run.supervisor.listed("acme", [run.service.hold("900")])
    line = await run.service.line("900", number)
    await run.log.has_told(number, "opened")
    return line


async def test_frames_are_kept_in_order() -> None:
    """Several on their way to the log at once, and in the order of the socket."""
    async with running() as run:
        line = await opened(run)
        for number in range(200):
            await speak(line, number)
        await run.log.has(lambda log: len(speakers(log)) == 200)

    assert speakers(run.log) == [f"s-{number}" for number in range(200)]
    assert {record.epoch for record in run.log.records} == {run.log.told()[0].epoch}


async def test_socket_that_the_service_closes_is_opened_again() -> None:
    """With a new token, under a new epoch, and what was not seen is marked."""
    async with running() as run:
        await (await opened(run)).close()
        await opened(run, 2)

    told = run.log.told()
    assert [(event.change, event.reason) for event in told] == [
        ("opened", "start_unknown"),
        ("lost", "socket_closed"),
        ("opened", None),
        ("lost", "stopping"),
    ]
    assert told[2].unseen_since == told[1].unseen_since
    assert told[0].epoch == told[1].epoch < told[2].epoch == told[3].epoch


async def test_socket_that_is_cut_is_opened_again() -> None:
    """A connection that is gone without a word."""
    async with running() as run:
        (await opened(run)).cut()
        await opened(run, 2)

    assert run.log.told()[1].reason == "socket_closed"


async def test_frame_beyond_the_limit_is_survived() -> None:
    """It ends the socket, and is told."""
    async with running(max_frame_bytes=65_536) as run:
        await speak(await opened(run), 1, padding="x" * 70_000)
        [lost] = await run.log.has_told(1, "lost")

    assert lost.reason == "frame_too_large"


async def test_frame_of_sixteen_mebibytes_passes() -> None:
    """A webinar's whole roster."""
    async with running() as run:
        await speak(await opened(run), 1, padding="x" * 16_777_216)
        await run.log.has(lambda log: speakers(log) == ["s-1"])


async def test_large_frames_hold_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second of work on a webinar's roster is done in a thread, a small frame at once; in the order of the socket."""
    done: list[tuple[str, bool]] = []

    def noting(what: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def noted(*arguments: Any, **more: Any) -> Any:
            done.append((what, threading.current_thread() is threading.main_thread()))
            return work(*arguments, **more)

        return noted

    monkeypatch.setattr("receiver.subscriber.socket.read_frame", noting("read", read_frame))
    monkeypatch.setattr("receiver.subscriber.socket.enter_frame", noting("entered", enter_frame))
    async with running() as run:
        line = await opened(run)
        done.clear()
        await speak(line, 1, padding="x" * LARGE_BYTES)
        await speak(line, 2)
        await run.log.has(lambda log: len(speakers(log)) == 2)

    assert speakers(run.log) == ["s-1", "s-2"]
    assert done == [("read", False), ("entered", False), ("read", True), ("entered", True)]


async def test_odd_frames_are_survived() -> None:
    """Binary, empty, no JSON, an unknown action, a ping: the socket stays, and what is after them is kept."""
    async with running() as run:
        line = await opened(run)
        await line.response.send_bytes(b"\xff\x00")
        await line.response.send_str("")
        await line.response.send_str("{")
        await line.push("NobodyKnowsNotify", msgID="odd")
        await line.response.ping()
        await speak(line, 1)
        await run.log.has(lambda log: speakers(log) == ["s-1"])

    assert [event.change for event in run.log.told()] == ["opened", "lost"]
    assert run.count("meetwire_frames_unreadable_total") == 4
    assert run.count("meetwire_frames_total", event="other") == 4


async def test_repeated_frame_is_kept_once() -> None:
    """The same message on the same socket."""
    async with running() as run:
        line = await opened(run)
        for number in (1, 1, 2):
            await speak(line, number)
        await run.log.has(lambda log: len(speakers(log)) == 2)

    assert speakers(run.log) == ["s-1", "s-2"]
    assert run.count("meetwire_frames_repeated_total") == 1


async def test_short_trouble_of_the_log_loses_nothing() -> None:
    """The socket is not read meanwhile; what waits is appended once the log takes it."""
    clock = Hasty()
    async with running(clock=clock) as run:
        line = await opened(run)
        slept_s = clock.ahead_s
        run.log.refuses = LogUnavailable("disk_full")
        for number in range(150):
            await speak(line, number)
        # All that was on its way was refused once it pauses between two tries; by this clock pauses last no time.
        await clock.went_by(slept_s + 0.000_001)
        run.log.refuses = None
        await run.log.has(lambda log: len(speakers(log)) == 150)

    assert speakers(run.log) == [f"s-{number}" for number in range(150)]
    assert [event.change for event in run.log.told()] == ["opened", "lost"]


async def test_socket_outlives_a_disk_that_hangs() -> None:
    """An echo that came meanwhile stands unread behind what waits: that is no fault of the service's."""
    clock, beats = Hasty(), list[dict[str, Any]]()

    async def late(line: Line, frame: dict[str, Any]) -> None:
        if frame["action"] == "HeartBeat":
            beats.append(frame)
        else:
            await polite(line, frame)

    async with running(clock=clock) as run:
        run.service.answers = late
        line = await opened(run)
        clock.skip(61)
        await speak(line, 0)
        await line.hears("HeartBeat")
        run.log.hold()
        for number in range(1, MOST_ENTRIES + 3):
            await speak(line, number)
        await line.send(beats[0])
        await run.log.holds(MOST_ENTRIES + 1)
        clock.skip(40)
        run.log.release()
        await run.log.has(lambda log: len(speakers(log)) == MOST_ENTRIES + 3)

    assert [(event.change, event.reason) for event in run.log.told()][1:] == [("lost", "stopping")]


async def test_lasting_trouble_of_the_log_is_told() -> None:
    """What came too long ago to be kept is marked, once the log takes that."""
    clock = Hasty()
    async with running(clock=clock) as run:
        line = await opened(run)
        run.log.refuses = LogUnavailable("disk_full")
        await speak(line, 1)
        await clock.went_by(40)
        run.log.refuses = None
        [lost] = await run.log.has_told(1, "lost")

    assert lost.reason == "log_full"
    assert speakers(run.log) == []


async def test_own_failure_is_survived(monkeypatch: pytest.MonkeyPatch) -> None:
    """Told as lost, said by kind and place alone, and tried again."""

    def fail(*_: object, **__: object) -> None:
        raise ValueError("a name that nobody may see")

    monkeypatch.setattr("receiver.subscriber.socket.enter_frame", fail)
    with lines_caught() as lines:
        async with running() as run:
            await speak(await opened(run), 1)
            [lost] = await run.log.has_told(1, "lost")

    [crash] = lines.named("subscription.crashed")
    assert lost.reason == "failed"
    assert crash["kind"] == "ValueError"
    assert crash["place"].startswith("test_socket.py:")
    assert "nobody may see" not in str(lines)


async def test_refused_subscribe_is_tried_again() -> None:
    """Nothing was open, so nothing is lost; the second time less is asked for."""
    refused = 0

    async def refuse_once(line: Line, frame: dict[str, Any]) -> None:
        nonlocal refused
        if frame["action"] == "Subscribe" and not refused:
            refused += 1
            await line.send({"action": "Subscribe", "sequence": "", "data": {"returnCode": 9}})
        else:
            await polite(line, frame)

    async with running() as run:
        run.service.answers = refuse_once
        run.supervisor.listed("acme", [run.service.hold("900")])
        await run.log.has_told(1, "opened")

    assert [event.change for event in run.log.told()] == ["opened", "lost"]
    assert run.service.lines("900") == 2


async def test_captions_that_are_switched_on_nowhere_are_said_once() -> None:
    """After each form was tried on the open socket, which stays: all the rest of the meeting comes."""
    asked: list[str] = []

    async def refuse(line: Line, frame: dict[str, Any]) -> None:
        if frame["action"] == "ConfControl":
            asked.append(frame["data"])
            await line.send({"action": "ConfControl", "sequence": frame["sequence"], "data": {"returnCode": 9}})
        else:
            await polite(line, frame)

    with lines_caught() as lines:
        async with running(captions="always") as run:
            run.service.answers = refuse
            line = await opened(run)
            said = await lines.said("captioning.refused")
            await speak(line, 1)
            await run.log.has(lambda log: speakers(log) == ["s-1"])

    assert len(set(asked)) == len(asked) == 4
    assert (said["enterprise"], said["meeting"], said["code"], said["log_level"]) == ("acme", "900", 9, "warning")
    assert [event.change for event in run.log.told()] == ["opened", "lost"]


async def test_heartbeats_go_out_and_come_back() -> None:
    """Each at its time; the socket stays."""
    async with running(heartbeat_s=1) as run:
        line = await opened(run)
        await line.hears("HeartBeat")

    assert [event.change for event in run.log.told()] == ["opened", "lost"]


async def test_frame_that_tells_of_nothing_is_kept_as_nothing() -> None:
    """An empty list of changes."""
    async with running() as run:
        line = await opened(run)
        await line.push("WaitingListNotify", msgMode=1, version=1, msgID="w", data=[])
        await speak(line, 1)
        await run.log.has(lambda log: speakers(log) == ["s-1"])

    assert len(run.log.records) == 3


async def test_loss_tells_of_what_the_log_did_not_take_before() -> None:
    """The socket was closed while frames waited that came to nothing: unseen is what begins with them."""
    clock = Hasty()
    async with running(clock=clock) as run:
        line = await opened(run)
        before = clock.now().at
        run.log.hold()
        await speak(line, 1, createTime=None)
        await line.close()
        await run.log.holds(1)
        run.log.refuses = LogUnavailable("disk_full")
        run.log.release()
        await clock.went_by(40)
        run.log.refuses = None
        [lost] = await run.log.has_told(1, "lost")

    assert lost.unseen_since is not None
    assert lost.unseen_since <= before


async def count_up(line: Line, *numbers: int) -> None:
    """Push so many numbered, empty changes of quality."""
    for number in numbers:
        await line.push("NetConditionNotify", msgMode=1, version=number, msgID=f"n-{number}", data=[])


async def test_hole_is_told_and_healed_by_another_socket() -> None:
    """The list comes whole again with it."""
    async with running() as run:
        await count_up(await opened(run), *range(1, 11), 13)
        [gap] = await run.log.has_told(1, "gap")
        await opened(run, 2)

    assert (gap.push_type, gap.first_missed, gap.last_missed, gap.missed) == ("NetConditionNotify", 11, 12, 2)
    assert [(event.change, event.reason) for event in run.log.told()[1:4]] == [
        ("gap", "version_gap"),
        ("lost", "version_gap"),
        ("opened", None),
    ]
    assert run.count("meetwire_subscription_gaps_total") == 1
    assert run.count("meetwire_subscriptions_lost_total", reason="version_gap") == 1


async def test_what_the_log_did_not_take_before_a_hole_is_told_after_it() -> None:
    """The hole is told of, and then that frames before it were not kept."""
    clock = Hasty()
    async with running(clock=clock) as run:
        line = await opened(run)
        await count_up(line, *range(1, 11))
        run.log.hold()
        await speak(line, 1)
        await count_up(line, 13)
        await run.log.holds(1)
        run.log.refuses = LogUnavailable("disk_full")
        run.log.release()
        await clock.went_by(40)
        run.log.refuses = None
        await run.log.has_told(1, "lost")

    assert [(event.change, event.reason) for event in run.log.told()[1:3]] == [
        ("gap", "version_gap"),
        ("lost", "log_full"),
    ]


class Torrent:
    """A cloud, its session and its socket in one: a push a second, and never a moment without one, until it hears a
    heartbeat; it ends after two minutes without."""

    server_name = None

    def __init__(self, clock: Hasty) -> None:
        self.session = self
        self.heard = asyncio.Event()
        self._clock = clock
        self._pushed = 0

    def socket_context(self) -> None:
        """Trust nobody in particular."""

    async def meeting(self, meeting_id: str) -> OnlineMeeting:
        """Return it."""
        return msgspec.structs.replace(DETAIL, meeting_id=MeetingId(meeting_id))

    async def control_token(self, meeting_id: str, password: object, **_: object) -> ControlToken:
        """Return one that lives long."""
        return control(expires_at=self._clock.now().at + timedelta(days=1))

    async def socket_token(self, meeting_id: str, token: ControlToken) -> Secret:
        """Return one."""
        return Secret("ticket")

    async def ws_connect(self, url: object, **_: object) -> Torrent:
        """Return itself."""
        return self

    def get_extra_info(self, name: str) -> object:
        """Say that it is encrypted."""
        return name

    async def send_frame(self, text: bytes, kind: object) -> None:
        """Listen for heartbeats."""
        if b"HeartBeat" in text:
            self.heard.set()

    async def close(self) -> None:
        """Do nothing."""

    async def receive(self) -> aiohttp.WSMessage:
        """Return the next push, a second later, at once."""
        if self.heard.is_set():
            await asyncio.get_running_loop().create_future()
        if self._pushed == 120:
            return aiohttp.WSMessage(aiohttp.WSMsgType.CLOSED, None, None)
        self._pushed += 1
        self._clock.skip(1)
        push = {"action": "SpeakerChangeNotify", **SPEAKER, "msgID": f"s-{self._pushed}", "data": []}
        return aiohttp.WSMessage(aiohttp.WSMsgType.TEXT, msgspec.json.encode(push), None)


async def test_heartbeats_go_out_while_pushes_never_pause() -> None:
    """Else the service closes the socket of the very meeting in which most happens."""
    clock = Hasty()
    torrent = Torrent(clock)
    async with running(service=cast("Service", torrent), clock=clock) as run:
        run.supervisor.listed("acme", [DETAIL])
        async with asyncio.timeout(60):
            await torrent.heard.wait()

    assert [event.change for event in run.log.told()] == ["opened", "lost"]
    assert run.log.told()[1].reason == "stopping"
