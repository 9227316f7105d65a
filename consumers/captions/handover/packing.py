"""Write a package to disk, and read one: a folder, or a zip file. Blocking.

The same package gives the same bytes. What is read is a stranger's: its size is limited, and nothing of it is written
anywhere.
"""

import lzma
import os
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, Final

from ..errors import Altered

# Of the format: the beginning of its time.
_TIME: Final = (1980, 1, 1, 0, 0, 0)
_MAX_BYTES: Final = 2 * 1024**3
_MAX_FILES: Final = 100_000
# What zipfile raises for bytes that are no package of ours, however they came about.
_DAMAGED: Final = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    NotImplementedError,
    RuntimeError,
    EOFError,
    ValueError,
    OSError,
)


def write(path: Path, files: Mapping[str, bytes]) -> None:
    """Write to a zip file, or for a name without .zip to a new folder; readable by its owner alone.

    Raises FileExistsError where there is anything already, and OSError.
    """
    if path.suffix == ".zip":
        _write_zip(path, files)
    else:
        _write_folder(path, files)


def read(path: Path) -> dict[str, bytes]:
    """Return what a package holds, by name. Raises Altered where it is none, and OSError."""
    if path.is_dir():
        return _read_folder(path)
    with path.open("rb") as file:
        return _unpacked(path, file)


def _unpacked(path: Path, file: BinaryIO) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(file) as archive:
            return _read_zip(archive)
    except _DAMAGED as error:
        raise Altered(f"{path.name}: not a readable zip file ({type(error).__name__})") from None


def _write_zip(path: Path, files: Mapping[str, bytes]) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
            for name in sorted(files):
                entry = zipfile.ZipInfo(name, _TIME)
                entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
                # Unix, on whatever machine it is made.
                entry.create_system = 3
                archive.writestr(entry, files[name])
        file.flush()
        os.fsync(handle)


def _write_folder(path: Path, files: Mapping[str, bytes]) -> None:
    path.mkdir(mode=0o700)
    for name in sorted(files):
        place = path / name
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(files[name])


def _read_folder(path: Path) -> dict[str, bytes]:
    found = sorted(one for one in path.rglob("*") if one.is_file() and not one.is_symlink())
    if len(found) > _MAX_FILES or sum(one.stat().st_size for one in found) > _MAX_BYTES:
        raise Altered(f"{path.name}: larger than a package can be")
    return {one.relative_to(path).as_posix(): one.read_bytes() for one in found}


def _read_zip(archive: zipfile.ZipFile) -> dict[str, bytes]:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > _MAX_FILES or sum(entry.file_size for entry in entries) > _MAX_BYTES:
        raise Altered("the zip file is larger than a package can be")
    if len({entry.filename for entry in entries}) != len(entries):
        raise Altered("the zip file has a name twice")
    return {entry.filename: archive.read(entry) for entry in entries}
