"""The documented example and the structs say the same: every setting, and its default."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

import deploy
from deploy.settings import load
from deploy.settings.tables import fields, is_array, is_secret, table_of
from schemas.base import Settings
from schemas.settings import Root

EXAMPLE = Path(deploy.__file__).parent / "meetwire.toml"

Setting = tuple[str, Any]


def example_in_full() -> dict[str, Any]:
    """Return the example with every setting and table that stands in a comment taken out of it."""
    return tomllib.loads(re.sub(r"(?m)^# (?=\[|[a-z_]+ = )", "", EXAMPLE.read_text()))


def documented(tree: dict[str, Any], table: str = "") -> Iterator[str]:
    """Yield the name of every setting that a document shows."""
    for name, value in tree.items():
        inside = value[0] if isinstance(value, list) and value and isinstance(value[0], dict) else value
        if isinstance(inside, dict):
            yield from documented(inside, f"{table}{name}.")
        else:
            yield table + name


def declared(kind: type[Settings], table: str = "") -> Iterator[str]:
    """Yield the name of every setting that a struct has."""
    for name, field in fields(kind).items():
        if below := table_of(field.type):
            yield from declared(below, f"{table}{name}.")
        else:
            yield table + name


def tables(kind: type[Settings], table: str = "") -> Iterator[str]:
    """Yield the name of every table that a struct has, those inside others among them."""
    for name, field in fields(kind).items():
        if below := table_of(field.type):
            yield table + name
            yield from tables(below, f"{table}{name}.")


def differing(kind: type[Settings], tree: dict[str, Any], table: str = "") -> Iterator[Setting]:
    """Yield each setting that a document shows with another value than its default; not those without one."""
    for name, field in fields(kind).items():
        below = table_of(field.type)
        if below:
            inside = tree[name][0] if is_array(field.type) else tree[name]
            yield from differing(below, inside, f"{table}{name}.")
        elif _has_default(field) and msgspec.convert(tree[name], field.type) != field.default:
            yield table + name, tree[name]


def _has_default(field: msgspec.structs.FieldInfo) -> bool:
    # What is off by default is shown with an example of a value.
    return not field.required and field.default is not None and not is_secret(field.type)


def test_the_example_shows_every_setting_and_no_other() -> None:
    """A setting without a line in the example, or a line without a setting, is a mistake."""
    assert sorted(documented(example_in_full())) == sorted(declared(Root))


def test_the_example_shows_the_defaults() -> None:
    """What the example says is the default is the default."""
    assert list(differing(Root, example_in_full())) == []


def test_the_example_as_it_stands_changes_nothing() -> None:
    """Who copies the example has the defaults, no password that others know, and a file to edit."""
    assert load(EXAMPLE, {}).root == Root()


def test_every_line_of_the_example_says_what_it_is_for() -> None:
    """Each setting and table has its comment, on its line."""
    lines = [line for line in EXAMPLE.read_text().splitlines() if re.match(r"(# )?(\[|[a-z_]+ = )", line)]

    assert len(lines) == len(list(declared(Root))) + len(list(tables(Root)))
    assert [line for line in lines if not re.search(r"  # \S", line)] == []


class Changed(Settings, frozen=True, kw_only=True):
    """A table that has moved on from its document."""

    kept: int = 1
    new: int = 2
    louder: str = "high"


@pytest.mark.parametrize(
    ("text", "names", "defaults"),
    [
        pytest.param("kept = 1\nnew = 2\nlouder = 'high'", {"kept", "new", "louder"}, [], id="in step"),
        pytest.param("kept = 1\nnew = 3\nlouder = 'high'", {"kept", "new", "louder"}, [("new", 3)], id="other default"),
        pytest.param("kept = 1\nnew = 2\nlouder = 'high'\nold = 1", {"kept", "new", "louder", "old"}, [], id="gone"),
    ],
)
def test_a_document_out_of_step_is_seen(text: str, names: set[str], defaults: list[Setting]) -> None:
    """The comparison itself sees a name that is gone and a default that differs."""
    tree = tomllib.loads(text)

    assert set(documented(tree)) == names
    assert list(differing(Changed, tree)) == defaults
