"""Remember, on this machine, the last checkpoint that it signed: who rewrites the store cannot have that signed."""

import asyncio
import os
import threading
from pathlib import Path

from ..errors import StoreUnavailable


async def recall(path: Path | None) -> bytes | None:
    """Return the note, or None where there is none. Raises StoreUnavailable."""
    return None if path is None else await asyncio.to_thread(_recall, path)


async def remember(path: Path | None, note: bytes) -> None:
    """Have `note` on the disk when this returns. Raises StoreUnavailable."""
    if path is not None:
        await asyncio.to_thread(_remember, path, note)


def _recall(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreUnavailable(f"{path}: {error.strerror}") from error


def _remember(path: Path, note: bytes) -> None:
    # The service and a command on the same machine may sign at the same time: each has a draft of its own.
    draft = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}.draft")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("wb") as file:
            file.write(note)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        raise StoreUnavailable(f"{path}: {error.strerror}") from error
