"""Run every command of the README, in its order, and compare what it prints with what is shown."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer

from deploy.settings import load

from .deploy.cli.running import environment
from .kafka.broker import Broker
from .kafka.configuration import free_port
from .kafka.fixtures import OwnBroker
from .readme.compare import matches, settled
from .readme.document import READMES, ROOT, fences
from .readme.session import BIN, Session, commands

ENGLISH = READMES["en"].read_text()


# A place is heard badly, and healed.
@pytest.mark.timeout(600)
def test_the_demo_shows_what_the_readme_shows(tmp_path: Path) -> None:
    """`make demo` runs the demo, and its output is the one of the first screen, but for times and ports."""
    (block,) = fences(ENGLISH, "console", "demo")
    (command,) = commands(block)
    link = tmp_path / ".parts/demo/bin/meetwire"
    link.parent.mkdir(parents=True)
    link.symlink_to(BIN / "meetwire")

    line = [".parts/demo/bin/meetwire", "demo", "--over", "1"]
    done = subprocess.run(
        line, cwd=tmp_path, env=environment({}), capture_output=True, text=True, timeout=400, check=True
    )

    assert (command.line, recipe("demo")) == ("make demo", "@exec .parts/demo/bin/meetwire demo")
    # Where its ports are taken it says so, and uses others.
    printed = re.sub(r"^Port \d+ is taken; .*\n|--url \S+ ", "", done.stdout, flags=re.MULTILINE)
    once = re.compile(r"(?<=\?link=)[\w-]+")
    shown, _, farewell = printed.rpartition("\n\n")
    (introduction, events), (wanted, excerpt) = (text.rsplit("\n\n", 1) for text in (shown, command.shown))
    assert once.sub("", settled(introduction)) == once.sub("", settled(wanted))
    assert left_out(events.splitlines(), excerpt.splitlines()) == []
    kinds = set(re.findall(r"\S  ([a-z]+) ", excerpt))
    assert {"listening", "joined", "quality", "speaking", "caption", "alert"} <= kinds
    assert farewell.startswith("Stopped.")
    assert_alerts_are_those_of_the_chapter(events, tmp_path)


def assert_alerts_are_those_of_the_chapter(events: str, folder: Path) -> None:
    """Compare the demo's alerts, and what is said of them afterwards, with the chapter on alerts."""
    (block,) = fences(ENGLISH, "console", "site")
    first, *others = commands(block)
    alerts = "\n…\n".join(re.findall(r"^.*  (?:fired|resolved)  critical  site 上海  .*$", events, re.MULTILINE))
    assert (first.line, measured(first.shown.strip("…\n"))) == ("meetwire demo --over 1", measured(alerts))
    here = environment({"PATH": f"{BIN}:{os.environ['PATH']}"})
    for command in others:
        done = subprocess.run(
            ["bash", "-c", command.line], cwd=folder, env=here, capture_output=True, text=True, timeout=200, check=True
        )
        assert (matches(spaced(command.shown), spaced(done.stdout)), done.stderr) == (True, ""), done.stdout


def test_the_archive_of_the_demo_answers_as_the_readme_shows(tmp_path: Path) -> None:
    """Found, shown, handed over, checked; and one flipped bit is named. Numbers differ with how fast the machine is."""
    (block,) = fences(ENGLISH, "console", "archive")
    demo, folder = [str(BIN / "meetwire"), "demo", "--kept", "1"], tmp_path / "demo-data"
    subprocess.run(demo, cwd=tmp_path, env=environment({}), capture_output=True, timeout=200, check=True)
    here = environment({"PATH": f"{BIN}:{os.environ['PATH']}"})

    script = "\n".join(f"echo '$'; {command.line}" for command in commands(block))
    done = subprocess.run(
        ["bash", "-c", script], cwd=folder, env=here, capture_output=True, text=True, timeout=200, check=False
    )

    printed = done.stdout.replace(f"{folder}/", "/home/ann/demo-data/").split("$\n")[1:]
    assert done.stderr == ""
    assert [counted(text) for text in printed] == [counted(command.shown) for command in commands(block)]
    assert done.returncode == 1


def counted(text: str) -> str:
    """Return the text settled, with numbers replaced."""
    return re.sub(r"\b\d+\b", "<number>", settled(text))


def left_out(printed: list[str], excerpt: list[str]) -> list[str]:
    """Return the lines of an excerpt that were not printed, in its order; a line of … stands for others between them.

    How well each is connected, and when that is told, depends on how fast the machine is.
    """
    everything = [measured(line) for line in printed]
    lines = iter(everything)
    return [
        line
        for line in excerpt
        if line != "…" and measured(line) not in (everything if "  quality  " in line else lines)
    ]


def measured(line: str) -> str:
    """Return the line without figures of quality, and settled; how many are still concerned at the end differs too."""
    line = re.sub(r"\b\d+ of \d+( in \d+ meetings)?\b", "<people>", line)
    return settled(re.sub(r"\d+(\.\d+)? (ms|%)", r"<figure> \2", line))


def spaced(text: str) -> str:
    """Return a table with its columns one space apart, and numbers replaced."""
    return re.sub(r" +", " ", counted(text))


def test_the_tests_are_run_as_the_readme_says() -> None:
    """`make test` is this: the checks, and pytest over everything."""
    (block,) = fences(ENGLISH, "console", "test")

    assert [command.line for command in commands(block)] == ["make test"]
    assert "-m pytest" in recipe("test")
    assert "$(MAKE) -j3 check parts" in recipe("test")


def recipe(target: str) -> str:
    """Return what the Makefile does for a target, a line each."""
    found = re.search(rf"^{target}:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert found
    return found[1].replace("\t", "").rstrip("\n")


# It asks the network for packages.
@pytest.mark.timeout(600)
def test_it_installs_as_the_readme_says(tmp_path: Path) -> None:
    """From the source folder, into an environment of its own."""
    (block,) = fences(ENGLISH, "console", "source")
    quiet = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore"}
    session = Session(ROOT, {"/opt/meetwire": str(tmp_path / "meetwire")}, quiet)

    session.run(block)


async def test_every_command_prints_what_the_readme_shows(tmp_path: Path, own_broker: OwnBroker) -> None:
    """One after the other, with a broker, a receiver that runs, and the files that the README has."""
    broker, port = await own_broker(), free_port()
    listens = {
        "MEETWIRE_WEBHOOK_LISTEN": f"127.0.0.1:{port}",
        "MEETWIRE_ADMIN_LISTEN": f"127.0.0.1:{free_port()}",
    }
    stands_for = {
        "https://push.example.com": f"http://127.0.0.1:{port}",
        "push.example.com": f"127.0.0.1:{port}",
        "127.0.0.1:9092": broker.bootstrap,
    }
    write_files(tmp_path, {"127.0.0.1:9092": broker.bootstrap})
    blocks = [block for block in fences(ENGLISH, "console") if block.about in ("", "stays")]
    session = Session(tmp_path, stands_for, listens)
    await first_group(broker)

    try:
        for block in blocks:
            await asyncio.to_thread(session.run, block)
    finally:
        await asyncio.to_thread(session.end)

    assert len(blocks) > 5


async def first_group(broker: Broker) -> None:
    """Join a group: the first one on a new broker finds no coordinator at once, and aiokafka complains of that."""
    async with AIOKafkaConsumer("none", bootstrap_servers=broker.bootstrap, group_id="first"):
        pass


def write_files(folder: Path, stands_for: dict[str, str]) -> None:
    """Write the files that the README shows with their names, and the secrets that it speaks of."""
    for language in ("toml", "python"):
        for fence in fences(ENGLISH, language):
            text = fence.text
            for shown, here in stands_for.items():
                text = text.replace(shown, here)
            (folder / fence.about).write_text(text)
    (folder / "secrets").mkdir()
    robot = "https://oapi.dingtalk.com/robot/send?access_token=t"
    secrets = {"acme": "the password of that page", "acme-app": "the App Key", "qos-tokens": "t"}
    for name, secret in (secrets | {"dingtalk-url": robot, "dingtalk": "SEC1"}).items():
        (folder / "secrets" / name).touch(0o600)
        (folder / "secrets" / name).write_text(f"{secret}\n")


def test_every_block_of_commands_is_run() -> None:
    """No kind of block that the tests above leave out, and no block without a command."""
    blocks = fences(ENGLISH, "console")

    assert {block.about for block in blocks} == {
        "",
        "alerts",
        "archive",
        "demo",
        "test",
        "site",
        "source",
        "stays",
        "users",
    }
    assert [block for block in blocks if not commands(block)] == []


def test_the_settings_shown_are_good(tmp_path: Path) -> None:
    """They are what an operator begins with, and fit as they stand."""
    write_files(tmp_path, {})

    names = [fence.about for fence in fences(ENGLISH, "toml")]
    loaded = [load(tmp_path / name, {}) for name in names]

    assert names == ["meetwire.toml", "meeting-pushes.toml", "archive-on-s3.toml", "alerts.toml"]
    assert [[enterprise.name for enterprise in one.root.enterprises] for one in loaded] == [["acme"], ["acme"], [], []]
    assert [one.warnings for one in loaded] == [()] * 4


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        pytest.param("at 2026-01-01 00:00:00\n", "at 2026-12-31 23:59:59\n", True, id="a time"),
        pytest.param("id 0123456789abcdef0\n", "id fedcba98765432100\n", True, id="digits"),
        pytest.param("a\n…\nz\n", "a\nb\nc\nz\n", True, id="left out"),
        pytest.param("a\n…\nz\n", "a\nz\n", True, id="left out, and there is nothing"),
        pytest.param("a\n…\n", "a\n", True, id="nothing after it"),
        pytest.param("a\n…\nz\n", "ab\nz\n", False, id="left out, of another line"),
        pytest.param("a\n…\nz\n", "a\nb\nc\n", False, id="left out, and another end"),
        pytest.param("rc 0\n", "rc 1\n", False, id="another number"),
        pytest.param("a\n", "a\nb\n", False, id="more than is shown"),
        pytest.param("a.c\n", "abc\n", False, id="no pattern"),
    ],
)
def test_what_differs_is_seen(shown: str, printed: str, same: bool) -> None:
    """The comparison itself overlooks what is volatile, and nothing else."""
    assert matches(shown, printed) is same
