"""`meetwire archive` under a master key: one line handed out, the master key replaced, a meeting erased."""

from __future__ import annotations

import asyncio
import base64
import json
from pathlib import Path

import pytest

from deploy.cli import main
from tests.consumers.captions.life.conftest import write_master
from tests.consumers.captions.meetings import NAME, archive_of, keep

from .conftest import Printed

OLD, NEW = b"1" * 32, b"2" * 32


class Desk:
    """A sealed archive with one meeting, and the command run on it in this process."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._capsys = folder, capsys
        self.master = write_master(folder / "master", OLD)
        self.occurrence = asyncio.run(self._build())
        (folder / "meetwire.toml").write_text(
            f"""\
[captions]
store = "file:{folder}/archive"
keys_store = "file:{folder}/keys"
spool_folder = "{folder}/spool"
index_file = "{folder}/index.sqlite"
signing_key_file = "{folder}/archive.key"
encryption_key_file = "{self.master}"
name = "{NAME}"
"""
        )

    async def _build(self) -> str:
        async with archive_of(self.folder, encryption_key_file=str(self.master)) as archive:
            return (await keep(archive)).manifest.occurrence

    def run(self, *words: str) -> Printed:
        """Run `meetwire archive`."""
        status = main(["--config", str(self.folder / "meetwire.toml"), "archive", *words])
        out, err = self._capsys.readouterr()
        return Printed(status, out, err)

    @property
    def captions(self) -> Path:
        """The segment with the captions."""
        (found,) = (self.folder / "archive/evidence").rglob("meeting.captions.v1/*/*.jsonl")
        return found


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    """Return an archive of this test's own."""
    return Desk(tmp_path, capsys)


def test_what_is_disclosed_opens_with_any_program(desk: Desk) -> None:
    """The key that is printed opens its sealed line with AES-256-GCM and nothing of ours."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    segment = str(desk.captions.relative_to(desk.folder / "archive"))
    opening = desk.run("disclose", desk.occurrence[:8], segment, "2").json

    line = json.loads(desk.captions.read_bytes().splitlines()[2])
    sealed = base64.b64decode(line["sealed"])
    place = "/".join(str(line[name]) for name in ("topic", "partition", "offset", "time_ms"))
    opened = AESGCM(bytes.fromhex(opening["record_key"])).decrypt(sealed[:12], sealed[12:], place.encode())
    assert "预算还没有批准" in opened.decode()
    assert opening["place"] == place


def test_master_key_is_replaced(desk: Desk) -> None:
    """With the new key first and the old one after it everything is wrapped anew; then the old one can go."""
    write_master(desk.master, NEW, OLD)
    assert desk.run("rewrap").out == "3 data keys are wrapped by the first key of the file; the others of it can go\n"
    assert json.loads((desk.folder / "archive/access/000000000000").read_bytes())["what"] == "rewrap"
    write_master(desk.master, NEW)

    assert desk.run("search", "预算").status == 0
    assert desk.run("rewrap", "--json").json == {"keys": 3}
    write_master(desk.master, OLD)
    refused = desk.run("disclose", desk.occurrence, str(desk.captions.relative_to(desk.folder / "archive")), "2")
    assert refused.status == 2
    assert "not in the file" in refused.err


def test_meeting_is_erased_by_its_keys(desk: Desk) -> None:
    """The sealed lines stay, and nobody can read them; the archive verifies without any key."""
    before = desk.captions.read_bytes()
    assert desk.run("search", "预算").status == 0
    assert desk.run("erase", desk.occurrence, "--reference", "c-1").status == 0

    assert desk.captions.read_bytes() == before
    assert desk.run("search", "预算").status == 1
    assert desk.run("verify").status == 0
    assert desk.run("rewrap").status == 0
