"""The service and a command on the same machine remember their checkpoints in one file."""

from __future__ import annotations

import asyncio
from pathlib import Path

from consumers.captions.proof.memory import recall, remember


async def test_writers_at_once_disturb_each_other_in_nothing(tmp_path: Path) -> None:
    """Of many who write at the same time each succeeds, one of their notes is there whole, and no draft is left."""
    path = tmp_path / "spool" / "checkpoint"
    notes = [f"note {number}\n".encode() * 1_000 for number in range(16)]
    await asyncio.gather(*(remember(path, note) for note in notes))

    assert await recall(path) in notes
    assert [file.name for file in path.parent.iterdir()] == ["checkpoint"]
