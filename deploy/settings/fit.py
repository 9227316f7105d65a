"""Make the structs of what was given, and say everything that does not fit. Pure.

msgspec checks the values; this walks the tables itself, because msgspec stops at the first error, knows no lines and
may quote the value, which may be a secret.
"""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, TypeVar

import msgspec

from schemas.base import Settings
from schemas.settings import Secret

from .given import Given
from .tables import Path, fields, is_array, table_of
from .words import what_fits

Kind = TypeVar("Kind", bound=Settings)


def fit(given: Given, kind: type[Kind], value: object, path: Path = ()) -> Kind | None:
    """Return the table of `kind` that stands at `path`; None where something in it was refused."""
    if not isinstance(value, dict):
        given.refuse(path, "must be a table")
        return None
    known = fields(kind)
    _refuse_strangers(given, known, value, path)
    _refuse_missing(given, known.values(), value, path)
    fitted = {name: _value(given, known[name].type, value[name], (*path, name)) for name in known if name in value}
    return _make(given, kind, fitted, path) if not given.is_refused(path) else None


def _refuse_strangers(given: Given, known: Iterable[str], values: Mapping[str, object], path: Path) -> None:
    for name, value in values.items():
        if name not in known:
            near = get_close_matches(name, known, n=1)
            what = "no such table" if isinstance(value, dict) and not path else "no such setting"
            given.refuse((*path, name), f"{what}; did you mean {near[0]}?" if near else what)


def _refuse_missing(given: Given, known: Iterable[msgspec.structs.FieldInfo], names: Iterable[str], path: Path) -> None:
    for field in known:
        if field.required and field.name not in names:
            given.refuse((*path, field.name), f"missing; must be {what_fits(field.type)}")


def _value(given: Given, hint: Any, value: object, path: Path) -> object:
    kind = table_of(hint)
    if kind and is_array(hint):
        return _array(given, kind, value, path)
    return fit(given, kind, value, path) if kind else _plain(given, hint, value, path)


def _array(given: Given, kind: type[Settings], value: object, path: Path) -> tuple[object, ...] | None:
    if not isinstance(value, list):
        given.refuse(path, f"must be an array of tables: [[{path[-1]}]]")
        return None
    return tuple(fit(given, kind, item, (*path, index)) for index, item in enumerate(value))


def _plain(given: Given, hint: Any, value: object, path: Path) -> object:
    try:
        return msgspec.convert(value, hint, dec_hook=_secret)
    except msgspec.ValidationError as error:
        item = _item(str(error))
        given.refuse((*path, *item), f"must be {what_fits(hint, of_one=bool(item))}")
        return None


def _item(text: str) -> Path:
    # Of msgspec's message nothing but the place is used.
    found = re.search(r" - at `\$\[(\d+)\]", text)
    return (int(found[1]),) if found else ()


def _secret(kind: type[Any], value: object) -> object:
    if kind is not Secret or not isinstance(value, str) or not value:
        raise ValueError("not a secret")
    return Secret(value)


def _make(given: Given, kind: type[Kind], values: dict[str, Any], path: Path) -> Kind | None:
    try:
        return kind(**values)
    except ValueError as error:
        given.refuse(path, str(error))
        return None
