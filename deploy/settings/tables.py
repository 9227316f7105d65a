"""Know which settings are tables, which are arrays of tables and which are secrets. Pure: types in, types out."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import msgspec
from msgspec import inspect

from schemas.base import Settings
from schemas.settings import Secret

Tree = dict[str, Any]
"""A table as TOML gives it."""

Path = tuple[str | int, ...]


def spell(path: Path) -> str:
    """Return the path as operators write it: enterprises[0].name."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


@cache
def fields(kind: type[Settings]) -> dict[str, msgspec.structs.FieldInfo]:
    """Return the settings of a table by name, in the order of the struct."""
    return {field.name: field for field in msgspec.structs.fields(kind)}


@cache
def table_of(hint: Any) -> type[Settings] | None:
    """Return the table that a setting of this type is, or holds many of; None for a plain value."""
    kinds = (part.cls for part in _parts(hint) if isinstance(part, inspect.StructType))
    return next((kind for kind in kinds if issubclass(kind, Settings)), None)


@cache
def is_array(hint: Any) -> bool:
    """Say whether several values fit: a list, or an array of tables."""
    return isinstance(inspect.type_info(hint), inspect.VarTupleType)


@cache
def is_secret(hint: Any) -> bool:
    """Say whether the setting's value, or each of its values, is a Secret."""
    return any(isinstance(part, inspect.CustomType) and part.cls is Secret for part in _parts(hint))


def _parts(hint: Any) -> Iterator[inspect.Type]:
    pending = [inspect.type_info(hint)]
    while pending:
        part = pending.pop()
        match part:
            case inspect.Metadata(type=inner) | inspect.VarTupleType(item_type=inner):
                pending.append(inner)
            case inspect.UnionType(types=several):
                pending.extend(several)
            case _:
                yield part


def tables(kind: type[Settings], tree: Tree, path: Path = ()) -> Iterator[tuple[type[Settings], Tree, Path]]:
    """Yield each table that stands in `tree`, itself first, with its kind and path; what is no table is left out."""
    yield kind, tree, path
    for name, field in fields(kind).items():
        if (below := table_of(field.type)) and name in tree:
            for step, item in _items(tree[name], path=(*path, name)):
                yield from tables(below, item, step)


def _items(value: object, path: Path) -> Iterator[tuple[Path, Tree]]:
    if isinstance(value, dict):
        yield path, value
    elif isinstance(value, list):
        yield from (((*path, index), item) for index, item in enumerate(value) if isinstance(item, dict))
