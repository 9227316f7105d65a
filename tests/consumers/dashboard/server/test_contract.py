"""The server is what its OpenAPI document says, whatever it is asked: schemathesis asks it."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import APIOperation, Case
from schemathesis.core.result import Ok

from schemas.api.session import Scope

from ..scene import Scene, scene
from ..serving import add_token

DOCUMENT = schemathesis.openapi.from_path(Path(__file__).parents[4] / "schemas/json/openapi.json")
# These never end: test_api reads them.
ENDING = DOCUMENT.exclude(operation_id=["stream", "live"])
EVERYTHING: tuple[Scope, ...] = ("alerts", "archive", "captions")


class Running:
    """A dashboard with an archive on an event loop of its own: schemathesis blocks."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stop: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        self._thread.start()
        assert self._ready.wait(60)

    async def _serve(self) -> None:
        self._stop, self._loop = asyncio.Event(), asyncio.get_running_loop()
        token = await asyncio.to_thread(add_token, self._folder, scopes=EVERYTHING)
        async with scene(self._folder, archive=True, users=False) as there:
            self.there: Scene = there
            self.headers = {"Authorization": f"Bearer {token}"}
            self._ready.set()
            await self._stop.wait()

    def end(self) -> None:
        """End it."""
        if self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(60)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One for all operations."""
    made = Running(tmp_path_factory.mktemp("contract"))
    yield made
    made.end()


def asking(operation: APIOperation[Any, Any, Any, Any]) -> Any:
    """Return the test of one operation."""

    @ENDING.include(path=operation.path, method=operation.method).parametrize()
    @settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def is_answered_as_documented(case: Case[Any], running: Running) -> None:
        """Status, media type, shape of every answer; nothing good for what the document does not allow; never a 500."""
        case.call_and_validate(base_url=running.there.url, headers=running.headers)

    return is_answered_as_documented


# A function each: tests of one function have one id (pytest 9.2, schemathesis 4.32), of which workers run one.
for found in ENDING.get_all_operations():
    assert isinstance(found, Ok)
    globals()[f"test_{re.sub(r'[^a-z0-9]+', '_', found.ok().label.lower())}"] = asking(found.ok())
