"""What a folder promises outlives the process, however it ends, and the machine's power."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from consumers.captions.stores.files import Files
from consumers.captions.stores.folder import open_folder

from .contract import listed


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """Give what is asked of the system, in its order: what is put on disk, and what gets or loses a name."""
    said: list[str] = []
    fsync, link, replace, unlink = os.fsync, os.link, Path.replace, Path.unlink

    def name(path: Any) -> str:
        relative = Path(path).relative_to(tmp_path)
        return "draft" if relative.parts[:2] == ("archive", "~drafts") else str(relative)

    def noting(what: str, call: Callable[..., Any], named: Callable[..., str]) -> Callable[..., Any]:
        def noted(*arguments: Any, **more: Any) -> Any:
            said.append(f"{what} {named(*arguments)}")
            return call(*arguments, **more)

        return noted

    monkeypatch.setattr(
        os, "fsync", noting("fsync", fsync, lambda handle: name(os.readlink(f"/proc/self/fd/{handle}")))
    )
    monkeypatch.setattr(os, "link", noting("link", link, lambda _, target: name(target)))
    monkeypatch.setattr(Path, "replace", noting("rename", replace, lambda _, target: name(target)))
    monkeypatch.setattr(Path, "unlink", noting("unlink", unlink, name))
    return said


@pytest.fixture
def files(tmp_path: Path) -> Iterator[Files]:
    """Give a store that is there already."""
    files = Files(tmp_path / "archive")
    yield files
    files.close()


def test_a_name_is_given_to_what_is_on_disk(files: Files, calls: list[str]) -> None:
    """Its folders first, then its content, then its name; and the name is on disk before anybody is told."""
    files.put("a/b/c", b"content")

    assert calls == [
        "fsync archive",
        "fsync archive/a",
        "fsync draft",
        "link archive/a/b/c",
        "fsync archive/a/b",
        "unlink draft",
    ]


def test_what_is_there_is_on_disk_before_it_is_said(files: Files, calls: list[str]) -> None:
    """Whoever put it may have ended before."""
    files.put("a", b"content")
    calls.clear()

    files.put("a", b"content")

    assert calls == ["fsync draft", "link archive/a", "fsync archive", "unlink draft"]


def test_a_file_is_on_disk_before_it_gets_its_name(files: Files, calls: list[str], tmp_path: Path) -> None:
    """Though whoever wrote it should have seen to that."""
    (tmp_path / "spooled").write_bytes(b"content")

    files.put_file("a", tmp_path / "spooled")

    assert calls == ["fsync spooled", "link archive/a", "fsync archive"]


def test_what_replaces_is_on_disk_before_it_does(files: Files, calls: list[str]) -> None:
    """Then either is there, whole."""
    files.replace("a", b"content")

    assert calls == ["fsync draft", "rename archive/a", "unlink draft", "fsync archive"]


def test_a_deletion_is_on_disk(files: Files, calls: list[str]) -> None:
    """An erasure that came back after a power cut would be none."""
    files.put("a", b"content")
    calls.clear()

    files.delete("a")

    assert calls == ["unlink archive/a", "fsync archive"]


WRITER = """
import asyncio, sys
from consumers.captions.stores.folder import open_folder

async def write(folder):
    async with open_folder(f"file:{folder}") as store:
        async def one(first):
            for number in range(first, 100_000, 4):
                await store.put(f"n/{number:06d}", b"%06d" % number * 50_000)
                print(number, flush=True)
        await asyncio.gather(*map(one, range(4)))

asyncio.run(write(sys.argv[1]))
"""


async def test_a_killed_writer_leaves_whole_files(tmp_path: Path) -> None:
    """What was said to be there is there; what is there is whole; and nothing else is left."""
    folder = tmp_path / "archive"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", WRITER, str(folder), stdout=subprocess.PIPE)
    assert process.stdout is not None
    said = [int(await process.stdout.readline()) for _ in range(30)]
    process.kill()
    said += [int(line) for line in (await process.stdout.read()).split(b"\n")[:-1]]
    await process.wait()

    async with open_folder(f"file:{folder}") as store:
        keys = await listed(store)
        wrong = [key for key in keys if await store.get(key) != key[2:].encode() * 50_000]

    assert wrong == []
    assert {f"n/{number:06d}" for number in said} <= set(keys)
    assert list((folder / "~drafts").iterdir()) == []
