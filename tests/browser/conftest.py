"""One Chromium for all tests of this folder, and a dashboard for each."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from .chromium import chromium
from .desks import Whole
from .desks import whole as all_of_it
from .serving import Served, serving
from .story import Story


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have the tests of this folder share one loop: the browser is tied to it."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One browser; each test has windows of its own in it."""
    async with chromium() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="session")
async def story(tmp_path: Path) -> AsyncIterator[Story]:
    """An empty log."""
    story = Story(tmp_path / "log")
    yield story
    story.close()


@pytest_asyncio.fixture(loop_scope="session")
async def served(tmp_path: Path, story: Story) -> AsyncIterator[Served]:
    """A dashboard with users, over an empty log."""
    async with serving(tmp_path, story.writer.folder, kind=Served) as served:
        served.story = story
        yield served


@pytest_asyncio.fixture(loop_scope="session")
async def untouched(tmp_path: Path, story: Story) -> AsyncIterator[Served]:
    """A dashboard that nobody has logged in to yet."""
    async with serving(tmp_path, story.writer.folder, users=False, kind=Served) as served:
        yield served


@pytest_asyncio.fixture(loop_scope="session")
async def whole(tmp_path: Path, story: Story) -> AsyncIterator[Whole]:
    """A dashboard with the alerts' desk and an archive."""
    async with all_of_it(tmp_path, story) as whole:
        yield whole
