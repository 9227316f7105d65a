"""The fake and the file hold what a log promises."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from receiver.log import Log

from .list_log import ListLog
from .log.running import log_in
from .log_contract import LogContract


class TestListLog(LogContract):
    """The fake of the webhook's tests."""

    @pytest.fixture
    def log(self) -> ListLog:
        """Return one that is empty."""
        return ListLog()


class TestSqliteLog(LogContract):
    """The real one."""

    @pytest.fixture
    async def log(self, tmp_path: Path) -> AsyncIterator[Log]:
        """Yield one that is empty, on disk."""
        async with log_in(tmp_path) as log:
            yield log
