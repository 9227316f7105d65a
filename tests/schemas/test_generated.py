"""schemas/json holds what `meetwire schemas` would write now, and the samples fit it."""

import re
from argparse import ArgumentParser
from pathlib import Path
from typing import Annotated, Any

import msgspec
import pytest

import schemas
from deploy.cli.schemas import add_schemas_arguments, run_schemas
from deploy.contract.docstrings import docstring, field_docstrings
from deploy.contract.documents import differences, documents, write
from deploy.contract.event_schema import definitions, event_schema, event_types
from deploy.contract.samples import samples
from schemas.base import Event

from .validation import faults

FOLDER = Path(schemas.__file__).parent / "json"


def run(*arguments: str) -> int:
    """Run the command as its parser hands it over."""
    parser = ArgumentParser()
    add_schemas_arguments(parser)
    return run_schemas(parser.parse_args(arguments))


def test_committed_documents_are_todays() -> None:
    """A change of the contract shows in the committed files."""
    assert list(differences(FOLDER)) == [], "run: meetwire schemas --write schemas/json"


@pytest.mark.parametrize("event", event_types())
def test_sample_fits_its_schema(event: type[Event]) -> None:
    """The schema of an event accepts the record that stands beside it."""
    assert faults(event_schema(event), samples()[event.__name__].event) == []


@pytest.mark.parametrize("event", event_types())
def test_sample_with_other_types_does_not_fit(event: type[Event]) -> None:
    """Each schema is strict about every member that is not free to be anything: none is a list of lists."""
    schema = event_schema(event)

    told = faults(schema, {name: [[]] for name in schema["required"]})

    assert {re.split(r"[:[]", line)[0] for line in told} == {f"$.{name}" for name in schema["required"]}


def test_documents_are_written_and_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--check is silent after --write, and names a file that was changed, taken away or added."""
    assert run("--write", str(tmp_path / "new/folder")) == 0
    assert run("--check", str(tmp_path / "new/folder")) == 0

    (tmp_path / "new/folder/MeetingEnded.v1.json").write_text("{}")
    (tmp_path / "new/folder/MeetingGone.v1.json").write_text("{}")
    (tmp_path / "new/folder/asyncapi.json").unlink()
    assert run("--check", str(tmp_path / "new/folder")) == 1
    assert capsys.readouterr().err.replace(str(tmp_path), "") == (
        "/new/folder/MeetingEnded.v1.json: differs from the source\n"
        "/new/folder/MeetingGone.v1.json: of no event that there is\n"
        "/new/folder/asyncapi.json: missing\n"
    )


def test_folder_that_cannot_be_written_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file where the folder should be is an error with its name, not a stack trace."""
    (tmp_path / "file").touch()

    assert run("--write", str(tmp_path / "file")) == 1
    assert capsys.readouterr().err == f"{tmp_path}/file: cannot be written: File exists\n"


def test_documents_are_listed_and_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """Without an option the names are listed; each of them can be printed."""
    assert run() == 0
    names = capsys.readouterr().out.split()
    assert names == [*sorted(f"{event.__name__}.v1.json" for event in event_types()), "asyncapi.json", "openapi.json"]

    assert run("print", "MeetingStarted.v1.json") == 0
    assert capsys.readouterr().out == (FOLDER / "MeetingStarted.v1.json").read_text()


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("MeetingStarted", "MeetingStarted: no such document; did you mean MeetingStarted.v1.json?\n"),
        ("?", "?: no such document\n"),
    ],
)
def test_a_document_that_there_is_not_is_told(name: str, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A mistyped name is an error that helps."""
    assert run("print", name) == 1
    assert capsys.readouterr().err == told


def test_writing_leaves_other_files_alone(tmp_path: Path) -> None:
    """A folder that holds more than ours loses nothing."""
    (tmp_path / "other.txt").write_text("mine")

    write(tmp_path)

    assert (tmp_path / "other.txt").read_text() == "mine"
    assert {path.name for path in tmp_path.iterdir()} == {*documents(), "other.txt"}


class Inner(msgspec.Struct):
    """What is inside."""

    x: Annotated[int, msgspec.Meta(ge=0)] = 0


class Listed(msgspec.Struct):
    """What stands in a list alone."""

    y: str
    """Why."""


class Base(Event, frozen=True, kw_only=True):
    """What is common."""

    where: str
    """In the
    building.

    Never a room."""
    quiet: int


class Outer(Base, frozen=True, kw_only=True, tag=True):
    """An event.

    With a second
    paragraph.
    """

    inner: Inner
    """The one."""
    several: tuple[Inner, ...] = ()
    more: list[Listed]


def test_docstrings_are_descriptions() -> None:
    """What stands under a class or a field, in a base too, is in the schema; wrapped lines are joined."""
    found: dict[str, Any] = definitions([Outer], "#/$defs/{name}")

    assert docstring(Outer) == "An event.\n\nWith a second paragraph."
    assert field_docstrings(Outer) == {"where": "In the building.\n\nNever a room.", "inner": "The one."}
    assert found["Listed"]["properties"] == {"y": {"description": "Why.", "type": "string"}}
    assert found["Inner"]["properties"] == {"x": {"type": "integer", "minimum": 0, "default": 0}}
    assert found["Outer"]["properties"] == {
        "type": {"const": "Outer"},
        "where": {"description": "In the building.\n\nNever a room.", "type": "string"},
        "quiet": {"type": "integer"},
        "inner": {"description": "The one.", "allOf": [{"$ref": "#/$defs/Inner"}]},
        "several": {"type": "array", "items": {"$ref": "#/$defs/Inner"}, "default": ()},
        "more": {"type": "array", "items": {"$ref": "#/$defs/Listed"}},
    }
