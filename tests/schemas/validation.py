"""Validate JSON against JSON Schema, times included."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]  # it ships no types

FORMATS = FormatChecker(formats=())


def is_aware(text: object) -> bool:
    """Say whether a text is a time with an offset; jsonschema itself checks that only with a package more."""
    return not isinstance(text, str) or datetime.fromisoformat(text).tzinfo is not None


FORMATS.checks("date-time", raises=ValueError)(is_aware)


def faults(schema: Mapping[str, Any], value: object) -> list[str]:
    """Return what in `value` does not fit, a line each. Raises SchemaError for a schema that is none itself."""
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema, format_checker=FORMATS)
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]
