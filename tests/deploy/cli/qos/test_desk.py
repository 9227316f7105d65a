"""`meetwire qos alerts|acknowledge|silence|unsilence|silences|send-test`, as an operator types them."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from consumers.qos.alerts import Alerts
from deploy.cli import main
from schemas.secret import Secret
from tests.consumers.clock import Clock
from tests.consumers.qos.alerting import alert, decision
from tests.consumers.qos.notify.standing_in import StandIn, noon_webhook_checks
from tests.consumers.qos.outbox.telling import hook, telling

from ..running import Ended

TOKEN = "0123456789abcdef"
UNTIL = "2026-07-01T20:00+08:00"


@asynccontextmanager
async def desk(folder: Path, *channels: object) -> AsyncIterator[Alerts]:
    """Yield the desk that the settings in a folder name."""
    async with telling(
        folder / "qos",
        *channels,  # type: ignore[arg-type]  # settings of channels
        clock=Clock(),
        listen="127.0.0.1:0",
        tokens=(Secret(TOKEN),),
    ) as alerts:
        assert alerts.address is not None
        settings = f'[qos]\nlisten = "127.0.0.1:{alerts.address[1]}"\ntokens = ["{TOKEN}"]\n'
        (folder / "meetwire.toml").write_text(settings)
        yield alerts


Qos = Callable[..., Awaitable[Ended]]


@pytest.fixture
def qos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Qos]:
    """Yield what runs a command in the test's folder: in a thread, since it has a loop of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()

    async def run(*words: str) -> Ended:
        capsys.readouterr()
        status = await asyncio.to_thread(_status, words)
        out, err = capsys.readouterr()
        return Ended(status, out, err.splitlines(), [])

    yield run
    monkeypatch.undo()
    time.tzset()


def _status(words: tuple[str, ...]) -> int:
    try:
        return main(["qos", *words])
    except SystemExit as error:
        return int(error.code or 0)


async def test_what_stands_and_stood_is_a_line_each(tmp_path: Path, qos: Qos) -> None:
    """With who is at it, and what keeps it from being told."""
    event = alert()
    async with desk(tmp_path) as alerts:
        nothing = await qos("alerts")
        held = alert("held_back", site="b", held_by="f" * 32, muted=True)
        await alerts.add([decision(event), decision(held), decision(alert("resolved", 60, "over"))])
        seen = await qos("acknowledge", event.alert_id, "--who", "lin", "--note", "called")
        silenced = await qos("silence", "place=acme/深圳", "--until", UNTIL, "--why", "works", "--who", "lin")
        standing = await qos("alerts")
        past = await qos("alerts", "--past", "5")

    assert (nothing.status, nothing.out) == (0, "no alert\n")
    assert (seen.status, seen.out) == (0, f"{event.alert_id}: lin is at it\n")
    assert silenced.status == 1
    assert silenced.err == ["meetwire: ends_at: must be later than now, and than starts_at"]
    common = "warning  site acme/{}  4 of 5  audio-loss/audio/sent  since 2026-07-01 12:00:00 +0000"
    assert sorted(standing.out.splitlines()) == sorted(
        [
            f"{event.alert_id}  {common.format('深圳')}  lin is at it",
            f"{held.alert_id}  {common.format('b')}  held back by {'f' * 32}  quiet hours",
        ]
    )
    assert past.out.endswith(f"{common.format('over')}  over at 2026-07-01 12:01:00 +0000\n")


async def test_a_silence_is_made_listed_and_ended(tmp_path: Path, qos: Qos) -> None:
    """Its ID is what it is ended by; what is under it says so."""
    event = alert()
    async with desk(tmp_path) as alerts:
        await alerts.add([decision(event)])
        words = ("silence", "level=site", "place=acme/*", "--since", "2026-07-01T12:00+00:00", "--for", "2h")
        made = await qos(*words, "--why", "works", "--who", "lin")
        silence_id = made.out.split()[0]
        listed = await qos("silences")
        standing = await qos("alerts")
        ended = await qos("unsilence", silence_id, "--who", "wang")
        none = await qos("silences")
        again = await qos("unsilence", silence_id)

    span = "2026-07-01 12:00:00 +0000 to 2026-07-01 14:00:00 +0000"
    assert made.out == f"{silence_id}  {span}  level=site place=acme/*  by lin: works\n"
    assert listed.out == made.out
    assert f"silenced by {silence_id}" in standing.out
    assert ended.out == f"{silence_id}  ended  level=site place=acme/*  by wang: works\n"
    assert none.out == "no silence\n"
    assert (again.status, again.err) == (1, ["meetwire: no such silence holds"])


async def test_a_test_says_what_became_of_it_and_so_does_its_status(tmp_path: Path, qos: Qos) -> None:
    """0 where every channel took it; in JSON as well."""
    async with StandIn(noon_webhook_checks).open("/hook") as other:
        async with desk(tmp_path, hook(other)):
            good = await qos("send-test")
            other.answers.append(web.Response(status=503))
            bad = await qos("send-test", "ops", "--json")
        async with desk(tmp_path):
            none = await qos("send-test")

    assert good.status == 0
    assert good.out.startswith("ops (webhook): taken, ")
    assert bad.status == 1
    assert [one["error"] for one in json.loads(bad.out)] == ["status 503"]
    assert (none.status, none.err) == (1, ["no channel: see [[qos.notify]]"])


async def test_a_desk_elsewhere_is_asked_with_a_token_of_its_own(tmp_path: Path, qos: Qos) -> None:
    """Without settings: by its address and a file with a token."""
    (tmp_path / "token").write_text(TOKEN + "\n")
    (tmp_path / "wrong").write_text("wrong")
    (tmp_path / "empty").write_text("\n")
    async with desk(tmp_path) as alerts:
        (tmp_path / "meetwire.toml").unlink()
        assert alerts.address is not None
        url = f"http://127.0.0.1:{alerts.address[1]}"
        good = await qos("silences", "--desk", url, "--token-file", "token")
        wrong = await qos("silences", "--desk", url, "--token-file", "wrong")
        empty = await qos("silences", "--desk", url, "--token-file", "empty")
        missing = await qos("silences", "--desk", url, "--token-file", "missing")
        nowhere = await qos("silences")
    away = await qos("silences", "--desk", "http://127.0.0.1:1", "--token-file", "token")

    assert (good.status, good.out) == (0, "no silence\n")
    assert (wrong.status, wrong.err) == (1, ["meetwire: needs a token"])
    assert (empty.status, empty.err) == (2, ["meetwire: empty: holds no token"])
    assert (missing.status, missing.err) == (2, ["meetwire: missing: cannot be read: FileNotFoundError"])
    assert nowhere.status == 2
    assert nowhere.err == [
        "meetwire: where is the desk? Set qos.listen and qos.tokens, or give --desk and --token-file"
    ]
    assert (away.status, away.err) == (1, ["meetwire: the desk is not reached: ClientConnectorError"])


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("silence", "floor=3", "--for", "1h", "--why", "x"), "must be LABEL=PATTERN, LABEL one of alert_id,"),
        (("silence", "level=", "--for", "1h", "--why", "x"), "must be LABEL=PATTERN"),
        (("silence", "level=site", "--for", "soon", "--why", "x"), "must be a number and s, m, h or d, such as 2h"),
        (("silence", "level=site", "--until", "soon", "--why", "x"), "must be a time such as 2026-07-01T18:00+08:00"),
        (("silence", "level=site", "--why", "x"), "one of the arguments --for --until is required"),
        (("alerts", "--past", "0"), "must be from 1 to 1000"),
    ],
)
async def test_what_is_mistyped_is_said_with_what_fits(qos: Qos, words: tuple[str, ...], why: str) -> None:
    """Before anybody is asked anything."""
    done = await qos(*words)

    assert done.status == 2
    assert why in done.err[-1]
