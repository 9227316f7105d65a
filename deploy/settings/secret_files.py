"""Read the secrets that settings name by file.

One a line, blank lines ignored; several where several may be valid at once. A file that everybody can read is a
warning: Kubernetes mounts them so.
"""

import stat
from pathlib import Path as FilePath
from typing import NoReturn

from schemas.settings import Root

from .environment import PREFIX
from .given import Given
from .tables import Path, Tree, fields, is_array, is_secret, tables


def resolve_paths(given: Given) -> None:
    """Make every `*_file` of the file relative to the file; one from the environment is relative to where we run."""
    for kind, tree, path in tables(Root, given.tree):
        for name in fields(kind):
            value = tree.get(name)
            if name.endswith("_file") and isinstance(value, str) and not given.where((*path, name)).startswith(PREFIX):
                tree[name] = str(given.folder / value)


def fill(given: Given) -> None:
    """Put what the secret files hold where the secrets themselves would stand."""
    for kind, tree, path in tables(Root, given.tree):
        for name, field in fields(kind).items():
            if is_secret(field.type) and isinstance(tree.get(name + "_file"), str):
                _fill_one(given, tree, (*path, name), several=is_array(field.type))


def _fill_one(given: Given, tree: Tree, path: Path, *, several: bool) -> None:
    name = str(path[-1])
    file_path = (*path[:-1], name + "_file")
    if name in tree:
        given.refuse(path, f"{name} and {name}_file: one of the two")
        return
    try:
        secrets = _read(FilePath(tree[name + "_file"]), given)
    except ValueError as error:
        given.refuse(file_path, f"{tree[name + '_file']}: {error}")
        return
    if several:
        tree[name] = secrets
    elif len(secrets) == 1:
        tree[name] = secrets[0]
    else:
        given.refuse(file_path, f"{tree[name + '_file']}: must hold one line, has {len(secrets)}")


def _read(path: FilePath, given: Given) -> list[str]:
    try:
        # utf-8-sig: an editor's byte order mark is no part of a password.
        text = path.read_bytes().decode("utf-8-sig")
        mode = path.stat().st_mode
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ValueError("is not UTF-8 text") from None
    if mode & stat.S_IROTH:
        given.warnings.append(f"{path}: everybody on this machine can read it (chmod o= {path})")
    return _lines(text) or _empty()


def _lines(text: str) -> list[str]:
    return [line.removesuffix("\r") for line in text.split("\n") if line.strip()]


def _empty() -> NoReturn:
    raise ValueError("holds no secret")
