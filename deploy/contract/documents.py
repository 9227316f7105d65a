"""Make the files of the contract, write them into a folder, or compare a folder with them."""

import json
from collections.abc import Iterator
from pathlib import Path

from .asyncapi import asyncapi
from .event_schema import event_schema, event_types
from .openapi import openapi


def documents() -> dict[str, str]:
    """Return every file's text by its name."""
    found = {f"{event.__name__}.v1.json": event_schema(event) for event in event_types()}
    whole = {"asyncapi.json": _text(asyncapi()), "openapi.json": _text(openapi())}
    return {name: _text(found[name]) for name in sorted(found)} | whole


def write(folder: Path) -> None:
    """Write the files into `folder`, which is made if it is missing. Others in it stay. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in documents().items():
        (folder / name).write_text(text)


def differences(folder: Path) -> Iterator[str]:
    """Yield a line for each file of `folder` that is missing, is not what it would be now, or is none of ours."""
    expected = documents()
    found = {path.name: path for path in folder.glob("*.json")}
    for name in sorted(expected.keys() | found):
        if name not in found:
            yield f"{name}: missing"
        elif name not in expected:
            yield f"{name}: of no event that there is"
        elif found[name].read_text() != expected[name]:
            yield f"{name}: differs from the source"


def _text(document: object) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
