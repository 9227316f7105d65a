"""Read the sources in their order: file, environment, secret files; then fit them into the structs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath

from schemas.settings import Root

from . import environment, secret_files
from .errors import SettingsError
from .fit import fit
from .given import Given, nothing_given, read
from .tables import Path

DEFAULT_FILE = FilePath("meetwire.toml")


@dataclass(frozen=True)
class Loaded:
    """Settings that fit, and the sources that they came from."""

    root: Root
    path: FilePath | None
    environ: Mapping[str, str] = field(repr=False)
    """Ours alone, MEETWIRE_*. May hold secrets."""
    origins: Mapping[Path, str]
    """file:line or the variable's name, of every table and setting that was given."""
    warnings: tuple[str, ...]
    """For the operator, a line each; nothing that stops a start."""


def find(given: FilePath | None, environ: Mapping[str, str]) -> FilePath | None:
    """Return the settings file to use: the one given, else MEETWIRE_CONFIG, else ./meetwire.toml if there is one."""
    if given is None and environment.CONFIG in environ:
        return FilePath(environ[environment.CONFIG])
    return given or (DEFAULT_FILE if DEFAULT_FILE.exists() else None)


def load(path: FilePath | None, environ: Mapping[str, str]) -> Loaded:
    """Return the settings of a file (None: of no file) and the environment. Raises SettingsError."""
    ours = {name: text for name, text in environ.items() if name.startswith(environment.PREFIX)}
    given = nothing_given() if path is None else read(path)
    secret_files.resolve_paths(given)
    environment.overlay(given, ours)
    secret_files.fill(given)
    return Loaded(_fit(given), path, ours, given.origins, tuple(given.warnings))


def _fit(given: Given) -> Root:
    root = fit(given, Root, given.tree)
    if root is None or given.problems:
        raise SettingsError(*given.problems)
    return root
