"""Say what keeps two versions of a schema from reading each other's records: msgspec's rules of evolution, as code."""

from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]

# What describes, and does not decide.
WORDS = {"title", "description", "examples", "default", "$id", "$schema", "$defs"}


def breaks(released: Schema, today: Schema) -> list[str]:
    """Return why a reader of one version fails on records of the other, in either direction."""
    return list(_breaks(inlined(released, released), inlined(today, today), "$"))


def inlined(schema: Any, root: Schema) -> Any:
    """Return a schema without words, with what it refers to in place of each reference."""
    if isinstance(schema, list):
        return [inlined(part, root) for part in schema]
    if not isinstance(schema, Mapping):
        return schema
    if "$ref" in schema:
        return inlined(root["$defs"][schema["$ref"].removeprefix("#/$defs/")], root)
    if "properties" in schema:
        return {**_without_words(schema, root), "properties": _inlined_values(schema["properties"], root)}
    return _without_words(schema, root)


def _without_words(schema: Schema, root: Schema) -> dict[str, Any]:
    return _inlined_values({key: part for key, part in schema.items() if key not in {*WORDS, "properties"}}, root)


def _inlined_values(schemas: Schema, root: Schema) -> dict[str, Any]:
    return {name: inlined(part, root) for name, part in schemas.items()}


def _breaks(released: Any, today: Any, where: str) -> Iterator[str]:
    if isinstance(released, dict) and isinstance(today, dict) and "properties" in released and "properties" in today:
        yield from _member_breaks(released, today, where)
    elif isinstance(released, dict) and isinstance(today, dict) and released.keys() == today.keys():
        for key in released:
            yield from _breaks(released[key], today[key], where)
    elif isinstance(released, list) and isinstance(today, list) and len(released) == len(today):
        for before, after in zip(released, today, strict=True):
            yield from _breaks(before, after, where)
    elif released != today:
        yield f"{where}: its type changed"


def _member_breaks(released: Schema, today: Schema, where: str) -> Iterator[str]:
    before, after = released["properties"], today["properties"]
    for name in before:
        if name not in after:
            yield f"{where}.{name}: removed"
        else:
            yield from _breaks(before[name], after[name], f"{where}.{name}")
    for name in sorted({*today.get("required", ())} - {*released.get("required", ())}):
        yield f"{where}.{name}: required of records that were written without it"
