"""Every released version of an event and today's read each other's records.

A release adds a folder: `meetwire schemas --write tests/schemas/released/<version>`. Until the first of them is out its
folder follows the source; after that no file in it changes again.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from deploy.contract.event_schema import event_schema, event_types
from deploy.contract.headers import headers_schema
from deploy.contract.samples import samples
from schemas.events import decode, encode

from .evolution import breaks
from .validation import faults

FOLDER = Path(__file__).parent / "released"
RELEASED = sorted(FOLDER.glob("*/*.v1.json"))
HINT = "released: make a new topic version; not released yet: meetwire schemas --write tests/schemas/released/<version>"
EVENTS = {event.__name__: event for event in event_types()}

released_events = pytest.mark.parametrize(
    "path", RELEASED, ids=[str(path.relative_to(FOLDER)).removesuffix(".v1.json") for path in RELEASED]
)


def read(path: Path) -> Any:
    """Return the JSON of a file."""
    return json.loads(path.read_bytes())


def event_name(path: Path) -> str:
    """Return which event a released schema is of."""
    return path.name.removesuffix(".v1.json")


def kept(before: object, after: object) -> object:
    """Return of `after` what `before` has a place for: members that were added since are left out."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return {name: kept(before[name], after[name]) for name in before if name in after}
    return after


@released_events
def test_todays_readers_read_released_records(path: Path) -> None:
    """A record that an older version wrote decodes, and means the same when it is written again."""
    samples_of_then = read(path)["examples"]

    again = [json.loads(encode(decode(json.dumps(sample).encode()))) for sample in samples_of_then]

    assert samples_of_then
    assert [kept(before, after) for before, after in zip(samples_of_then, again, strict=True)] == samples_of_then


@released_events
def test_released_readers_read_todays_records(path: Path) -> None:
    """What this version writes fits the schema that an older reader was built with."""
    assert faults(read(path), samples()[event_name(path)].event) == []


@released_events
def test_no_released_schema_is_broken(path: Path) -> None:
    """No member is gone, none has another type, none is newly required; beyond what the samples happen to show."""
    assert breaks(read(path), event_schema(EVENTS[event_name(path)])) == [], HINT


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*/asyncapi.json")), ids=lambda path: path.parent.name)
def test_no_released_header_is_broken(path: Path) -> None:
    """Headers are held to the same rules as events."""
    assert breaks(read(path)["components"]["schemas"]["Headers"], headers_schema()) == []


def test_every_event_has_a_sample() -> None:
    """An event without a stored sample, or a sample of no event, is a mistake: nothing would hold it to the rules."""
    assert set(samples()) == set(EVENTS)


def test_every_event_of_today_was_released_or_will_be() -> None:
    """The newest folder holds every event: a new one is written there before it is released."""
    newest = max(RELEASED, key=lambda path: tuple(map(int, path.parent.name.split(".")))).parent

    assert {event_name(path) for path in RELEASED if path.parent == newest} == set(EVENTS)


def schema(**properties: object) -> dict[str, Any]:
    """Return the schema of an event whose members are all required but those called optional."""
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if not name.startswith("optional")],
        "$defs": {"Text": {"type": "string", "description": "words"}, "Number": {"type": "integer"}},
    }


TEXT = {"type": "string"}
NUMBER = {"type": "integer"}
OPTIONAL_TEXT = {"anyOf": [TEXT, {"type": "null"}]}


@pytest.mark.parametrize(
    ("today", "told"),
    [
        pytest.param(schema(name=TEXT, inside=schema(of=OPTIONAL_TEXT)), [], id="nothing"),
        pytest.param(schema(name={**TEXT, "description": "x"}, inside=schema(of=OPTIONAL_TEXT)), [], id="words"),
        pytest.param(schema(name={"$ref": "#/$defs/Text"}, inside=schema(of=OPTIONAL_TEXT)), [], id="a reference"),
        pytest.param(schema(name=TEXT, inside=schema(of=OPTIONAL_TEXT), optional=NUMBER), [], id="added, with default"),
        pytest.param(
            schema(name=TEXT, inside=schema(of=OPTIONAL_TEXT), new=NUMBER),
            ["$.new: required of records that were written without it"],
            id="added, required",
        ),
        pytest.param(schema(inside=schema(of=OPTIONAL_TEXT)), ["$.name: removed"], id="removed"),
        pytest.param(schema(name=TEXT, inside=schema()), ["$.inside.of: removed"], id="removed inside"),
        pytest.param(
            schema(name=NUMBER, inside=schema(of=OPTIONAL_TEXT)), ["$.name: its type changed"], id="another type"
        ),
        pytest.param(
            schema(name={"$ref": "#/$defs/Number"}, inside=schema(of=OPTIONAL_TEXT)),
            ["$.name: its type changed"],
            id="another type, by reference",
        ),
        pytest.param(
            schema(name={"enum": ["a"]}, inside=schema(of=OPTIONAL_TEXT)), ["$.name: its type changed"], id="narrowed"
        ),
        pytest.param(
            schema(name=TEXT, inside=schema(of=TEXT)), ["$.inside.of: its type changed"], id="no longer nullable"
        ),
        pytest.param(
            schema(name=TEXT, inside=schema(of={"anyOf": [TEXT]})), ["$.inside.of: its type changed"], id="fewer types"
        ),
    ],
)
def test_a_broken_schema_is_seen(today: dict[str, Any], told: list[str]) -> None:
    """The check lets through what both readers can read, and names what one of them cannot."""
    assert breaks(schema(name=TEXT, inside=schema(of=OPTIONAL_TEXT)), today) == told


def test_a_record_that_lost_a_member_is_seen() -> None:
    """An older reader's schema does refuse a record without a member, and a local time."""
    event = {**samples()["MeetingStarted"].event, "sent_at": "2026-03-02T01:00:00"}
    del event["meeting_id"]

    assert faults(read(FOLDER / "0.1.0/MeetingStarted.v1.json"), event) == [
        "$.sent_at: '2026-03-02T01:00:00' is not a 'date-time'",
        "$: 'meeting_id' is a required property",
    ]
