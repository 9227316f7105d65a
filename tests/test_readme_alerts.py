"""Run what the README shows of alerts, under the settings that it shows, with stand-ins at the channels' addresses."""

from __future__ import annotations

import asyncio
import re
import shlex
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog

from consumers.qos.alerts import alerting
from deploy.cli import main
from deploy.meters import PrometheusMeters
from deploy.settings import load

from .consumers.handling import ListSink
from .consumers.qos.alerting import PARTITIONS, alert, decision
from .consumers.qos.notify.standing_in import SECRET, DingTalkChecks, StandIn
from .consumers.qos.outbox.telling import until
from .readme.compare import settled
from .readme.document import READMES, fences
from .readme.session import commands

ENGLISH = READMES["en"].read_text()
SHOWN_ALERT, SHOWN_SILENCE = "cf5d8c3f3fc4bb0ce1fa2ad8f0b8e5f1", "3f2504e04f8941d39a0c0305e82c3301"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Yield where the commands run, on a clock of Shanghai."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    yield tmp_path
    monkeypatch.undo()
    time.tzset()


def write(folder: Path, stands_for: dict[str, str], robot: str) -> None:
    """Write the settings that are shown, and the secrets that they speak of."""
    (shown,) = [fence.text for fence in fences(ENGLISH, "toml") if fence.about == "alerts.toml"]
    for address, here in stands_for.items():
        shown = shown.replace(address, here)
    (folder / "meetwire.toml").write_text(shown)
    (folder / "secrets").mkdir(exist_ok=True)
    for name, secret in (("qos-tokens", "a-token"), ("dingtalk-url", robot), ("dingtalk", SECRET)):
        (folder / "secrets" / name).touch(0o600)
        (folder / "secrets" / name).write_text(f"{secret}\n")


async def test_alerts_are_looked_at_and_seen_to_as_the_readme_shows(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every command of that chapter, one after the other; times, IDs and durations differ."""
    (block,) = fences(ENGLISH, "console", "alerts")
    async with (
        StandIn(DingTalkChecks()).open("/robot/send?access_token=t-1") as robot,
        StandIn(lambda _, __: None).open("") as manager,
    ):
        addresses = {"127.0.0.1:9466": "127.0.0.1:0", "http://127.0.0.1:9093": manager.url}
        await asyncio.to_thread(write, folder, addresses, robot.url)
        loaded = await asyncio.to_thread(load, folder / "meetwire.toml", {})
        assert loaded.root.qos is not None
        async with alerting(
            loaded.root.qos,
            ListSink(),
            partitions=PARTITIONS,
            meters=PrometheusMeters(),
            logger=structlog.get_logger(),
        ) as alerts:
            alerts.lead(True)
            now = datetime.now(UTC)
            event = alert(since=now, occurred_at=now)
            await alerts.add([decision(event)])
            await until(lambda: bool(robot.taken) and bool(manager.taken))
            assert alerts.address is not None
            addresses["127.0.0.1:9466"] = f"127.0.0.1:{alerts.address[1]}"
            await asyncio.to_thread(write, folder, addresses, robot.url)
            ids = {SHOWN_ALERT: event.alert_id}
            for command in commands(block):
                printed = await asyncio.to_thread(_printed, command.line, ids, capsys)
                if " silence " in command.line:
                    ids[SHOWN_SILENCE] = printed.split()[0]
                assert _counted(printed) == _counted(command.shown)


def _printed(line: str, ids: dict[str, str], capsys: pytest.CaptureFixture[str]) -> str:
    for shown, here in ids.items():
        line = line.replace(shown, here)
    capsys.readouterr()
    program, *words = shlex.split(line)
    assert (program, main(words)) == ("meetwire", 0)
    return capsys.readouterr().out


def _counted(text: str) -> str:
    return re.sub(r"\b\d+ ms\b", "<ms>", settled(text))
