"""Write effective settings as TOML, each secret masked by its type, with where each value came from.

A user and a password within an address, as a witness may have, are masked too: no type tells of them.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from schemas.base import Settings
from schemas.settings import Root, Secret

from .tables import Path, spell

_USER: Final = re.compile(r"(?<=://)[^/?#\s@]*@")


def render(root: Root, origins: Mapping[Path, str] | None = None) -> str:
    """Return the settings as a TOML document; no secret is in it. What is not set is left out."""
    return "\n".join(_table(root, (), "", origins or {})).strip() + "\n"


def _table(table: Settings, path: Path, header: str, origins: Mapping[Path, str]) -> Iterator[str]:
    if header:
        yield f"\n{header}"
    settings = {name: getattr(table, name) for name in msgspec.structs.asdict(table)}
    for name, value in settings.items():
        if value is not None and not _is_table(value):
            yield f"{name} = {_value(value)}{_comment((*path, name), origins)}"
    for name, value in settings.items():
        if _is_table(value):
            yield from _tables(value, (*path, name), origins)


def _is_table(value: object) -> bool:
    return isinstance(value, Settings) or (isinstance(value, tuple) and any(isinstance(v, Settings) for v in value))


def _tables(value: Any, path: Path, origins: Mapping[Path, str]) -> Iterator[str]:
    name = spell(tuple(step for step in path if isinstance(step, str)))
    if isinstance(value, Settings):
        return _table(value, path, f"[{name}]", origins)
    return (line for index, item in enumerate(value) for line in _table(item, (*path, index), f"[[{name}]]", origins))


def _value(value: object) -> str:
    match value:
        case tuple():
            return f"[{', '.join(map(_value, value))}]"
        case Secret():
            return '"********"'
        case str():
            # JSON's escapes are TOML's too, but TOML forbids a bare DEL.
            return json.dumps(_USER.sub("********@", value), ensure_ascii=False).replace("\x7f", "\\u007f")
        case int() if not isinstance(value, bool):
            return f"{value:_}"
        case _:
            # A number with a point, true or false.
            return repr(value).lower()


def _comment(path: Path, origins: Mapping[Path, str]) -> str:
    return f"  # {origins[path]}" if path in origins else ""
