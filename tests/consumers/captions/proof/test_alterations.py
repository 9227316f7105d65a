"""Alter an archive in every way that somebody might, and have each found: what it is, in which file and line, whose."""

from __future__ import annotations

from pathlib import Path

import pytest

from consumers.captions.proof.verify import locating, verify
from consumers.captions.proof.verify import segments as verify_segments
from consumers.captions.stores.folder import FolderStore

from .altering import relined
from .cases import ALL, CASES, FIRST, A, B


@pytest.mark.parametrize("name", CASES)
async def test_alteration_is_found(name: str, built: FolderStore, public_key: str, tmp_path: Path) -> None:
    """What was altered is named, with its file, its line and its meeting, and nothing else is."""
    alter, expected = CASES[name]
    alter(tmp_path / "archive")

    report = await verify(built, public_key)

    assert [(one.what, one.file, one.line, one.occurrences) for one in report.findings] == expected


async def test_many_alterations_are_counted(
    built: FolderStore, public_key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody reads thousands of lines: the first are named, the rest is a number, and every meeting is."""
    monkeypatch.setattr(verify_segments, "_MOST", 2)
    relined(FIRST, lambda lines: [line.replace(b"words", b"other") for line in lines])(tmp_path / "archive")

    report = await verify(built, public_key)

    assert [(one.what, one.line, one.occurrences) for one in report.findings] == [
        ("line_changed", 0, (A,)),
        ("line_changed", 1, (B,)),
        ("segment_differs", None, ALL),
    ]
    assert report.findings[-1].says == "And 10 more lines differ."


async def test_segment_that_is_all_others_is_told_as_such(
    built: FolderStore, public_key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where too much differs to be told line by line."""
    monkeypatch.setattr(locating, "_MOST", 5)
    relined(FIRST, lambda lines: [*lines[6:], *lines[:5]])(tmp_path / "archive")

    report = await verify(built, public_key)

    assert next((one.what, one.file) for one in report.findings) == ("segment_differs", FIRST)
    assert {occurrence for one in report.findings for occurrence in one.occurrences} == set(ALL)
