"""`meetwire archive export`, `verify`, `public-key`: what is handed over is checked on its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Desk


@pytest.fixture
def key(desk: Desk) -> Path:
    """Return the public key's file, as a stranger has it."""
    path = desk.folder / "public.key"
    path.write_text(desk.run("public-key").out)
    return path


def flip(path: Path, where: bytes) -> None:
    """Change one bit."""
    path.chmod(0o600)
    content = bytearray(path.read_bytes())
    content[content.index(where)] ^= 1
    path.write_bytes(bytes(content))


def test_the_archive_is_good(desk: Desk) -> None:
    """With its own key, and what was looked at."""
    printed = desk.run("verify")

    assert (printed.status, printed.err) == (0, "")
    assert (
        printed.out
        == f"""\
file:{desk.folder}/archive: good; 2 meetings, 12 files
  16 records, 0 of them erased; 2 entries, 2 signed
"""
    )


def test_a_copy_is_checked_with_the_key_alone(desk: Desk, key: Path) -> None:
    """Without settings; and without the key not at all."""
    address = f"file:{desk.folder}/archive"

    assert desk.run("verify", "--store", address, "--public-key", str(key), config=False).status == 0
    refused = desk.run("verify", "--store", address, config=False)
    assert (refused.status, refused.err) == (
        2,
        "meetwire: --store needs --public-key: a copy's own key proves nothing\n",
    )


def test_a_flipped_bit_is_named(desk: Desk) -> None:
    """The meeting, the file, the line, the leaf."""
    segment = desk.lines()[-1]
    flip(segment, "预算".encode())

    printed = desk.run("verify")
    (finding,) = desk.run("verify", "--json").json["findings"]

    assert printed.status == 1
    assert "NOT GOOD" in printed.out
    assert f"occurrence {desk.occurrence}" in printed.out
    assert (finding["what"], finding["line"], finding["occurrences"]) == ("line_changed", 2, [desk.occurrence])
    assert finding["file"] == str(segment.relative_to(desk.folder / "archive"))
    assert f"line_changed: {finding['file']} line 2 leaf {finding['leaf']}" in printed.out


def test_one_cue_is_proved(desk: Desk) -> None:
    """With the way from its record to the signed root."""
    printed = desk.run("verify", "--occurrence", desk.occurrence, "--cue", "3")

    assert printed.status == 0
    assert "leaf 2 of 12 under " in printed.out
    assert desk.run("verify", "--occurrence", "f" * 32).status == 1


def test_a_past_that_was_rewritten_is_seen_against_an_old_checkpoint(desk: Desk) -> None:
    """What another past's owner signed is no continuation of what was held elsewhere."""
    held = desk.folder / "held"
    held.write_bytes((desk.folder / "archive/ledger/checkpoints/000000000002").read_bytes())

    assert "compared with a checkpoint over 2 entries" in desk.run("verify", "--against", str(held)).out
    (desk.folder / "archive/ledger/checkpoints/000000000002").unlink()
    (desk.folder / "archive/ledger/entries/000000000001").unlink()
    assert desk.run("verify", "--against", str(held)).status == 1


@pytest.mark.parametrize("name", ["package.zip", "package"])
def test_a_package_is_verified_on_its_own(desk: Desk, key: Path, name: str) -> None:
    """Without settings and archive; one flipped bit is named there too."""
    path = desk.folder / name
    exported = desk.run("export", desk.occurrence[:6], "--to", str(path))
    printed = desk.run("verify", "--package", str(path), "--public-key", str(key), config=False)

    assert exported.status == 0
    assert exported.out.startswith(f"{path}: 18 files, ")
    assert (
        printed.out
        == f"""\
{path}: good; occurrence {desk.occurrence} version 1
  12 records, 0 of them not shown; 2 entries in the ledger
  5 of 5 cues stand word for word in records that are shown
"""
    )
    assert desk.run("export", desk.occurrence, "--to", str(path)).err == f"meetwire: {path}: is there already\n"


def test_a_flipped_bit_of_a_package_is_named(desk: Desk, key: Path) -> None:
    """The line and its leaf, and that without a key nobody knows who signed."""
    path = desk.folder / "package"
    desk.run("export", desk.occurrence, "--to", str(path))
    flip(path / "evidence.jsonl", "预算".encode())

    printed = desk.run("verify", "--package", str(path), config=False)

    assert printed.status == 1
    assert "wrong: line_changed: evidence.jsonl line 2 leaf " in printed.out
    assert "checked with the key in the package" in printed.out
    assert desk.run("verify", "--package", str(path), "--json").json["good"] is False


def test_a_redacted_package_shows_no_name(desk: Desk, key: Path) -> None:
    """And a phrase on its own asks for a redaction too."""
    path = desk.folder / "package"
    exported = desk.run(
        "export", desk.occurrence, "--to", str(path), "--phrase", "confidential", "--keep-name", "Alice Li", "--json"
    )

    whole = b"".join(one.read_bytes() for one in path.rglob("*") if one.is_file())
    assert exported.json["occurrence"] == desk.occurrence
    assert [word for word in ("王小明", "郑爽", "confidential") if word.encode() in whole] == []
    assert b"Alice Li" in whole
    assert desk.run("verify", "--package", str(path), "--public-key", str(key), config=False).status == 0


def test_what_cannot_be_read_is_said(desk: Desk) -> None:
    """No package, no key, no file."""
    (desk.folder / "x.zip").write_bytes(b"nothing")

    assert desk.run("verify", "--package", str(desk.folder / "x.zip")).status == 1
    assert desk.run("verify", "--package", str(desk.folder / "none.zip")).status == 2
    assert desk.run("verify", "--public-key", str(desk.folder / "x.zip")).status == 2
    (desk.folder / "archive.key").unlink()
    assert "give --public-key" in desk.run("verify").err


def test_without_a_key_of_its_own_it_makes_none(desk: Desk) -> None:
    """A question writes nothing."""
    (desk.folder / "archive.key").unlink()

    assert desk.run("public-key").status == 2
    assert not (desk.folder / "archive.key").exists()


def test_a_package_cannot_command_the_terminal(desk: Desk, key: Path) -> None:
    """Its names are a stranger's."""
    package = desk.folder / "package"
    assert desk.run("export", desk.occurrence, "--to", str(package)).status == 0
    manifest = package / "manifest.json"
    manifest.write_text(manifest.read_text().replace(desk.occurrence, r"\u001b]0;x\u0007", 1))

    printed = desk.run("verify", "--package", str(package), "--public-key", str(key))

    assert printed.status == 1
    assert "occurrence ␛]0;x␇ version 1" in printed.out
    assert "\x1b" not in printed.out + printed.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        pytest.param(("--cue", "3"), "--cue needs --occurrence", id="a cue of no meeting"),
        pytest.param(("--package", "p", "--against", "c"), "--against does not go with --package", id="a checkpoint"),
        pytest.param(("--package", "p", "--store", "file:x"), "--store does not go with --package", id="a copy"),
        pytest.param(("--package", "p", "--occurrence", "9"), "--occurrence does not go with", id="a meeting"),
    ],
)
def test_what_would_be_passed_over_is_refused(desk: Desk, words: tuple[str, ...], says: str) -> None:
    """Else it would be taken for proven."""
    refused = desk.run("verify", *words)

    assert (refused.status, refused.out, says in refused.err) == (2, "", True)
