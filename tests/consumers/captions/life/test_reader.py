"""A sealed archive can be read without meetwire, by whoever has its master key, as FORMAT.md says."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

from consumers.captions.archive import Archive
from consumers.captions.life.erasure import Request, erase

from . import reader
from .building import alive, build, meeting
from .looking import LATER

MASTER = b"m" * 32


def lines(folder: Path) -> list[dict[str, Any] | None]:
    """Return the captions' lines, read by that program."""
    found = [
        json.loads(line)
        for path in sorted((folder / "archive/evidence").rglob("meeting.captions.v1/*/*.jsonl"))
        for line in path.read_bytes().splitlines()
    ]
    assert found
    return [reader.line(folder / "keys", MASTER, one) for one in found]


def texts(folder: Path) -> list[str | None]:
    """Return what they say."""
    return [None if one is None else one["value"]["lines"][0]["text"] for one in lines(folder)]


async def test_lines_and_files_open_as_the_page_says(sealed: Archive, tmp_path: Path) -> None:
    """Every caption and every file opens; after an erasure what stays does, and what went does not."""
    (version,) = await build(sealed, [*meeting("m-1", [("p-1", "first"), ("p-2", "second")]), *alive()])
    manifest = tmp_path / "archive" / version.key

    assert texts(tmp_path) == ["first", "second"]
    assert b"second" in reader.file(tmp_path / "keys", MASTER, manifest, "captions.jsonl")

    request = Request(occurrence=version.manifest.occurrence, who="ann", why="request", cues=(1,))
    await erase(sealed, request, now=lambda: LATER)

    assert texts(tmp_path) == [None, "second"]
    again = Path(str(manifest).replace("/001/", "/002/"))
    assert b"second" in reader.file(tmp_path / "keys", MASTER, again, "captions.jsonl")
    assert b"first" not in reader.file(tmp_path / "keys", MASTER, again, "captions.jsonl")


def test_the_reader_imports_nothing_of_ours() -> None:
    """Or it would prove nothing."""
    tree = ast.parse(Path(reader.__file__).read_text())
    found = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}

    assert found == {"__future__", "pathlib", "typing", "cryptography.hazmat.primitives.ciphers.aead"}
