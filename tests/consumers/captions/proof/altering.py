"""Alter an archive in a folder, as somebody with a shell would."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

Alter = Callable[[Path], None]


def write(path: Path, content: bytes) -> None:
    """Have `content` in a file, though it was read-only."""
    path.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def changed(key: str, change: Callable[[bytes], bytes]) -> Alter:
    """Change the content of a file."""
    return lambda root: write(root / key, change((root / key).read_bytes()))


def flipped(key: str, at: int, bit: int = 0) -> Alter:
    """Flip one bit of a byte."""
    return changed(key, lambda content: content[:at] + bytes([content[at] ^ 1 << bit]) + content[at + 1 :])


def resigned(key: str, at: int) -> Alter:
    """Exchange one character of a base64 text for another one, so that it stays base64 whatever the key was."""
    return changed(key, lambda content: content[:at] + (b"B" if content[at:][:1] == b"A" else b"A") + content[at:][1:])


def relined(key: str, change: Callable[[list[bytes]], list[bytes]]) -> Alter:
    """Change the lines of a segment."""
    return changed(key, lambda content: b"".join(one + b"\n" for one in change(content.split(b"\n")[:-1])))


def removed(key: str) -> Alter:
    """Remove a file, or all files in a folder."""

    def alter(root: Path) -> None:
        path = root / key
        for one in [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file()]:
            one.unlink()

    return alter


def added(key: str, content: bytes) -> Alter:
    """Put a file there."""
    return lambda root: write(root / key, content)


def copied(source: str, target: str) -> Alter:
    """Put a copy of a file in another's place."""
    return lambda root: write(root / target, (root / source).read_bytes())


def swapped(one: str, other: str) -> Alter:
    """Let two files change their places."""

    def alter(root: Path) -> None:
        first, second = (root / one).read_bytes(), (root / other).read_bytes()
        write(root / one, second)
        write(root / other, first)

    return alter


def both(*alterations: Alter) -> Alter:
    """Do one after the other."""

    def alter(root: Path) -> None:
        for one in alterations:
            one(root)

    return alter
