"""The dashboard as one thing: whole after a start, the same on every replica, going on after what it reads was away."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import structlog

from consumers.dashboard.following import LASTING, PASSING_BACK, Following
from consumers.dashboard.projection.whole import Whole
from consumers.dashboard.service import Desks, dashboarding
from consumers.dashboard.stream.live import Live
from consumers.dashboard.stream.records import RecordStream
from consumers.dashboard.stream.wanted import Wanted
from consumers.errors import SourceUnavailable
from consumers.qos.alerts import alerting
from consumers.qos.desk.client import asking
from consumers.sources import Lag, PlacedSource, Reading
from consumers.sources.local import LocalSource
from deploy.desks.alerts import DeskHere
from deploy.meters import PrometheusMeters
from schemas.events import MeetingEnded, MeetingStarted, ReceiverAlive
from schemas.ids import LogId, Position
from schemas.record import Stored
from schemas.secret import Secret
from schemas.settings import Qos
from schemas.topics import CAPTIONS, STATE
from tests.consumers.records import record, started
from tests.consumers.writing import LogWriter

from .events import after, alert, caption, lifecycle, recorded, speaking
from .scene import A_MEETING, MEETING, WriterSink, read_events
from .serving import Serving, add_token, serving, settings_for

ALIVE = ReceiverAlive(
    receiver="1" * 32, occurred_at=after(60), subscriptions=0, partition=0, partition_subscriptions=0, position=0
)


def opens(folder: Path) -> object:
    """Return what opens the log in a folder."""
    meters = PrometheusMeters()
    return lambda reading: LocalSource(folder, reading, meters=meters, logger=structlog.get_logger())


async def present(served: Serving, token: str) -> tuple[Any, Any, Any]:
    """Return all that is shown, but for its time."""
    async with aiohttp.ClientSession(served.url, headers={"Authorization": f"Bearer {token}"}) as client:
        async with client.get("/api/v1/meetings") as answer:
            meetings = await answer.json()
        async with client.get(f"/api/v1/meetings/{MEETING}") as answer:
            whole = await answer.json()
        async with client.get("/api/v1/alerts") as answer:
            alerts = await answer.json()
    return meetings["meetings"], whole, alerts


async def test_every_replica_shows_everything_and_a_restart_too(tmp_path: Path) -> None:
    """Read from the log, by whoever, whenever; two at once hold up nobody."""
    writer = LogWriter(tmp_path / "log")
    writer.append(*(recorded(one, received_at=after(10)) for one in A_MEETING))
    token = await asyncio.to_thread(add_token, tmp_path, scopes=("captions",))
    settings, now = settings_for(tmp_path), lambda: after(60)

    async with serving(writer.folder, settings, now=now) as one, serving(writer.folder, settings, now=now) as other:
        first, second = await present(one, token), await present(other, token)
    async with serving(writer.folder, settings, now=now) as again:
        third = await present(again, token)
    writer.close()

    assert first == second == third
    assert first[0][0]["people"] == 2


async def test_what_cannot_be_read_is_passed_over(tmp_path: Path) -> None:
    """Of a type that this version does not know, or damaged: the rest is shown, and it is counted."""
    writer = LogWriter(tmp_path / "log")
    damaged = record(started(), value=b"{", received_at=after(1))
    unknown = record(started(), value=b"{}", received_at=after(1))
    unknown = type(unknown)(**{**{name: getattr(unknown, name) for name in unknown.__struct_fields__}, "type": "Later"})
    writer.append(damaged, unknown, *(recorded(one, received_at=after(10)) for one in A_MEETING))
    token = await asyncio.to_thread(add_token, tmp_path)

    async with serving(writer.folder, settings_for(tmp_path), now=lambda: after(60)) as served:
        meetings, _, _ = await present(served, token)
        dead = await asyncio.to_thread(
            served.meters.value, "meetwire_consumer_dead_letters_total", consumer="dashboard", reason="undecodable"
        )
    writer.close()

    assert (len(meetings), dead) == (1, 1)


async def test_it_reads_only_so_far_back(tmp_path: Path) -> None:
    """What is older than the settings say is not shown; passing things of the last minutes alone."""
    writer = LogWriter(tmp_path / "log")
    old = after(60) - timedelta(hours=3)
    writer.append(
        recorded(lifecycle(MeetingStarted, 0, "u-0"), key="m-0", received_at=old), at_ms=int(old.timestamp() * 1_000)
    )
    quiet = after(60) - PASSING_BACK - timedelta(minutes=1)
    told = [recorded(lifecycle(MeetingStarted, 0), received_at=quiet), recorded(caption(1, "x"), received_at=quiet)]
    writer.append(*told, at_ms=int(quiet.timestamp() * 1_000))
    writer.append(recorded(speaking(50, "a"), received_at=after(50)), at_ms=int(after(50).timestamp() * 1_000))
    token = await asyncio.to_thread(add_token, tmp_path, scopes=("captions",))

    async with serving(writer.folder, settings_for(tmp_path, look_back_h=1.0), now=lambda: after(60)) as served:
        meetings, whole, _ = await present(served, token)
    writer.close()

    assert [row["started_at"] for row in meetings] == ["2026-07-01T12:00:00Z"]
    assert (whole["captions"], meetings[0]["speakers_now"]) == ([], ["a"])


async def test_whoever_was_away_since_before_a_restart_learns_it(tmp_path: Path) -> None:
    """Captions that are not read back any more count as missed, also where none came since."""
    writer = LogWriter(tmp_path / "log")
    quiet = after(60) - PASSING_BACK - timedelta(minutes=1)
    told = [recorded(caption(number, "x"), received_at=quiet) for number in range(4)]
    writer.append(*told, at_ms=int(quiet.timestamp() * 1_000))
    whole, records, meters, stop = Whole(), RecordStream(is_dense=False), PrometheusMeters(), asyncio.Event()
    following = Following(
        whole, records, Live(whole), meters=meters, logger=structlog.get_logger(), now=lambda: after(60)
    )
    stop.set()
    for number, reading in enumerate(following.readings(timedelta(hours=1))):
        async with LocalSource(
            writer.folder, reading, meters=meters, logger=structlog.get_logger(), now=lambda: after(60)
        ) as source:
            await following.follow(number, source, stop)
    writer.close()

    assert records.resume(Wanted(frozenset({CAPTIONS})), writer.log, {(CAPTIONS, 0): 2}).missed == 3


class Failing:
    """A log that can be away; all else is the real one's."""

    def __init__(self, folder: Path) -> None:
        self._open = opens(folder)
        self.is_away = False
        self.readings: list[Reading] = []

    @contextlib.asynccontextmanager
    async def __call__(self, reading: Reading) -> AsyncIterator[PlacedSource]:
        """Open it."""
        self.readings.append(reading)
        if self.is_away:
            raise SourceUnavailable("away")
        async with self._open(reading) as source:  # type: ignore[operator]  # it opens
            yield source


async def test_it_goes_on_where_it_was(tmp_path: Path) -> None:
    """After its source failed nothing is read twice, and nothing is missed."""
    writer = LogWriter(tmp_path / "log")
    writer.append(*(recorded(one, received_at=after(10)) for one in A_MEETING))
    source, stop = Failing(writer.folder), asyncio.Event()
    token = await asyncio.to_thread(add_token, tmp_path, scopes=("captions",))
    async with dashboarding(
        settings_for(tmp_path),
        source,
        is_dense=False,
        desks=Desks(),
        meters=PrometheusMeters(),
        logger=structlog.get_logger(),
        now=lambda: after(60),
    ) as made:
        first = asyncio.create_task(made.run(stop))
        await made.ready()
        stop.set()
        await first
        source.is_away = True
        with pytest.raises(SourceUnavailable):
            await made.run(asyncio.Event())
        source.is_away = False
        writer.append(recorded(caption(20, "After."), received_at=after(60)))
        stop = asyncio.Event()
        second = asyncio.create_task(made.run(stop))
        served = Serving("http://{}:{}".format(*made.address), made, PrometheusMeters(), tmp_path)
        async with asyncio.timeout(60):
            whole: dict[str, Any] = {"captions": []}
            while len(whole["captions"]) < 2:
                _, whole, _ = await present(served, token)
        stop.set()
        await second
    writer.close()

    assert [one["texts"][0]["text"] for one in whole["captions"]] == ["Good morning.", "After."]
    assert [bool(reading.begin) for reading in source.readings] == [False, False, True, True, True][
        : len(source.readings)
    ]


async def test_another_log_is_not_taken_for_the_same(tmp_path: Path) -> None:
    """Its positions mean other things: the process ends, and begins anew."""
    LogWriter(tmp_path / "one").close()
    LogWriter(tmp_path / "two", log="2" * 32).close()  # type: ignore[arg-type]  # an ID
    whole, meters = Whole(), PrometheusMeters()
    following = Following(
        whole,
        RecordStream(is_dense=False),
        Live(whole),
        meters=meters,
        logger=structlog.get_logger(),
        now=lambda: after(60),
    )
    stop = asyncio.Event()
    stop.set()
    reading = following.readings(timedelta(hours=1))[0]
    async with LocalSource(tmp_path / "one", reading, meters=meters, logger=structlog.get_logger()) as source:
        await following.follow(0, source, stop)
    async with LocalSource(tmp_path / "two", reading, meters=meters, logger=structlog.get_logger()) as source:
        with pytest.raises(SourceUnavailable, match="another log or cluster"):
            await following.follow(0, source, stop)


def test_a_silence_that_no_receiver_breaks_is_said() -> None:
    """Where they gave signs of life and give none, nothing is left to read, and nobody knows what happens."""
    clock, whole, found = [0.0], Whole(), []
    records = RecordStream(is_dense=True)
    following = Following(
        whole,
        records,
        Live(whole),
        meters=PrometheusMeters(),
        logger=structlog.get_logger(),
        now=lambda: after(60),
        monotonic=lambda: clock[0],
    )
    following.readings(timedelta(hours=1))
    sign = Stored(LogId("1" * 32), Position(1), record(ALIVE, topic=STATE), 1)
    found.append(following.behind_s)
    following.take([sign], LASTING)
    for number in (0, 1):
        following._look(number, Lag(0, 0.0), has_read=True)
    clock[0] = 3_600.0
    found.append(following.behind_s)
    following.take([sign], LASTING)
    for clock[0] in (3_630.0, 3_631.0):
        found.append(following.behind_s)
    following.take([sign], LASTING)
    found.append(following.behind_s)

    assert found == [None, 0.0, 0.0, 31.0, 0.0]


async def test_a_source_that_is_away_is_said() -> None:
    """What was whole is as old as the last look at it, and not just begun: to the pages, and to who is on call."""
    clock, whole, meters, stop = [100.0], Whole(), PrometheusMeters(), asyncio.Event()
    live = Live(whole)
    following = Following(
        whole,
        RecordStream(is_dense=True),
        live,
        meters=meters,
        logger=structlog.get_logger(),
        now=lambda: after(60),
        monotonic=lambda: clock[0],
    )
    following.readings(timedelta(hours=1))
    for number in (0, 1):
        following._look(number, Lag(3, 2.0), has_read=True)
    following.readings(timedelta(hours=1))
    told: list[float | None] = []

    async def pause(_: float) -> None:
        told.append(live.behind_s)
        clock[0] += 45.0
        if len(told) == 2:
            stop.set()

    async with asyncio.timeout(60):
        await following.tell(stop, pause)
    gauge = await asyncio.to_thread(meters.value, "meetwire_dashboard_behind_seconds")

    assert (told, gauge) == ([2.0, 47.0], 47.0)


async def test_the_desk_is_asked_until_it_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An alert may have stood for longer than is read back; and what people do waits for nobody."""
    monkeypatch.setattr("consumers.dashboard.service._ASK_AGAIN_S", 0.01)
    writer, desk = LogWriter(tmp_path / "log"), DeskHere()
    token = await asyncio.to_thread(add_token, tmp_path, scopes=("alerts",))
    deciding = alerting(
        Qos(state_folder=str(tmp_path / "qos")),
        WriterSink(writer),
        partitions=12,
        meters=PrometheusMeters(),
        logger=structlog.get_logger(),
        now=lambda: after(60),
    )
    async with (
        serving(tmp_path / "log", settings_for(tmp_path), desks=Desks(alerts=desk), now=lambda: after(60)) as served,
        aiohttp.ClientSession(served.url, headers={"Authorization": f"Bearer {token}"}) as client,
        asyncio.timeout(60),
    ):
        wanted = {"matchers": [{"label": "rule", "pattern": "*"}], "ends_at": after(900).isoformat(), "why": "x"}
        async with client.post("/api/v1/silences", json=wanted) as answer:
            away = answer.status, answer.headers["Retry-After"]
        async with deciding as alerts:
            await alerts.take([recorded(alert(1))])
            with desk.of(alerts.desk):
                standing: list[object] = []
                while not standing:
                    async with client.get("/api/v1/alerts") as answer:
                        standing = (await answer.json())["standing"]
    writer.close()

    assert (len(standing), away) == (1, (503, "5"))


async def test_the_end_is_not_held_up_by_open_pages(tmp_path: Path) -> None:
    """They are told by the line's end, and come back to another replica."""
    LogWriter(tmp_path / "log").close()
    token = await asyncio.to_thread(add_token, tmp_path)
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as client:
        async with serving(tmp_path / "log", settings_for(tmp_path)) as served:
            live = await client.get(f"{served.url}/api/v1/live")
            stream = await client.get(f"{served.url}/api/v1/stream")
            await read_events(live, 1)
        async with asyncio.timeout(60):
            rest = await live.read(), await stream.read()
    assert b"event: row" not in b"".join(rest)


async def test_the_end_is_not_held_up_by_a_desk_that_does_not_answer(tmp_path: Path) -> None:
    """It listens, and says nothing: as a process that hangs."""
    LogWriter(tmp_path / "log").close()
    asked, over = asyncio.Event(), asyncio.Event()

    async def hang(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        await over.wait()
        writer.close()

    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, asking(f"http://127.0.0.1:{port}", Secret("t")) as desk, asyncio.timeout(60):
        async with serving(tmp_path / "log", settings_for(tmp_path), desks=Desks(alerts=desk)):
            await asked.wait()
        over.set()


async def test_what_is_over_goes_once_all_is_read() -> None:
    """Not while what was before the start is still read: it may have begun again."""
    clock, whole, stop, found = [0.0], Whole(), asyncio.Event(), list[int]()
    following = Following(
        whole,
        RecordStream(is_dense=True),
        Live(whole),
        meters=PrometheusMeters(),
        logger=structlog.get_logger(),
        now=lambda: after(3_600),
        monotonic=lambda: clock[0],
    )
    following.readings(timedelta(hours=1))
    for told in (lifecycle(MeetingStarted, 0), lifecycle(MeetingEnded, 60)):
        whole.take(told.event, told.id, told.epoch)

    async def pause(_: float) -> None:
        found.append(len(whole._meetings))
        clock[0] += 6.0
        if len(found) == 2:
            for number in (0, 1):
                following._look(number, Lag(0, 0.0), has_read=True)
        if len(found) == 3:
            stop.set()

    async with asyncio.timeout(60):
        await following.tell(stop, pause)

    assert found == [1, 1, 0]
