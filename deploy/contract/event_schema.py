"""Turn the structs of events into JSON Schema (2020-12), with what their docstrings say."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from msgspec import inspect

from schemas.base import Event
from schemas.topics import TOPICS

from .docstrings import docstring, field_docstrings
from .samples import samples

Schema = dict[str, Any]


def event_types() -> list[type[Event]]:
    """Return every event of every topic."""
    return [event for topic in TOPICS.values() for event in topic.events]


def event_schema(event: type[Event]) -> Schema:
    """Return the schema of one event, complete in itself, with its sample as the example."""
    name = event.__name__
    inside = definitions([event], "#/$defs/{name}")
    own = inside.pop(name)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:meetwire:event:{name}.v1",
        **own,
        **({"$defs": inside} if inside else {}),
        "examples": [samples()[name].event],
    }


def definitions(events: Sequence[type[msgspec.Struct]], ref_template: str) -> dict[str, Schema]:
    """Return the schemas of structs and of those inside them, by name. Members that we add later are allowed."""
    _, found = msgspec.json.schema_components(events, ref_template=ref_template)
    kinds = dict.fromkeys(kind for event in events for kind in _structs(inspect.type_info(event)))
    return {kind.__name__: _described(kind, found[kind.__name__]) for kind in kinds}


def _structs(shape: inspect.Type) -> Iterator[type[msgspec.Struct]]:
    match shape:
        case inspect.StructType(cls=kind, fields=inside):
            yield kind
            yield from (found for field in inside for found in _structs(field.type))
        case inspect.UnionType(types=several):
            yield from (found for one in several for found in _structs(one))
        case inspect.VarTupleType(item_type=item) | inspect.ListType(item_type=item) | inspect.Metadata(type=item):
            yield from _structs(item)
        case _:
            pass


def _described(kind: type[msgspec.Struct], schema: Schema) -> Schema:
    if "properties" not in schema:
        # An array, whose places have no names.
        return {**schema, "description": docstring(kind)}
    texts = field_docstrings(kind)
    properties = {name: _property(inner, texts.get(name)) for name, inner in schema["properties"].items()}
    return {**schema, "description": docstring(kind), "properties": properties}


def _property(schema: Schema, text: str | None) -> Schema:
    if schema == {"enum": schema.get("enum")} and len(schema["enum"]) == 1:
        schema = {"const": schema["enum"][0]}
    if text is None:
        return schema
    # Beside a $ref older readers of JSON Schema see nothing.
    return {"description": text, **({"allOf": [schema]} if "$ref" in schema else schema)}
