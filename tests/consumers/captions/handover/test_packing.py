"""A package is read as it was written, and what is none is said."""

from __future__ import annotations

import asyncio
import contextlib
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.captions.archive import Archive
from consumers.captions.errors import Altered
from consumers.captions.handover import packing
from consumers.captions.handover.packing import read, write

from .packages import package


@pytest.mark.parametrize("name", ["package.zip", "package"])
async def test_a_package_is_read_as_it_was_written(archive: Archive, tmp_path: Path, name: str) -> None:
    """As one file or as a folder, its owner's alone, with the same bytes each time."""
    files = await package(archive)

    await asyncio.to_thread(write, tmp_path / name, files)
    await asyncio.to_thread(write, tmp_path / f"2-{name}", files)

    assert await asyncio.to_thread(read, tmp_path / name) == files
    assert (tmp_path / name).stat().st_mode & 0o077 == 0
    with pytest.raises(FileExistsError):
        await asyncio.to_thread(write, tmp_path / name, files)


async def test_two_zip_files_of_the_same_are_the_same(archive: Archive, tmp_path: Path) -> None:
    """Whoever compares hashes of packages sees no other day, no other machine."""
    files = await package(archive)

    for name in ("a.zip", "b.zip"):
        await asyncio.to_thread(write, tmp_path / name, files)

    one, other = [await asyncio.to_thread((tmp_path / name).read_bytes) for name in ("a.zip", "b.zip")]
    assert one == other


def test_what_is_no_package_is_said(tmp_path: Path) -> None:
    """A stranger's file."""
    (tmp_path / "x.zip").write_bytes(b"PK\x03\x04 nothing")

    with pytest.raises(Altered, match=r"x\.zip: not a readable zip file"):
        read(tmp_path / "x.zip")


def test_a_package_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stranger's file may say that it unpacks to anything."""
    for name in ("p", "p.zip"):
        write(tmp_path / name, {"a": b"x", "b": b"y"})
    monkeypatch.setattr(packing, "_MAX_FILES", 1)

    for name in ("p", "p.zip"):
        with pytest.raises(Altered, match="larger than"):
            read(tmp_path / name)


def test_a_name_twice_is_no_package(tmp_path: Path) -> None:
    """Which of the two was meant nobody knows."""
    with zipfile.ZipFile(tmp_path / "p.zip", "w") as archive:
        archive.writestr("a", "1")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a", "2")

    with pytest.raises(Altered, match="a name twice"):
        read(tmp_path / "p.zip")


@given(st.data())
def test_a_damaged_zip_file_is_read_or_said(data: st.DataObject) -> None:
    """Whatever bytes are not what they were: zlib and lzma have errors of their own."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "p.zip"
        write(path, {"manifest.json": b"words, words, and other words " * 20, "evidence.jsonl": b"x" * 300})
        content = bytearray(path.read_bytes())
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] ^= data.draw(st.integers(1, 255))
        path.write_bytes(content)

        with contextlib.suppress(Altered):
            read(path)
