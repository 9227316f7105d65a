"""Hold the tables, lists and links of the READMEs to the program, and the two languages to each other."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from deploy.settings.tables import fields, is_array, is_secret
from receiver import errors
from receiver.forward.failures import FAILURES
from schemas.base import Settings
from schemas.events.unrecognised import SetAsideReason
from schemas.lines import Line
from schemas.notify import Notify
from schemas.settings import App, Captions, Dashboard, Qos, Root, Subscriber
from schemas.topics import CAPTIONS, PARTICIPANTS, QUALITY, SPEAKERS, STATE, TOPICS

from .readme.document import READMES, ROOT, Fence, Heading, Item, Part, Table, code, fences, parts, table
from .readme.generated import filled

ENGLISH = READMES["en"].read_text()
LANGUAGES = pytest.mark.parametrize("text", [pytest.param(path.read_text(), id=key) for key, path in READMES.items()])


@LANGUAGES
def test_every_table_of_the_settings_is_named(text: str) -> None:
    """The tables of the settings file, in their order."""
    names = [f"[[{name}]]" if is_array(field.type) else f"[{name}]" for name, field in fields(Root).items()]

    assert [code(row[0]) for row in table(text, "`[webhook]`")] == [[name] for name in names]


@LANGUAGES
def test_every_setting_that_is_named_is_one(text: str) -> None:
    """Whatever is written as table.name is a setting."""
    example = tomllib.loads(re.sub(r"(?m)^# (?=\[|[a-z_]+ = )", "", (ROOT / "deploy/meetwire.toml").read_text()))
    tables = {name: table[0] if isinstance(table, list) else table for name, table in example.items()}
    pattern = rf"(?<![.\w])({'|'.join(tables)})\.([a-z_]+)\b"
    named = {found for words in code(text) for found in re.findall(pattern, words)} - FILES

    assert len(named) > 10
    assert {(name, setting) for name, setting in named if setting not in tables[name]} == set()


# Names that look like a setting's, and are a log line's, or a file's.
FILES = {
    *(("log", name) for name in ("opened", "recovered", "failed", "pruned")),
    *(("captions", name) for name in ("jsonl", "parquet", "html")),
    *(("qos", name) for name in ("toml", "test", "lock")),
}


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
    levels = OF_A_TABLE | {line: "warning" if level == "log" else level for level, line in said}

    rows = table(text, "`receiver.started`")
    assert [(*code(row[0]), row[1]) for row in rows] == [(line, levels.get(line)) for line in get_args(Line)]


# Said by what a table has for a change of a subscription: what was not seen as a warning.
OF_A_TABLE = {
    "subscription.opened": "info",
    "subscription.lost": "warning",
    "pushes.missed": "warning",
    "subscription.closed": "info",
}


@LANGUAGES
def test_the_topics_are_all_that_there_are(text: str) -> None:
    """Name, and how long Kafka keeps a record."""
    rows = table(text, "`meeting.lifecycle.v1`")
    days = [(*code(row[0]), int(row[2].split()[0])) for row in rows]

    assert days == [(name, topic.retention_days) for name, topic in TOPICS.items()]


@LANGUAGES
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("`[subscriber]`", Subscriber),
        ("`[captions]`", Captions),
        ("`[qos]`", Qos),
        ("`[[qos.notify]]`", Notify),
        ("`[dashboard]`", Dashboard),
        ("`[enterprises.app]`", App),
    ],
)
def test_the_settings_of_meeting_pushes_are_all_that_there_are(text: str, name: str, kind: type[Settings]) -> None:
    """Each setting of the table, in its order, with its default."""
    told = [(code(row[0])[0], "".join(code(row[1]))) for row in headed(text, name)]

    assert told == [(setting, spelt(field)) for setting, field in fields(kind).items()]


def headed(text: str, head: str) -> list[list[str]]:
    """Return the rows of the table of that head; other tables may have a row of that name."""
    (rows,) = [part.rows[1:] for part in parts(text) if isinstance(part, Table) and part.rows[0][0] == head]
    return rows


def spelt(field: msgspec.structs.FieldInfo) -> str:
    """Return a setting's default as TOML has it; nothing where there is none, as with a secret."""
    if field.required or field.default is None or is_secret(field.type):
        return ""
    if isinstance(field.default, int) and not isinstance(field.default, bool):
        return f"{field.default:_}"
    return json.dumps(field.default)


@LANGUAGES
def test_the_events_from_within_a_meeting_are_all_that_there_are(text: str) -> None:
    """Every event of the topics that meeting pushes fill, with its sample."""
    events = [event.__name__ for name, topic in TOPICS.items() if name in FROM_SOCKETS for event in topic.events]
    rows = table(text, "`ConfBasicInfoNotify`")

    assert sorted(row[1] for row in rows) == sorted(f"[`{name}`](schemas/samples/{name}.json)" for name in events)


FROM_SOCKETS = (STATE, PARTICIPANTS, SPEAKERS, QUALITY, CAPTIONS)


@LANGUAGES
def test_the_events_are_those_of_the_samples(text: str) -> None:
    """Which push becomes which event, as the stored samples have it."""
    samples = [json.loads(path.read_text())["value"] for path in (ROOT / "schemas/samples").glob("*.json")]
    known = {
        json.loads(value["original"])["eventInfo"]["event"]: value["type"]
        for value in samples
        if "sent_at" in value and value["type"] != "PushSetAside"
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
    section = re.split(r"^## ", text, flags=re.MULTILINE)[5]
    promises = re.split(r"^\d+\. ", section, flags=re.MULTILINE)[1:]

    assert len(promises) > 10
    assert [promise for promise in promises if "::test_" not in promise] == []


@LANGUAGES
def test_every_link_leads_to_a_file(text: str) -> None:
    """Whatever is linked within the project, or within the document, is there."""
    links = [link for link in re.findall(r"\]\(([^)]+)\)", text) if not link.startswith("http")]
    within = {link for link in links if link.startswith("#")}

    assert (len(links) > 25, len(within) > 15) == (True, True)
    assert [link for link in links if link not in within and not (ROOT / link).exists()] == []
    assert within - anchors(text) == set()


def anchors(text: str) -> set[str]:
    """Return the address of each heading: in small letters, without punctuation, a hyphen for each blank."""
    headings = re.findall(r"^#+ (.+)$", prose(text), re.MULTILINE)
    return {"#" + re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_a_link_to_no_heading_is_seen() -> None:
    """A heading that was called otherwise leaves links behind."""
    assert "#installing" in anchors(ENGLISH)
    assert "#installing" not in anchors(ENGLISH.replace("## Installing", "## Setting up"))


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


@pytest.mark.parametrize(
    ("found", "instead"),
    [
        pytest.param("## Limits", "### Limits", id="a heading of another level"),
        pytest.param("| `tls` |", "| `ssl` |", id="another row"),
        pytest.param("$ make test", "$ make check", id="another command"),
        pytest.param("10. A record", "11. A record", id="another number"),
    ],
)
def test_a_part_that_differs_is_seen(found: str, instead: str) -> None:
    """The comparison of the languages can fail."""
    altered = ENGLISH.replace(found, instead, 1)

    assert altered != ENGLISH
    assert [shape(part) for part in parts(altered)] != [shape(part) for part in parts(ENGLISH)]


def test_a_test_that_is_gone_is_seen() -> None:
    """A name that no file has, and a file that there is not."""
    assert has_test(Path(__file__), "test_a_test_that_is_gone_is_seen")
    assert not has_test(Path(__file__), "test_a_test")
    assert not has_test(Path("tests/test_nowhere.py"), "test_a_test_that_is_gone_is_seen")


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
