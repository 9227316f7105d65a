"""`meetwire archive` where there is no archive: it says where it looked, and begins none there."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Desk

EVERY = (
    ("search", "x"),
    ("show",),
    ("export", "900000001", "--to", "x.zip"),
    ("report",),
    ("hold", "add", "case-7", "--meeting", "900000001", "--why", "case 7"),
    ("hold", "remove", "case-7", "--why", "case 7"),
    ("hold", "list"),
    ("erase", "0" * 32, "--reference", "C-7"),
    ("expire",),
    ("accept-loss", "evidence/c/t/00000/00000000000000000000.jsonl", "--why", "case 7"),
    ("disclose", "900000001", "evidence/c/t/00000/00000000000000000000.jsonl", "0"),
    ("rewrap",),
    ("rebuild",),
)


def settle(desk: Desk, *, store: str | None = None, more: str = "") -> None:
    """Write settings with this store; without one all paths are the settings' own, which begin where one is."""
    given = "" if store is None else f'store = "{store}"\nsigning_key_file = "{desk.folder}/archive.key"\n'
    (desk.folder / "meetwire.toml").write_text(f"[captions]\n{given}{more}")


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in another folder, an empty one."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize("words", EVERY, ids=" ".join)
def test_in_another_folder_no_archive_is_begun(desk: Desk, elsewhere: Path, words: tuple[str, ...]) -> None:
    """A hold that was put on an empty one would hold nothing, and who finds nothing there believes it."""
    settle(desk)

    printed = desk.run(*words)

    assert (printed.status, printed.out, printed.err) == (
        2,
        "",
        f"meetwire: there is no archive in file:{elsewhere}/data/archive, "
        "where captions.store leads from the folder that this runs in\n",
    )
    assert list(elsewhere.iterdir()) == []


def test_a_store_that_is_mistyped_is_not_made(desk: Desk) -> None:
    """The key is there, the folder is not."""
    settle(desk, store=f"file:{desk.folder}/archiv")

    printed = desk.run("search", "x")

    assert (printed.status, printed.err) == (2, f"meetwire: there is no archive in file:{desk.folder}/archiv\n")
    assert not (desk.folder / "archiv").exists()


def test_any_folder_is_no_archive(desk: Desk, elsewhere: Path) -> None:
    """Such as a disk that was made ready for one; nothing is left in it."""
    settle(desk, store=f"file:{elsewhere}")

    printed = desk.run("hold", "list")

    assert (printed.status, printed.err) == (2, f"meetwire: there is no archive in file:{elsewhere}\n")
    assert list(elsewhere.iterdir()) == []


def test_a_store_that_cannot_be_one_is_said(desk: Desk) -> None:
    """It is no folder at all."""
    (desk.folder / "file").write_text("")
    settle(desk, store=f"file:{desk.folder}/file")

    printed = desk.run("show")

    assert printed.status == 2
    assert f"file:{desk.folder}/file: Not a directory" in printed.err


def test_an_archive_without_its_key_gets_no_other(desk: Desk) -> None:
    """Its key is named, and none is made in its place."""
    (desk.folder / "archive.key").unlink()

    printed = desk.run("search", "x")

    assert (printed.status, printed.err) == (
        2,
        f"meetwire: signing_key_file {desk.folder}/archive.key: there is none here\n",
    )
    assert not (desk.folder / "archive.key").exists()


@pytest.mark.parametrize("words", [("show",), ("verify", "--occurrence", "0" * 32, "--cue", "1")], ids=" ".join)
def test_keys_elsewhere_are_not_made(desk: Desk, elsewhere: Path, words: tuple[str, ...]) -> None:
    """Without them what is sealed would pass for erased."""
    (desk.folder / "master").write_text("bW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW0=\n")
    (desk.folder / "master").chmod(0o600)
    settings = desk.folder / "meetwire.toml"
    settings.write_text(f'{settings.read_text()}encryption_key_file = "master"\n')

    printed = desk.run(*words)

    assert (printed.status, printed.err) == (
        2,
        f"meetwire: keys_store file:{elsewhere}/data/archive-keys: there is none here\n",
    )
    assert list(elsewhere.iterdir()) == []
