"""Hold the READMEs to the program: every command is run, every table compared, every named test is there."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from aiokafka import AIOKafkaConsumer

from deploy.settings import load
from deploy.settings.tables import fields, is_array
from receiver import errors
from receiver.forward.failures import FAILURES
from schemas.events.unrecognised import SetAsideReason
from schemas.lines import Line
from schemas.settings import Root
from schemas.topics import TOPICS

from .deploy.cli.running import environment
from .kafka.broker import Broker
from .kafka.configuration import free_port
from .kafka.fixtures import OwnBroker
from .readme.compare import matches, settled
from .readme.document import READMES, ROOT, Fence, Heading, Item, Part, Table, code, fences, parts, table
from .readme.generated import filled
from .readme.session import BIN, Session, commands

ENGLISH = READMES["en"].read_text()
LANGUAGES = pytest.mark.parametrize("text", [pytest.param(path.read_text(), id=key) for key, path in READMES.items()])


def test_the_demo_shows_what_the_readme_shows(tmp_path: Path) -> None:
    """`make demo` runs the demo, and its output is the one of the first screen, but for times and ports."""
    (block,) = fences(ENGLISH, "console", "demo")
    (command,) = commands(block)
    link = tmp_path / ".parts/demo/bin/meetwire"
    link.parent.mkdir(parents=True)
    link.symlink_to(BIN / "meetwire")

    events = len(re.findall("  acme  ", command.shown))
    line = [".parts/demo/bin/meetwire", "demo", "--events", str(events)]
    done = subprocess.run(
        line, cwd=tmp_path, env=environment({}), capture_output=True, text=True, timeout=60, check=True
    )

    assert (command.line, recipe("demo")) == ("make demo", "@exec .parts/demo/bin/meetwire demo")
    # Where its ports are taken it says so, and uses others.
    printed = re.sub(r"^Port \d+ is taken; .*\n|--url \S+ ", "", done.stdout, flags=re.MULTILINE)
    shown, _, farewell = printed.rpartition("\n\n")
    assert events > 5
    assert settled(shown) == settled(command.shown)
    assert farewell.startswith("Stopped.")


def test_the_tests_are_run_as_the_readme_says() -> None:
    """`make test` is this: the checks, and pytest over everything."""
    (block,) = fences(ENGLISH, "console", "test")

    assert [command.line for command in commands(block)] == ["make test"]
    assert "-m pytest" in recipe("test")
    assert "$(MAKE) check" in recipe("test")


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
    """Write the files that the README shows with their names, and the password that it speaks of."""
    for language in ("toml", "python"):
        for fence in fences(ENGLISH, language):
            text = fence.text
            for shown, here in stands_for.items():
                text = text.replace(shown, here)
            (folder / fence.about).write_text(text)
    (folder / "secrets").mkdir()
    (folder / "secrets/acme").touch(0o600)
    (folder / "secrets/acme").write_text("the password of that page\n")


def test_every_block_of_commands_is_run() -> None:
    """No kind of block that the tests above leave out, and no block without a command."""
    blocks = fences(ENGLISH, "console")

    assert {block.about for block in blocks} == {"", "demo", "test", "source", "stays"}
    assert [block for block in blocks if not commands(block)] == []


def test_the_settings_shown_are_good(tmp_path: Path) -> None:
    """They are what an operator begins with, and fit as they stand."""
    write_files(tmp_path, {})

    loaded = load(tmp_path / "meetwire.toml", {})

    assert ([enterprise.name for enterprise in loaded.root.enterprises], loaded.warnings) == (["acme"], ())


@LANGUAGES
def test_every_table_of_the_settings_is_named(text: str) -> None:
    """The tables of the settings file, in their order."""
    names = [f"[[{name}]]" if is_array(field.type) else f"[{name}]" for name, field in fields(Root).items()]

    assert [code(row[0]) for row in table(text, "`[webhook]`")] == [[name] for name in names]


@LANGUAGES
def test_every_setting_that_is_named_is_one(text: str) -> None:
    """Whatever is written as table.name is a setting."""
    tables = tomllib.loads(re.sub(r"(?m)^# (?=\[|[a-z_]+ = )", "", (ROOT / "deploy/meetwire.toml").read_text()))
    pattern = rf"(?<![.\w])({'|'.join(tables)})\.([a-z_]+)\b"
    named = {found for words in code(text) for found in re.findall(pattern, words)} - FILES

    assert len(named) > 10
    assert {(name, setting) for name, setting in named if setting not in tables[name]} == set()


# Names that look like a setting's, and are a log line's.
FILES = {("log", name) for name in ("opened", "recovered", "failed", "pruned")}


def refusals() -> Iterator[type[errors.Refused]]:
    """Yield every kind of refusal."""
    pending = [errors.Refused]
    while pending:
        kind = pending.pop()
        yield kind
        pending.extend(kind.__subclasses__())


@LANGUAGES
def test_the_answers_are_all_that_there_are(text: str) -> None:
    """Each status that a refusal has, and each reason; 431 is refused before there is a delivery."""
    rows = table(text, "`200`, no body" if text == ENGLISH else "`200`，无正文")
    statuses = {int(status) for row in rows for status in re.findall(r"`(\d{3})`", row[0])}
    reasons = [reason for row in rows for reason in code(row[2])]

    assert statuses == {200, 431} | {kind.status for kind in refusals()}
    assert sorted(reasons) == sorted(get_args(errors.Reason))


@LANGUAGES
def test_the_failures_of_kafka_are_all_that_there_are(text: str) -> None:
    """Each thing that the forwarder tells apart, in its order."""
    assert [code(row[0]) for row in table(text, "`unreachable`")] == [[failure] for failure in FAILURES]


@LANGUAGES
def test_the_reasons_for_setting_aside_are_all_that_there_are(text: str) -> None:
    """Each reason, in its order."""
    assert [code(row[0]) for row in table(text, "`unknown_event`")] == [[why] for why in get_args(SetAsideReason)]


@LANGUAGES
def test_the_log_lines_are_all_that_there_are(text: str) -> None:
    """Each name, in its order, with the level at which the program says it."""
    source = "".join(
        path.read_text() for part in ("receiver", "consumers", "deploy") for path in ROOT.glob(f"{part}/**/*.py")
    )
    said = re.findall(r"\.(debug|info|warning|error|log)\(\s*(?:[^\"\n]*, )?\"([a-z_]+\.[a-z_]+)\"", source)
    levels = {line: "warning" if level == "log" else level for level, line in said}

    rows = table(text, "`receiver.started`")
    assert [(*code(row[0]), row[1]) for row in rows] == [(line, levels.get(line)) for line in get_args(Line)]


@LANGUAGES
def test_the_topics_are_all_that_there_are(text: str) -> None:
    """Name, and how long Kafka keeps a record."""
    rows = table(text, "`meeting.lifecycle.v1`")
    days = [(*code(row[0]), int(row[2].split()[0])) for row in rows]

    assert days == [(name, topic.retention_days) for name, topic in TOPICS.items()]


@LANGUAGES
def test_the_events_are_those_of_the_samples(text: str) -> None:
    """Which push becomes which event, as the stored samples have it."""
    samples = [json.loads(path.read_text())["value"] for path in (ROOT / "schemas/samples").glob("*.json")]
    known = {
        json.loads(value["original"])["eventInfo"]["event"]: value["type"]
        for value in samples
        if value["type"] not in ("PushSetAside", "RecordDeadLettered")
    }

    rows = table(text, "`meeting.create`")
    assert len(rows) == len(known) == 9
    assert {code(row[0])[0]: code(row[1])[0] for row in rows} == known


@LANGUAGES
def test_generated_parts_are_todays(text: str) -> None:
    """The table of metrics and the samples; `python -m tests.readme` writes them."""
    assert filled(text) == text


@LANGUAGES
def test_every_test_that_is_named_is_there(text: str) -> None:
    """A guarantee whose test went away would be a promise."""
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", text)

    assert len(named) > 20
    gone = [f"{path}::{name}" for path, name in named if not has_test(ROOT / path, name)]
    assert gone == []


def has_test(path: Path, name: str) -> bool:
    """Whether a file has a test of this name."""
    return path.exists() and re.search(rf"^ *(async )?def {name}\(", path.read_text(), re.MULTILINE) is not None


@LANGUAGES
def test_every_guarantee_names_its_tests(text: str) -> None:
    """Numbered from 1 on, and none without a test."""
    section = re.split(r"^## ", text, flags=re.MULTILINE)[4]
    promises = re.split(r"^\d+\. ", section, flags=re.MULTILINE)[1:]

    assert len(promises) > 10
    assert [promise for promise in promises if "::test_" not in promise] == []


@LANGUAGES
def test_every_link_leads_to_a_file(text: str) -> None:
    """Whatever is linked within the project is there."""
    links = [link for link in re.findall(r"\]\(([^)]+)\)", text) if not link.startswith("http")]

    assert len(links) > 5
    assert [link for link in links if not (ROOT / link).exists()] == []


def shape(part: Part) -> object:
    """Return what has to be the same in every language."""
    match part:
        case Heading(level=level):
            return ("heading", level)
        case Table(rows=rows):
            return ("table", [len(row) for row in rows], [code(row[0]) for row in rows[1:]])
        case Item(number=number):
            return ("item", number)
        case Fence():
            return part


def test_both_languages_have_the_same_parts() -> None:
    """The same headings, lists and tables in the same order, and the same blocks to the letter."""
    english, chinese = ([shape(part) for part in parts(path.read_text())] for path in READMES.values())

    assert english == chinese


def test_both_languages_name_the_same_things() -> None:
    """Every setting, file, test and word of code that one names the other names too."""
    english, chinese = (sorted(code(prose(path.read_text()))) for path in READMES.values())

    assert english == chinese


def prose(text: str) -> str:
    """Return a document without its blocks."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)


def test_nginx_hands_on_what_meetwire_takes() -> None:
    """The address, the path and the size that nginx is given are the defaults of the settings."""
    (fence,) = fences(ENGLISH, "nginx")
    webhook = Root().webhook

    assert re.findall(r"location = (\S+) ", fence.text) == list(webhook.paths)
    assert re.findall(r"proxy_pass http://(\S+);", fence.text) == [webhook.listen]
    assert re.findall(r"client_max_body_size (\d+)m;", fence.text) == [str(webhook.max_body_bytes // 1_048_576)]
    assert fence.text.count("{") == fence.text.count("}") == 2


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        pytest.param("at 2026-01-01 00:00:00\n", "at 2026-12-31 23:59:59\n", True, id="a time"),
        pytest.param("id 0123456789abcdef0\n", "id fedcba98765432100\n", True, id="digits"),
        pytest.param("a\n…\nz\n", "a\nb\nc\nz\n", True, id="left out"),
        pytest.param("a\n…\nz\n", "a\nb\nc\n", False, id="left out, and another end"),
        pytest.param("rc 0\n", "rc 1\n", False, id="another number"),
        pytest.param("a\n", "a\nb\n", False, id="more than is shown"),
        pytest.param("a.c\n", "abc\n", False, id="no pattern"),
    ],
)
def test_what_differs_is_seen(shown: str, printed: str, same: bool) -> None:
    """The comparison itself overlooks what is volatile, and nothing else."""
    assert matches(shown, printed) is same
