"""What the operator gave, before anything in it is believed: one tree of values, and where each came from."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path as FilePath

from .errors import Problem, SettingsError
from .tables import Path, Tree, spell

_HEADER = re.compile(r"\s*(\[\[?)\s*([A-Za-z0-9_.-]+)\s*\]\]?\s*(#.*)?")
_KEY = re.compile(r"\s*([A-Za-z0-9_-]+)\s*=")


@dataclass
class Given:
    """The tree so far. `origins` is where a table or a setting was given, `problems` what was found wrong already."""

    name: str
    """The settings file's, for what has no line of its own."""
    folder: FilePath
    """What relative paths in the file are relative to."""
    tree: Tree = field(default_factory=dict, repr=False)
    origins: dict[Path, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    _refused: set[Path] = field(default_factory=set)

    def where(self, path: Path) -> str:
        """Return where the setting was given, or the table that it belongs to, or else the file."""
        found = (self.origins[path[:length]] for length in range(len(path), 0, -1) if path[:length] in self.origins)
        return next(found, self.name)

    def refuse(self, path: Path, what: str) -> None:
        """Note a problem of the setting at `path`."""
        where = self.where(path)
        self._refused.add(path)
        self.problems.append(Problem(where, "" if where.startswith("MEETWIRE_") else spell(path), what))

    def is_refused(self, path: Path) -> bool:
        """Say whether there is a problem of the setting at `path` or of one inside it."""
        return any(refused[: len(path)] == path for refused in self._refused)


def nothing_given() -> Given:
    """Return the settings of an installation without a file."""
    return Given(name="settings", folder=FilePath())


def read(path: FilePath) -> Given:
    """Return what a settings file says. Raises SettingsError where it cannot be read or is not TOML."""
    try:
        text = path.read_bytes().decode()
        tree = tomllib.loads(text)
    except OSError as error:
        raise SettingsError(Problem(str(path), "", f"cannot be read: {error.strerror}")) from None
    except UnicodeDecodeError:
        raise SettingsError(Problem(str(path), "", "is not UTF-8 text")) from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(Problem(str(path), "", f"is not TOML: {error}")) from None
    return Given(name=str(path), folder=path.parent, tree=tree, origins=dict(_lines(text, str(path))))


def _lines(text: str, name: str) -> Iterator[tuple[Path, str]]:
    # tomllib keeps no lines. Inside a multi-line string this may see a key that is none: then a message names the
    # wrong line, no more.
    table: Path = ()
    counts: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.fullmatch(line):
            table = _table_path(header[2], header[1] == "[[", counts)
            yield table, f"{name}:{number}"
        elif key := _KEY.match(line):
            yield (*table, key[1]), f"{name}:{number}"


def _table_path(dotted: str, is_item: bool, counts: dict[str, int]) -> Path:
    counts[dotted] = counts.get(dotted, -1) + is_item
    path: Path = ()
    for step in dotted.split("."):
        path = (*path, step)
        so_far = ".".join(part for part in path if isinstance(part, str))
        if (index := counts.get(so_far, -1)) >= 0:
            path = (*path, index)
    return path
