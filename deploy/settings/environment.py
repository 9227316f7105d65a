"""Take settings from the environment: MEETWIRE_<TABLE>_<NAME>, parsed by the setting's type. Beats the file.

Arrays of tables ([[enterprises]], [[qos.notify]]) and the tables in them have no names there. Other names that begin
with MEETWIRE_ are errors, so that a typo is not silently the default; but for MEETWIRE_CONFIG, MEETWIRE_SEND_PASSWORD
(of `meetwire send`), MEETWIRE_TEST_*, and what Kubernetes sets by itself for a service called meetwire.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from typing import Any

from msgspec import inspect

from schemas.base import Settings
from schemas.settings import Root

from .errors import Problem
from .given import Given
from .tables import Path, fields, is_array, is_secret, table_of

PREFIX = "MEETWIRE_"
CONFIG = "MEETWIRE_CONFIG"

# A container that runs beside a Kubernetes service finds MEETWIRE_SERVICE_HOST, MEETWIRE_PORT_8080_TCP_ADDR and the
# like ("Accessing Services", environment variables).
_NOT_OURS = re.compile(
    "MEETWIRE_(CONFIG|SEND_PASSWORD|TEST_.*"
    "|(.*_)?SERVICE_(HOST|PORT(_.+)?)"
    "|(.*_)?PORT(_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)"
)


@cache
def names() -> dict[str, tuple[Path, Any]]:
    """Return every name that is understood, with the setting's path and type."""
    return {PREFIX + "_".join(map(str, path)).upper(): (path, hint) for path, hint in _settings()}


def _settings() -> Iterator[tuple[Path, Any]]:
    for table, outer in fields(Root).items():
        if (kind := table_of(outer.type)) and not is_array(outer.type):
            for name, inner in fields(kind).items():
                if not table_of(inner.type):
                    yield (table, name), inner.type


def overlay(given: Given, environ: Mapping[str, str]) -> None:
    """Put what the environment says over what the file says."""
    for variable in sorted(environ):
        if variable in names():
            _put(given, variable, environ[variable])
        elif variable.startswith(PREFIX) and not _NOT_OURS.fullmatch(variable):
            given.problems.append(Problem(variable, "", _stranger(variable)))


def _put(given: Given, variable: str, text: str) -> None:
    path, hint = names()[variable]
    table, name = map(str, path)
    inside = given.tree.setdefault(table, {})
    if isinstance(inside, dict):
        _forget_other_way(given, path)
        inside[name] = parse(text, hint)
        given.origins[path] = variable


def _forget_other_way(given: Given, path: Path) -> None:
    # A password in the environment replaces a password_file of the file, and the other way round; only the same
    # source saying both is an error.
    table, name = map(str, path)
    other = name.removesuffix("_file") if name.endswith("_file") else name + "_file"
    twin = fields(table_kind(table)).get(other)
    if twin and not given.where((table, other)).startswith(PREFIX):
        given.tree[table].pop(other, None)


def table_kind(table: str) -> type[Settings]:
    """Return the struct behind a table of the file."""
    kind = table_of(fields(Root)[table].type)
    assert kind is not None  # noqa: S101 -- for the type checker: only tables have names here
    return kind


def parse(text: str, hint: Any) -> object:
    """Return the value that `text` means for a setting of this type; what cannot be parsed stays text."""
    if is_array(hint) or (_is_list_too(hint) and _looks_like_list(text)):
        return _parse_list(text)
    if is_secret(hint) or _is_text(hint):
        return text
    return _parse_toml(text.lower(), otherwise=text)


def _looks_like_list(text: str) -> bool:
    # One word alone is none: a slip in "always" is refused, and not taken for a list of one.
    return text.lstrip().startswith("[") or "," in text


def _parse_list(text: str) -> object:
    if text.lstrip().startswith("["):
        return _parse_toml(text, otherwise=text)
    return [item.strip() for item in text.split(",")] if text.strip() else []


def _parse_toml(text: str, *, otherwise: str) -> object:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return otherwise


@cache
def _is_text(hint: Any) -> bool:
    return any(isinstance(part, (inspect.StrType, inspect.LiteralType)) for part in _parts(hint))


@cache
def _is_list_too(hint: Any) -> bool:
    return any(isinstance(part, inspect.VarTupleType) for part in _parts(hint))


def _parts(hint: Any) -> list[inspect.Type]:
    kind = inspect.type_info(hint)
    parts = kind.types if isinstance(kind, inspect.UnionType) else (kind,)
    return [part.type if isinstance(part, inspect.Metadata) else part for part in parts]


def _stranger(variable: str) -> str:
    # Without the prefix: in it alone all names are alike.
    near = get_close_matches(variable.removeprefix(PREFIX), [name.removeprefix(PREFIX) for name in names()], n=1)
    return f"no such setting; did you mean {PREFIX}{near[0]}?" if near else "no such setting"
