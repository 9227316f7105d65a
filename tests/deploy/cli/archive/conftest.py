"""An archive with two meetings in it, and the command run on it in this process."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from deploy.cli import main
from tests.consumers.captions.meetings import MORNING, NAME, Spoken, archive_of, keep

SMALL = (Spoken("Bob", {"English": "another meeting"}, 5),)


class Printed(NamedTuple):
    """How a command ended and what it printed."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The document that it printed."""
        return json.loads(self.out)


class Desk(NamedTuple):
    """Where an archive lies, and how a command is run on it."""

    folder: Path
    occurrence: str
    """Of the weekly meeting, 900000001."""
    run: Callable[..., Printed]

    def lines(self) -> list[Path]:
        """Return the segments of captions, the weekly meeting's last."""
        return sorted((self.folder / "archive/evidence").rglob("meeting.captions.v1/*/*.jsonl"))


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Write the archive once; return where it lies, and the weekly meeting's occurrence."""
    folder = tmp_path_factory.mktemp("template")

    async def build() -> str:
        async with archive_of(folder) as archive:
            await keep(archive, SMALL, meeting_id="900000002", at=MORNING - timedelta(hours=2))
            return (await keep(archive)).manifest.occurrence

    return folder, asyncio.run(build())


@pytest.fixture
def desk(template: tuple[Path, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    """Return a copy of the archive that is this test's own, and its command."""
    folder = tmp_path / "desk"
    shutil.copytree(template[0], folder, symlinks=True)
    settings = folder / "meetwire.toml"
    settings.write_text(
        f"""\
[captions]
store = "file:{folder}/archive"
spool_folder = "{folder}/spool"
index_file = "{folder}/index.sqlite"
signing_key_file = "{folder}/archive.key"
name = "{NAME}"
"""
    )

    def run(*words: str, config: bool = True) -> Printed:
        given = ["--config", str(settings)] if config else []
        try:
            status = main([*given, "archive", *words])
        except SystemExit as ended:
            status = int(ended.code or 0)
        out, err = capsys.readouterr()
        return Printed(status, out, err)

    return Desk(folder, template[1], run)
