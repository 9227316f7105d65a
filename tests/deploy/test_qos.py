"""Quality alerts beside the receiver: from a record in its log to the desk, with real parts throughout."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from deploy.desks.alerts import DeskHere
from deploy.meters import PrometheusMeters
from deploy.qos import beside, on_log, rules_of
from deploy.sinks import LogSink
from deploy.standalone import started
from deploy.starting import CannotStart
from schemas.desk import DeskUnavailable
from schemas.settings import Log, Qos, Root
from tests.consumers.qos.engine.told import START_MS, loss, sample
from tests.consumers.qos.world import PATIENCE_S, recorded

from .parts import settings

RULES = '[[rules]]\nname = "cut"\nmetric = "packet_loss_ratio"\nabove = 0.4\nfor_s = 0\nat_once = true\n'


def options(folder: Path, rules: str = RULES) -> Qos:
    """Return settings with a rule file of their own."""
    (folder / "qos.toml").write_text(rules)
    return Qos(state_folder=str(folder / "qos"), rules_file=str(folder / "qos.toml"))


async def test_a_bad_sample_in_the_log_stands_on_the_desk(tmp_path: Path) -> None:
    """Told at once, published to the same log, and read from there."""
    qos = await asyncio.to_thread(options, tmp_path)
    # What was received before a process began it tells nobody of; however slow the machine, it has begun by then.
    soon_s = datetime.now(UTC).timestamp() + 300 - START_MS / 1_000

    async with started(settings(tmp_path)) as running:
        desk, log, sink = DeskHere(), running.receiver.log, LogSink(running.receiver.log)
        parts = on_log(settings(tmp_path), qos, running.meters, desk, news=log.news, sink=sink)
        async with beside(qos, await asyncio.to_thread(rules_of, qos), parts, running.meters):
            await sink.publish([recorded(sample("p-1", soon_s, loss(0.9)))])
            async with asyncio.timeout(PATIENCE_S):
                while not (standing := await desk.standing()):  # noqa: ASYNC110 -- the desk tells nobody
                    await asyncio.sleep(0.01)

    assert [(one.alert.change, one.alert.place) for one in standing] == [("fired", "acme/m-1/p-1")]


async def test_standalone_runs_it_where_the_settings_have_its_table(tmp_path: Path) -> None:
    """And ends it with itself."""
    qos = await asyncio.to_thread(options, tmp_path)

    with capture_logs() as lines:
        async with started(settings(tmp_path, qos=qos)):
            pass

    said = [line["event"] for line in lines if line.get("consumer") == "qos"]
    assert said == ["consumer.started", "consumer.stopped"]


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        pytest.param("[[rules]]\n", r"qos\.rules_file: .*qos\.toml", id="rules that are none"),
        pytest.param(None, r"qos\.state_folder .*: another process has it", id="a state that another has"),
    ],
)
async def test_what_does_not_fit_ends_the_start(tmp_path: Path, rules: str | None, words: str) -> None:
    """Named by its setting, as everything that standalone is refused for."""
    qos = await asyncio.to_thread(options, tmp_path, RULES if rules is None else rules)
    other = settings(tmp_path / "other", qos=await asyncio.to_thread(options, tmp_path)) if rules is None else None

    async with contextlib.AsyncExitStack() as stack:
        if other is not None:
            await stack.enter_async_context(started(other))
        with pytest.raises(CannotStart, match=words):
            async with started(settings(tmp_path, qos=qos)):
                pytest.fail("it started")


async def test_what_ended_is_begun_again_and_the_desk_is_away_meanwhile(tmp_path: Path) -> None:
    """The receiver goes on, and whoever was handed the desk keeps it."""
    qos, desk = await asyncio.to_thread(options, tmp_path), DeskHere()
    root, meters = Root(log=Log(folder=str(tmp_path / "none"))), PrometheusMeters()
    parts = on_log(root, qos, meters, desk, news=_no_news)

    with capture_logs() as lines:
        async with beside(qos, await asyncio.to_thread(rules_of, qos), parts, meters):
            with pytest.raises(DeskUnavailable, match="not running at the moment"):
                await desk.standing()

    assert [line["event"] for line in lines if line["log_level"] == "error"] == ["consumer.failed"]


async def _no_news(_: int) -> None:
    await asyncio.Event().wait()
