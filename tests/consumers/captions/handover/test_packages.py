"""A package is checked on its own, whole, in part, or without names."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path

import msgspec

from consumers.captions.archive import Archive
from consumers.captions.handover import shapes
from consumers.captions.handover.checking import Checked, check
from consumers.captions.handover.gathering import Wanted
from consumers.captions.handover.shapes import LineOpening

from ..meetings import NAME, archive_of
from .packages import CUES, found, keep_both, newest, package


async def test_a_whole_package_is_good(archive: Archive, public_key: str) -> None:
    """Every line is in it, every cue stands in one, and the ledger has it."""
    files = await package(archive)

    assert check(files, public_key) == Checked(
        archive=NAME,
        occurrence=await newest(archive),
        version=1,
        lines=12,
        hidden=0,
        cues=5,
        backed=5,
        ledger_size=2,
        key_given=True,
        findings=[],
    )
    assert {"transcript/captions.html", "transcript/captions.parquet", "README.txt", "FORMAT.md"} <= set(files)


async def test_some_cues_are_proved_without_the_rest(archive: Archive, public_key: str) -> None:
    """Of all other lines the leaves are there, and not a word."""
    files = await package(archive, cues=(2, 3))

    checked = check(files, public_key)
    assert (checked.good, checked.lines, checked.hidden, checked.cues, checked.backed) == (True, 12, 10, 2, 2)
    assert b"upgraded" not in b"".join(files.values())
    assert "预算".encode() in files[CUES]
    assert b"cues 2 to 3" in files["README.txt"]


async def test_a_redacted_package_has_no_name_and_no_phrase(archive: Archive, public_key: str) -> None:
    """In none of its files; what is shown is still proved, but for what had to be changed."""
    files = await package(archive, redact=True, phrases=("confidential",), keep_names=("郑爽-运维",))

    checked = check(files, public_key)
    assert (checked.good, checked.cues, checked.backed, checked.hidden) == (True, 5, 3, 9)
    whole = b"".join(files.values())
    assert [word for word in ("王小明", "Alice", "confidential") if word.encode() in whole] == []
    assert "郑爽-运维".encode() in files[CUES]


async def test_a_sealed_archive_gives_what_opens_these_lines_alone(tmp_path: Path) -> None:
    """The package is readable and proved; the keys in it open nothing else."""
    master = tmp_path / "master"
    await asyncio.to_thread(_write_secret, master)
    async with archive_of(tmp_path, encryption_key_file=str(master)) as archive:
        await keep_both(archive)

        files = await package(archive, cues=(3, 3))
        whole = await package(archive)

    key = whole[shapes.PUBLIC_KEY].decode()
    one, all_of_it = check(files, key), check(whole, key)
    assert (one.good, one.cues, one.backed, one.hidden) == (True, 1, 1, 11)
    assert (all_of_it.good, all_of_it.cues, all_of_it.backed, all_of_it.hidden) == (True, 5, 5, 0)
    assert len(files[shapes.OPENINGS].splitlines()) == 1
    assert "预算".encode() not in files[shapes.EVIDENCE]
    spoilt = {**whole, shapes.OPENINGS: msgspec.json.encode(LineOpening(leaf=1, record_key="00" * 32))}
    assert ("line_unreadable", shapes.EVIDENCE, 1) in found(check(spoilt, key))


def _write_secret(path: Path) -> None:
    path.touch(0o600)
    path.write_bytes(base64.b64encode(bytes(range(32))))


def test_nothing_personal_is_in_a_repr() -> None:
    """A repr may go to a log."""
    wanted = Wanted(occurrence="1", phrases=("secret",), keep_names=("Bob",))

    assert [repr(wanted), repr(LineOpening(leaf=1, record_key="ff"))] == ["<Wanted 1>", "<LineOpening 1>"]
