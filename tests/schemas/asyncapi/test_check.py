"""The parser is really asked: it accepts what is good and refuses what is not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from . import errors_in

GOOD: dict[str, Any] = {
    "asyncapi": "3.0.0",
    "info": {"title": "a topic", "version": "1"},
    "channels": {"a": {"address": "a", "messages": {"m": {"payload": {"type": "object"}}}}},
    "operations": {"read": {"action": "receive", "channel": {"$ref": "#/channels/a"}}},
}


def test_good_document_has_no_errors(tmp_path: Path) -> None:
    """A document of one topic passes."""
    document = tmp_path / "asyncapi.json"
    document.write_text(json.dumps(GOOD))

    assert errors_in(document) == []


def test_unknown_action_is_an_error(tmp_path: Path) -> None:
    """The error names the path in the document."""
    document = tmp_path / "asyncapi.json"
    document.write_text(json.dumps(GOOD).replace('"receive"', '"shout"'))

    errors = errors_in(document)

    assert [error.split(":")[0] for error in errors] == ["operations.read.action"]


def test_broken_json_is_an_error(tmp_path: Path) -> None:
    """Half a document is refused."""
    document = tmp_path / "asyncapi.json"
    document.write_text(json.dumps(GOOD)[:40])

    assert errors_in(document) != []
