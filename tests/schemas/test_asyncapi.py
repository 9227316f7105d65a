"""The AsyncAPI document is one for the initiative's own parser, and its examples fit its schemas."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from deploy.contract.asyncapi import asyncapi
from schemas.topics import TOPICS

from .validation import faults

CHECK = Path(__file__).parent / "asyncapi/check.mjs"
PARTS = Path(__file__).parents[2] / ".parts/asyncapi"


def parsed(document: dict[str, Any], folder: Path) -> tuple[int, str]:
    """Return the parser's exit status and what it says of a document. Fails where the parser is not at hand."""
    node = shutil.which("node")
    if node is None or not (PARTS / "node_modules/@asyncapi/parser").exists():
        pytest.fail("node or the AsyncAPI parser is missing: run `make parts`", pytrace=False)
    path = folder / "asyncapi.json"
    path.write_text(json.dumps(document))
    done = subprocess.run([node, CHECK, PARTS, path], capture_output=True, text=True, timeout=200, check=False)
    return done.returncode, done.stdout + done.stderr


def test_the_parser_accepts_the_document(tmp_path: Path) -> None:
    """No error, every reference resolved, offline."""
    assert parsed(asyncapi(), tmp_path) == (0, "")


def test_the_parser_refuses_a_broken_document(tmp_path: Path) -> None:
    """The check is one: a reference that leads nowhere is told."""
    document = asyncapi()
    del document["components"]["messages"]["MeetingStarted"]

    status, told = parsed(document, tmp_path)

    assert status == 1
    assert "'#/components/messages/MeetingStarted' does not exist" in told


def example_faults(document: dict[str, Any]) -> dict[str, list[str]]:
    """Return what in the example of each message does not fit, by its name: payload and headers."""
    inside = document["components"]

    def of(name: str, value: object) -> list[str]:
        return faults({"$ref": f"#/components/schemas/{name}", "components": inside}, value)

    return {
        name: of(name, example["payload"]) + of("Headers", example["headers"])
        for name, message in inside["messages"].items()
        for example in message["examples"]
    }


EVENTS = {event.__name__ for topic in TOPICS.values() for event in topic.events}


def test_examples_fit_their_schemas() -> None:
    """What the document shows is what it says; the parser does not look."""
    assert example_faults(asyncapi()) == {name: [] for name in EVENTS}


def test_an_example_that_does_not_fit_is_seen() -> None:
    """Each half of an example is looked at."""
    document = asyncapi()
    example = document["components"]["messages"]["MeetingStarted"]["examples"][0]
    example["payload"] = {**example["payload"], "meeting_id": 1}
    example["headers"] = {**example["headers"], "mw_position": "0"}

    assert example_faults(document)["MeetingStarted"] == [
        "$.meeting_id: 1 is not of type 'string'",
        "$.mw_position: '0' does not match '^[1-9][0-9]*$'",
    ]


def test_every_topic_is_a_channel_with_its_events() -> None:
    """The channels are the topics, and each is sent and received with just its events."""
    document = asyncapi()

    channels = {channel["address"]: set(channel["messages"]) for channel in document["channels"].values()}
    operations = {name: operation["action"] for name, operation in document["operations"].items()}

    assert channels == {topic.name: {event.__name__ for event in topic.events} for topic in TOPICS.values()}
    shorts = [name.split(".")[1] for name in TOPICS]
    assert operations == {f"{short}.{action}": action for short in shorts for action in ("send", "receive")}
