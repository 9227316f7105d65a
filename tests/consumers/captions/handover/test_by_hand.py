"""A package is checked by hand as FORMAT.md says, with bash, openssl and sha256sum alone."""

from __future__ import annotations

import asyncio
import re
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from consumers.captions.handover.gathering import Wanted, gather
from consumers.captions.handover.packing import write
from consumers.captions.life.erasure import Request, erase

from ..meetings import MORNING, NAME, Spoken, archive_of, keep

FORMAT = Path(__file__).parents[4] / "consumers/captions/FORMAT.md"


def commands() -> str:
    """Return the functions of the first two steps, and the commands for a package."""
    text = FORMAT.read_text()
    functions = re.findall(r"^```bash\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)[:2]
    (package,) = re.findall(r"^```bash package\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return "\n".join([*functions, package])


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Write packages of one meeting of several, whole, redacted, and after an erasure; return them and the key."""
    folder = tmp_path_factory.mktemp("packages")

    async def build() -> str:
        async with archive_of(folder) as archive:
            for number in range(2, 7):
                said = (Spoken("Bob", {"English": f"meeting {number}"}, 5),)
                await keep(archive, said, meeting_id=f"90000000{number}", at=MORNING - timedelta(hours=number))
            occurrence = (await keep(archive)).manifest.occurrence
            write(folder / "whole", await gather(archive, Wanted(occurrence=occurrence)))
            write(folder / "redacted", await gather(archive, Wanted(occurrence=occurrence, redact=True)))
            await erase(archive, Request(occurrence=occurrence, who="ann", why="request", reference="c", cues=(3,)))
            write(folder / "erased", await gather(archive, Wanted(occurrence=occurrence)))
            return str(archive.key.verifier(NAME))

    return folder, asyncio.run(build())


def by_hand(folder: Path, key: str) -> tuple[int, str]:
    """Run the page's commands; return how they end and the last line that they print."""
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "PUBLIC_KEY": key}
    done = subprocess.run(
        ["bash", "-c", commands()],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout.rstrip("\n").rpartition("\n")[2]


@pytest.mark.parametrize("name", ["whole", "redacted", "erased"])
def test_a_good_package_is_good_by_hand(packages: tuple[Path, str], name: str) -> None:
    """Whatever of it is not shown, or not there any more."""
    folder, key = packages

    status, said = by_hand(folder / name, key)

    assert (status, said.startswith("GOOD: 12 records of one meeting, ")) == (0, True), said


def swapped(name: str, old: bytes, new: bytes) -> Callable[[Path], None]:
    """Return what replaces some bytes of a file."""

    def alter(folder: Path) -> None:
        content = (folder / name).read_bytes()
        assert old in content
        (folder / name).write_bytes(content.replace(old, new, 1))

    return alter


@pytest.mark.parametrize(
    ("package", "alter", "said"),
    [
        pytest.param(
            "whole",
            swapped("evidence.jsonl", "预算".encode(), "预笘".encode()),
            "WRONG: evidence.jsonl: line 3 (from 1; 0: unknown) is not what it was",
            id="a line",
        ),
        pytest.param(
            "whole",
            swapped("manifest.json", b"900000001", b"900000009"),
            "WRONG: manifest.json: no entry of the ledger names it",
            id="the manifest",
        ),
        pytest.param(
            "whole",
            swapped("ledger/entries/000000000005", b'"version":1', b'"version":2'),
            "WRONG: ledger/entries/000000000005: it is not in the ledger that was signed",
            id="an entry",
        ),
        pytest.param(
            "whole",
            swapped("ledger/checkpoint", b"\n6\n", b"\n7\n"),
            "WRONG: ledger/checkpoint: its signature is not good",
            id="the checkpoint",
        ),
        pytest.param(
            "whole",
            swapped("public.key", b"captions", b"caption5"),
            "WRONG: public.key: it is not the one that you were given",
            id="the key",
        ),
        pytest.param(
            "whole",
            swapped("transcript/captions.html", b"<", b">"),
            "WRONG: transcript/: a file is not what it was",
            id="the page",
        ),
    ],
)
def test_an_alteration_is_seen_by_hand(
    packages: tuple[Path, str], tmp_path: Path, package: str, alter: Callable[[Path], None], said: str
) -> None:
    """And named."""
    folder, key = packages
    copy = tmp_path / "copy"
    subprocess.run(["cp", "-r", str(folder / package), str(copy)], check=True, timeout=200)

    alter(copy)

    assert by_hand(copy, key) == (1, said)
