"""Change any bit of any file, cut any file, empty it, fill it with anything: it is found, and nothing breaks."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from consumers.captions.proof.verify import verify
from consumers.captions.stores.folder import FolderStore

from .altering import write
from .building import NAME


def alterations(content: bytes, chance: random.Random) -> Iterator[bytes]:
    """Yield contents that are not this one."""
    for at in {0, len(content) - 1, *(chance.randrange(len(content)) for _ in range(4))}:
        yield content[:at] + bytes([content[at] ^ 1 << chance.randrange(8)]) + content[at + 1 :]
    yield content[: chance.randrange(len(content))]
    yield content + b"\n"
    yield b""
    yield chance.randbytes(40)
    yield b"[" * 100_000


async def test_any_change_of_any_file_is_found(built: FolderStore, public_key: str, tmp_path: Path) -> None:
    """But of an index, which nobody relies on: there it breaks nothing."""
    chance = random.Random(NAME)  # noqa: S311 -- the same alterations each time
    keys = [key async for key in built.keys("")]
    unseen = []
    for key in keys:
        content = await built.get(key)
        for number, altered in enumerate(alterations(content, chance)):
            write(tmp_path / "archive" / key, altered)
            if (await verify(built, public_key)).findings == []:
                unseen.append((key, number, altered[:200]))
        write(tmp_path / "archive" / key, content)

    assert len(keys) == 26
    assert [one for one in unseen if not one[0].endswith(".index")] == []
    assert (await verify(built, public_key)).findings == []


async def test_any_file_that_is_gone_is_missed(built: FolderStore, public_key: str, tmp_path: Path) -> None:
    """But for a checkpoint that a later one covers: whatever it said, that says too."""
    unseen = []
    for key in [key async for key in built.keys("")]:
        content = await built.get(key)
        (tmp_path / "archive" / key).unlink()
        if (await verify(built, public_key)).findings == []:
            unseen.append(key)
        write(tmp_path / "archive" / key, content)

    assert unseen == [f"ledger/checkpoints/{size:012d}" for size in (1, 2, 3)]
