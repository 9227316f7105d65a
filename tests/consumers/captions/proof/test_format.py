"""FORMAT.md is true: its commands, and a program that was written from it alone, agree with our verification."""

from __future__ import annotations

import ast
import asyncio
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from consumers.captions.proof.key import SigningKey
from consumers.captions.proof.ledger import Ledger
from consumers.captions.proof.verify import verify
from consumers.captions.stores.folder import FolderStore, open_folder
from schemas.archive import checkpoint_key, entry_key

from ..life.building import alive, meeting
from ..running import running, settings, stored
from .altering import Alter, added, changed, flipped, removed
from .auditor import audited
from .building import NAME, folder
from .cases import CASES
from .erasing import erase

FORMAT = Path(__file__).parents[4] / "consumers/captions/FORMAT.md"
AUDITOR = Path(__file__).with_name("auditor.py")
COMMANDS = "\n".join(re.findall(r"^```bash\n(.*?)^```$", FORMAT.read_text(), re.MULTILINE | re.DOTALL))


def by_hand(archive: Path, public_key: str, held: Path | None = None) -> tuple[int, str]:
    """Run the page's commands; return how they end and the last line that they print."""
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "PUBLIC_KEY": public_key}
    environment |= {"HELD": str(held)} if held else {}
    done = subprocess.run(
        ["bash", "-c", COMMANDS], cwd=archive, env=environment, capture_output=True, text=True, timeout=200, check=False
    )
    assert done.stderr == ""
    return done.returncode, done.stdout.rstrip("\n").rpartition("\n")[2]


def by_auditor(archive: Path, public_key: str, *held: Path) -> tuple[int, list[str]]:
    """Run the auditor's own program; return how it ends and what it prints."""
    asked = [sys.executable, "-I", str(AUDITOR), str(archive), public_key, *map(str, held)]
    done = subprocess.run(asked, capture_output=True, text=True, timeout=200, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout.splitlines()


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an archive that the consumer itself wrote: two meetings, side by side."""
    place = tmp_path_factory.mktemp("kept")

    async def keep() -> None:
        options = settings(place, segment_s=600.0, name=NAME)
        words = [("p-1", "预算还没有批准。"), ("p-2", "the budget is not approved"), ("p-1", "</v> --> & so on")]
        happened = [*meeting("m-1", words), *meeting("m-2", words), *alive(minutes=45)]
        async with running(options) as archive:
            await archive.take(stored(happened))
            await archive.archive.access.note(who="ann", what="search", asked="预算")
            await archive.archive.access.seal(archive.archive.ledger)
            await archive.archive.ledger.checkpoint()

    asyncio.run(keep())
    return place


@pytest.fixture
def copy(kept: Path, tmp_path: Path) -> Path:
    """Return a copy of that archive."""
    return Path(shutil.copytree(kept / "archive", tmp_path / "copy"))


@pytest.fixture
def its_key(kept: Path) -> str:
    """Return its public key."""
    return str(SigningKey.load_or_make(kept / "archive.key").verifier(NAME))


def segment_of(archive: Path) -> str:
    """Return the key of a segment of captions."""
    return str(next((archive / "evidence").glob("*/meeting.captions.v1/*/*.jsonl")).relative_to(archive))


def test_archive_of_the_consumer_is_good_by_hand(copy: Path, its_key: str) -> None:
    """With bash, openssl and sha256sum; a checkpoint that was held elsewhere is continued."""
    held = sorted((copy / "ledger/checkpoints").iterdir())[0]
    entries = len(list((copy / "ledger/entries").iterdir()))

    assert by_hand(copy, its_key, held) == (0, f"GOOD: 2 versions of meetings, {entries} entries, signed by {NAME}")
    assert by_auditor(copy, its_key, held) == (0, [f"GOOD: {entries} entries"])


def test_flipped_bit_is_found_by_hand(copy: Path, its_key: str) -> None:
    """One bit of one word: both name the segment."""
    segment = segment_of(copy)
    flipped(segment, (copy / segment).read_bytes().index("预算".encode()) + 1)(copy)

    status, last = by_hand(copy, its_key)
    audited, said = by_auditor(copy, its_key)

    assert (status, last.partition(" meetings/")[0]) == (1, f"WRONG: {segment}: its lines are not those that")
    assert (audited, f"{segment}: not what the manifest binds" in said) == (1, True)


async def test_archive_of_the_consumer_is_good(copy: Path, its_key: str) -> None:
    """Our own verification says the same, and finds nothing open either."""
    async with open_folder(f"file:{copy}") as store:
        report = await verify(store, its_key)

    assert (report.findings, report.meetings, report.accesses) == ([], 2, 1)


BY_HAND: dict[str, tuple[Alter, str]] = {
    "an entry": (flipped(entry_key(0), 20), "000000000004: the entries are not those that were signed"),
    "an entry removed": (removed(entry_key(1)), "WRONG: entry 1 is missing"),
    "the last entry removed": (removed(entry_key(3)), "4 entries were signed, 3 are here"),
    "an entry beyond": (
        added(entry_key(4), b"4\n{}\n\n\xe2\x80\x94 x AAAA\n"),
        "000000000004: its signature is not good",
    ),
    "a file": (flipped(folder(1) + "captions.jsonl", 30), "captions.jsonl: it is not what the manifest lists"),
    "a file removed": (removed(folder(1) + "captions.jsonl"), f"WRONG: {folder(1)}captions.jsonl: it is gone"),
    "a file added": (added(folder(1) + "more", b""), f"WRONG: {folder(1)}more: no manifest lists it"),
    "a manifest": (flipped(folder(1) + "manifest.json", 30), "manifest.json: it is not the ledger's"),
    "a meeting removed": (removed(folder(1)), "manifest.json: the ledger says that it was kept, and it is gone"),
    "a folder of others'": (added("notes/a", b""), "WRONG: notes: it is nothing of an archive"),
    "a checkpoint": (flipped(checkpoint_key(4), 40), "its signature is not good"),
    "an access": (
        changed("access/000000000000", lambda content: content.replace(b"ann", b"bob")),
        "access/000000000001: it does not follow the one before",
    ),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_alteration_is_found_by_hand(name: str, template: Path, tmp_path: Path, public_key: str) -> None:
    """Each step of the page is there for a reason."""
    alter, says = BY_HAND[name]
    shutil.copytree(template, tmp_path / "archive")
    alter(tmp_path / "archive")

    status, last = by_hand(tmp_path / "archive", public_key)

    assert (status, last.endswith(says)) == (1, True), last


async def test_erasure_is_lawful_by_hand(built: FolderStore, ledger: Ledger, tmp_path: Path, public_key: str) -> None:
    """What a tombstone lists may be gone; without the tombstone it may not."""
    await erase(built, ledger)
    root = tmp_path / "archive"

    good = await asyncio.to_thread(by_hand, root, public_key)
    audited = await asyncio.to_thread(by_auditor, root, public_key)
    (tombstone,) = root.glob("tombstones/*/*.json")
    tombstone.unlink()

    assert (good[0], audited[0]) == (0, 0), (good, audited)
    assert (await asyncio.to_thread(by_hand, root, public_key))[0] == 1
    assert (await asyncio.to_thread(by_auditor, root, public_key))[0] == 1


@pytest.mark.parametrize("name", CASES)
async def test_auditor_agrees_with_us(name: str, built: FolderStore, public_key: str, tmp_path: Path) -> None:
    """Of every alteration: what we call wrong, a program calls wrong that shares no line with ours."""
    CASES[name][0](tmp_path / "archive")

    report = await verify(built, public_key)
    found = await asyncio.to_thread(audited, tmp_path / "archive", public_key)

    assert (found.wrong == []) is report.good, (report.findings, found.wrong)


def test_auditor_shares_nothing_with_us() -> None:
    """It imports Python's own library alone."""
    found = {
        alias.name.split(".")[0]
        for node in ast.walk(ast.parse(AUDITOR.read_text()))
        if isinstance(node, ast.Import)
        for alias in node.names
    } | {
        str(node.module).split(".")[0]
        for node in ast.walk(ast.parse(AUDITOR.read_text()))
        if isinstance(node, ast.ImportFrom)
    }

    assert found
    assert found <= sys.stdlib_module_names


def test_page_has_its_commands() -> None:
    """The test above would run nothing otherwise."""
    assert COMMANDS.count("wrong ") > 10
