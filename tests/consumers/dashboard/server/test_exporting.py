"""An export and who downloads it: somebody who takes nothing keeps nobody's place."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from consumers.dashboard.server import archiving
from consumers.dashboard.service import Desks
from schemas.desk_archive import ArchiveDesk, Package
from tests.consumers.writing import LogWriter

from ..serving import add_token, serving, settings_for


class Endless:
    """A desk with a package of a gigabyte; nothing else of it is asked."""

    def __init__(self) -> None:
        self.ended = asyncio.Event()

    @contextlib.asynccontextmanager
    async def export(self, *_: object) -> AsyncIterator[Package]:
        """Give it, and note when it was enough."""
        try:
            yield Package("much.zip", 1 << 30, self._chunks())
        finally:
            self.ended.set()

    async def _chunks(self) -> AsyncIterator[bytes]:
        for _ in range(1 << 12):
            yield bytes(1 << 18)


async def test_who_takes_nothing_of_a_package_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a while; the dashboard goes on serving others."""
    monkeypatch.setattr(archiving, "_PATIENCE_S", 0.2)
    LogWriter(tmp_path / "log").close()
    token = await asyncio.to_thread(add_token, tmp_path, scopes=("archive",))
    endless = Endless()
    desk: ArchiveDesk = endless  # type: ignore[assignment]  # nothing else of it is asked
    async with (
        serving(tmp_path / "log", settings_for(tmp_path), desks=Desks(archive=desk)) as served,
        aiohttp.ClientSession(served.url, headers={"Authorization": f"Bearer {token}"}) as client,
        asyncio.timeout(60),
    ):
        async with client.get("/api/v1/archive/export", params={"occurrence": "0" * 32}) as answer:
            assert answer.status == 200
            await endless.ended.wait()
            with pytest.raises(aiohttp.ClientError):
                await answer.read()
        async with client.get("/api/v1/meetings") as other:
            then = other.status

    assert then == 200
