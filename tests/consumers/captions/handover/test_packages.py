"""A package is checked on its own, and every alteration of it is found and named."""

from __future__ import annotations

import asyncio
import base64
import random
import zipfile
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Final

import msgspec
import pytest

from consumers.captions.archive import Archive
from consumers.captions.errors import Altered, Misconfigured, Missing
from consumers.captions.finding.files import beside
from consumers.captions.handover import packing, shapes
from consumers.captions.handover.checking import Checked, check
from consumers.captions.handover.gathering import Wanted, gather
from consumers.captions.handover.packing import read, write
from consumers.captions.handover.shapes import Head, LineOpening
from consumers.captions.life.erasure import Request, erase
from consumers.captions.proof.checkpoint import Checkpoint, signed_checkpoint
from consumers.captions.proof.entries import entry
from consumers.captions.proof.merkle import leaf_hash
from schemas.archive.statements import HoldAdded, MeetingKept

from ..meetings import MORNING, NAME, WEEKLY, Spoken, archive_of, keep

CUES: Final = "transcript/captions.jsonl"
Package = dict[str, bytes]


@pytest.fixture
async def archive(tmp_path: Path) -> AsyncIterator[Archive]:
    """Give an archive with two meetings in it."""
    async with archive_of(tmp_path) as archive:
        await keep_both(archive)
        yield archive


async def keep_both(archive: Archive) -> None:
    """Write a small meeting, and the one that is handed over."""
    small = (Spoken("Bob", {"English": "another meeting"}, 5),)
    await keep(archive, small, meeting_id="900000002", at=MORNING - timedelta(hours=2))
    await keep(archive)


@pytest.fixture
def public_key(archive: Archive) -> str:
    """Return the public key as a stranger has it."""
    return str(archive.key.verifier(NAME))


async def package(archive: Archive, **wanted: object) -> Package:
    """Return a package of the second meeting."""
    return await gather(archive, msgspec.convert({"occurrence": await newest(archive), **wanted}, Wanted))


async def newest(archive: Archive) -> str:
    """Return the second meeting's occurrence."""
    said = await archive.ledger.statements()
    return str(msgspec.to_builtins(said[1])["occurrence"])


def found(checked: Checked) -> list[tuple[str, str, int | None]]:
    """Return what was found wrong, and where."""
    return [(one.what, one.file, one.line) for one in checked.findings]


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


def line_flipped(files: Package) -> None:
    """Change one bit of a line."""
    content = bytearray(files[shapes.EVIDENCE])
    content[content.index("预算".encode())] ^= 1
    files[shapes.EVIDENCE] = bytes(content)


def line_removed(files: Package) -> None:
    """Take the last line out."""
    files[shapes.EVIDENCE] = b"".join(files[shapes.EVIDENCE].splitlines(keepends=True)[:-1])


def line_added(files: Package) -> None:
    """Put a line in that was never there."""
    files[shapes.EVIDENCE] += files[shapes.EVIDENCE].splitlines(keepends=True)[0]


def lines_swapped(files: Package) -> None:
    """Change the order of the first two."""
    first, second, *rest = files[shapes.EVIDENCE].splitlines(keepends=True)
    files[shapes.EVIDENCE] = b"".join([second, first, *rest])


def end_cut(files: Package) -> None:
    """Cut the last bytes off."""
    files[shapes.EVIDENCE] = files[shapes.EVIDENCE][:-10]


def line_and_leaves_changed(files: Package) -> None:
    """Change a line, and the list of leaves with it."""
    line_flipped(files)
    del files[shapes.LEAVES]


def leaves_are_no_hashes(files: Package) -> None:
    """Change a line, and spoil the list of leaves."""
    line_flipped(files)
    files[shapes.LEAVES] = b"x\n"


def line_erased(files: Package) -> None:
    """Have a line look as if it had been erased."""
    first, *rest = files[shapes.EVIDENCE].splitlines(keepends=True)
    leaf = files[shapes.LEAVES].split()[0].decode()
    place = msgspec.json.decode(first)
    erased = {"line": "erased", **{name: place[name] for name in ("topic", "partition", "offset", "time_ms")}}
    files[shapes.EVIDENCE] = b"".join([msgspec.json.encode({**erased, "leaf": leaf}) + b"\n", *rest])


def manifest_changed(files: Package) -> None:
    """Have another meeting ID in the manifest."""
    files[shapes.MANIFEST] = files[shapes.MANIFEST].replace(b"900000001", b"900000009")


def version_changed(files: Package) -> None:
    """Have another version than any that the ledger names."""
    files[shapes.MANIFEST] = files[shapes.MANIFEST].replace(b'"version":1', b'"version":2')


def entry_changed(files: Package) -> None:
    """Change what the ledger says."""
    name = f"{shapes.ENTRIES}{1:012d}"
    files[name] = files[name].replace(b'"version":1', b'"version":2')


def entry_removed(files: Package) -> None:
    """Take it out."""
    del files[f"{shapes.ENTRIES}{1:012d}"]


def entry_is_none(files: Package) -> None:
    """Have no proofs."""
    files[shapes.PROOFS] = b"[\xff"


def path_is_none(files: Package) -> None:
    """Have a proof that is no hash."""
    files[shapes.PROOFS] = files[shapes.PROOFS].replace(b'"path": [\n', b'"path": [\n"x",')


def checkpoint_forged(files: Package) -> None:
    """Change the size that was signed."""
    files[shapes.CHECKPOINT] = files[shapes.CHECKPOINT].replace(b"\n2\n", b"\n3\n")


def cue_changed(files: Package) -> None:
    """Have the transcript say something else."""
    files[CUES] = files[CUES].replace("批准".encode(), "否决".encode())


def cues_are_none(files: Package) -> None:
    """Have no cues where cues should be."""
    files[CUES] = b"\xff"


def page_removed(files: Package) -> None:
    """Take a file of the transcript out."""
    del files["transcript/captions.html"]


def head_is_none(files: Package) -> None:
    """Have no package.json that can be read."""
    files[shapes.HEAD] = b"\xff"


def hidden_is_shown(files: Package) -> None:
    """Say that a line is not shown, which is."""
    head = msgspec.json.decode(files[shapes.HEAD], type=Head)
    files[shapes.HEAD] = msgspec.json.encode(msgspec.structs.replace(head, hidden=[0, 99]))


def manifest_removed(files: Package) -> None:
    """Take the manifest out."""
    del files[shapes.MANIFEST]


EVIDENCE: Final = shapes.EVIDENCE


@pytest.mark.parametrize(
    ("alter", "told"),
    [
        (line_flipped, [("line_changed", EVIDENCE, 2), ("file_differs", CUES, 3)]),
        (line_removed, [("line_removed", EVIDENCE, 11)]),
        (line_added, [("line_added", EVIDENCE, 12)]),
        (lines_swapped, [("line_changed", EVIDENCE, 0), ("line_changed", EVIDENCE, 1)]),
        (end_cut, [("segment_cut", EVIDENCE, 11), ("line_removed", EVIDENCE, 11)]),
        (line_and_leaves_changed, [("tree_differs", EVIDENCE, None), ("file_differs", CUES, 3)]),
        (leaves_are_no_hashes, [("tree_differs", EVIDENCE, None), ("file_differs", CUES, 3)]),
        (line_erased, [("erased_unlawfully", EVIDENCE, 0)]),
        (manifest_changed, [("manifest_differs", shapes.MANIFEST, None), ("file_differs", shapes.TEXT, None)]),
        (version_changed, [("manifest_differs", shapes.MANIFEST, None)]),
        (
            entry_changed,
            [("entry_changed", f"{shapes.ENTRIES}{1:012d}", None), ("manifest_differs", shapes.MANIFEST, None)],
        ),
        (
            entry_removed,
            [("entry_missing", f"{shapes.ENTRIES}{1:012d}", None), ("manifest_differs", shapes.MANIFEST, None)],
        ),
        (entry_is_none, [("entry_unreadable", shapes.PROOFS, None), ("manifest_differs", shapes.MANIFEST, None)]),
        (
            path_is_none,
            [("entry_changed", f"{shapes.ENTRIES}{1:012d}", None), ("manifest_differs", shapes.MANIFEST, None)],
        ),
        (
            checkpoint_forged,
            [
                ("checkpoint_forged", shapes.CHECKPOINT, None),
                ("entry_changed", f"{shapes.ENTRIES}{1:012d}", None),
                ("manifest_differs", shapes.MANIFEST, None),
            ],
        ),
        (
            cue_changed,
            [("file_differs", shapes.TEXT, None), ("file_differs", CUES, None), ("file_differs", CUES, 3)],
        ),
        (cues_are_none, [("file_differs", CUES, None), ("file_differs", CUES, None)]),
        (page_removed, [("file_missing", "transcript/captions.html", None)]),
        (head_is_none, [("manifest_unsound", shapes.HEAD, None)]),
        (
            hidden_is_shown,
            [
                ("manifest_unsound", shapes.HEAD, 0),
                ("manifest_unsound", shapes.HEAD, 99),
                ("file_differs", shapes.README, None),
            ],
        ),
        (manifest_removed, [("file_missing", shapes.MANIFEST, None)]),
    ],
)
async def test_each_alteration_is_named(
    archive: Archive, public_key: str, alter: Callable[[Package], None], told: list[tuple[str, str, int | None]]
) -> None:
    """By file and line, and the package is not good."""
    files = await package(archive)

    alter(files)

    checked = check(files, public_key)
    assert [one for one in found(checked) if one[0] != "line_unreadable"] == told
    assert not checked.good


async def test_another_key_is_seen(archive: Archive, public_key: str) -> None:
    """Whoever signs with a key of one's own has no package of this archive; and no key is none."""
    files = await package(archive)
    other = "archive.example.com/other+" + public_key.partition("+")[2]

    with pytest.raises(Misconfigured):
        check(files, other)
    files[shapes.PUBLIC_KEY] = b"none"
    assert found(check(files, public_key)) == [("other_key", shapes.PUBLIC_KEY, None)]
    assert found(check(files))[0] == ("checkpoint_forged", shapes.CHECKPOINT, None)


async def test_without_a_key_it_says_so(archive: Archive) -> None:
    """Then it shows damage, and nothing of who signed."""
    checked = check(await package(archive))

    assert (checked.good, checked.key_given) == (True, False)


async def test_lines_that_were_erased_are_lawfully_not_there(archive: Archive, public_key: str) -> None:
    """The tombstone is in the package; a changed one is seen."""
    await erase(
        archive, Request(occurrence=await newest(archive), who="ann", why="request", reference="c-1", cues=(3,))
    )

    files = await package(archive)
    checked = check(files, public_key)

    (tombstone,) = [name for name in files if name.startswith(shapes.TOMBSTONES)]
    assert (checked.good, checked.version, checked.cues, checked.findings) == (True, 2, 4, [])
    assert "预算".encode() not in b"".join(files.values())
    files[tombstone] += b" "
    assert ("tombstone_differs", tombstone, None) in found(check(files, public_key))


async def test_what_is_not_there_is_said(archive: Archive) -> None:
    """No such meeting, no such cue, and nothing of one that was erased as a whole."""
    with pytest.raises(Missing, match="occurrence f"):
        await gather(archive, Wanted(occurrence="f" * 32))
    with pytest.raises(Missing, match="cue 9 to 9"):
        await package(archive, cues=(9, 9))


@pytest.mark.parametrize("name", ["package.zip", "package"])
async def test_a_package_is_read_as_it_was_written(archive: Archive, tmp_path: Path, name: str) -> None:
    """As one file or as a folder, its owner's alone, with the same bytes each time."""
    files = await package(archive)

    await asyncio.to_thread(write, tmp_path / name, files)
    await asyncio.to_thread(write, tmp_path / f"2-{name}", files)

    assert await asyncio.to_thread(read, tmp_path / name) == files
    assert (tmp_path / name).stat().st_mode & 0o077 == 0
    with pytest.raises(FileExistsError):
        await asyncio.to_thread(write, tmp_path / name, files)


async def test_two_zip_files_of_the_same_are_the_same(archive: Archive, tmp_path: Path) -> None:
    """Whoever compares hashes of packages sees no other day, no other machine."""
    files = await package(archive)

    for name in ("a.zip", "b.zip"):
        await asyncio.to_thread(write, tmp_path / name, files)

    one, other = [await asyncio.to_thread((tmp_path / name).read_bytes) for name in ("a.zip", "b.zip")]
    assert one == other


def test_what_is_no_package_is_said(tmp_path: Path) -> None:
    """A stranger's file."""
    (tmp_path / "x.zip").write_bytes(b"PK\x03\x04 nothing")

    with pytest.raises(Altered, match=r"x\.zip: not a readable zip file"):
        read(tmp_path / "x.zip")


def test_the_words_of_a_meeting_are_those_of_the_corpus() -> None:
    """What the tests above look for was said."""
    assert {"王小明", "Alice Li", "郑爽-运维"} == {one.who for one in WEEKLY}


# These a stranger could change without anybody seeing: they are read by people, and prove nothing.
TOLD_ONLY: Final = {shapes.FORMAT_TEXT}


async def test_whatever_byte_is_changed_is_seen(archive: Archive, public_key: str) -> None:
    """In any file, at any of many places; and no package, however spoilt, ends the check."""
    files = await package(archive)
    seen = {name: set[bool]() for name in files}
    draw = random.Random(7)  # noqa: S311 -- nothing secret

    for name, content in files.items():
        for place in draw.sample(range(len(content)), 12):
            altered = content[:place] + bytes([content[place] ^ 1 << draw.randrange(8)]) + content[place + 1 :]
            seen[name].add(check({**files, name: altered}, public_key).good)

    unseen = {name for name, good in seen.items() if True in good}
    # Of package.json the program's name alone may be another one.
    assert unseen - {shapes.HEAD} == TOLD_ONLY


async def test_whatever_file_is_missing_is_seen(archive: Archive, public_key: str) -> None:
    """All but what is only told."""
    files = await package(archive)

    found = {name for name in files if check({one: files[one] for one in files if one != name}, public_key).good}

    assert found == TOLD_ONLY


async def test_another_programs_words_are_not_compared(archive: Archive, public_key: str) -> None:
    """A later version explains a package otherwise: that is no alteration."""
    files = await package(archive)
    files[shapes.HEAD] = files[shapes.HEAD].replace(b'"meetwire ', b'"meetwire 99.')
    files[shapes.README] = b"otherwise"

    assert check(files, public_key).good


async def test_a_text_that_is_not_the_transcripts_is_seen(archive: Archive, public_key: str) -> None:
    """Also of a part, whose files have no hash in the manifest."""
    files = await package(archive, cues=(2, 3))
    files[shapes.TEXT] += b"    4  09:30:40  Bob  [English]  I agree\n"

    assert found(check(files, public_key)) == [("file_differs", shapes.TEXT, None)]


async def test_what_cannot_be_read_is_told(archive: Archive, public_key: str) -> None:
    """Openings, an entry and a tombstone that are none."""
    files = await package(archive)
    entry = f"{shapes.ENTRIES}{1:012d}"

    assert found(check({**files, shapes.OPENINGS: b"\xff"}, public_key)) == [("file_differs", shapes.OPENINGS, None)]
    assert found(check({**files, shapes.LEAVES: b"00"}, public_key)) == [("file_differs", shapes.LEAVES, None)]
    assert ("entry_changed", entry, None) in found(check({**files, entry: b"\xff"}, public_key))


def test_nothing_personal_is_in_a_repr() -> None:
    """A repr may go to a log."""
    wanted = Wanted(occurrence="1", phrases=("secret",), keep_names=("Bob",))

    assert [repr(wanted), repr(LineOpening(leaf=1, record_key="ff"))] == ["<Wanted 1>", "<LineOpening 1>"]


def entered(files: Package, archive: Archive, entry: bytes) -> Package:
    """Return the package as of a ledger that has this entry alone."""
    checkpoint = Checkpoint(origin=NAME, size=1, root=leaf_hash(entry))
    return {
        **files,
        shapes.CHECKPOINT: signed_checkpoint(checkpoint, archive.key.verifier(NAME), archive.key.sign),
        shapes.PROOFS: b'[{"index":0,"size":1,"path":[]}]',
        f"{shapes.ENTRIES}{0:012d}": entry,
    }


async def test_an_entry_that_says_nothing_of_the_meeting_proves_nothing(archive: Archive, public_key: str) -> None:
    """One that cannot be read is told; one of a hold is another matter."""
    files = await package(archive)
    held = HoldAdded(at=MORNING, hold="h", occurrences=[], meeting_id="1", who="ann", why="x")
    note = entry(held, 0, archive.key.verifier(NAME), archive.key.sign)
    missing = ("manifest_differs", shapes.MANIFEST, None)

    assert found(check(entered(files, archive, note), public_key)) == [missing]
    assert found(check(entered(files, archive, b"junk"), public_key)) == [
        ("entry_unreadable", f"{shapes.ENTRIES}{0:012d}", None),
        missing,
    ]


async def test_what_the_archive_lacks_the_package_lacks(archive: Archive, public_key: str) -> None:
    """A page that is gone is told; without captions.jsonl there is nothing to redact, and no word of it is there."""
    manifest = (await archive.ledger.statements())[1]
    assert isinstance(manifest, MeetingKept)
    await archive.store.delete(beside(manifest.manifest, "captions.html"))
    assert found(check(await package(archive), public_key)) == [("file_missing", "transcript/captions.html", None)]

    await archive.store.delete(beside(manifest.manifest, "captions.jsonl"))
    files = await package(archive, redact=True)
    assert (CUES in files, check(files, public_key).good, "预算".encode() in b"".join(files.values())) == (
        False,
        True,
        False,
    )


async def test_a_redacted_package_after_an_erasure(archive: Archive, public_key: str) -> None:
    """What was erased has no name to redact, and is lawfully not there."""
    request = Request(occurrence=await newest(archive), who="ann", why="request", reference="c", cues=(3,))
    await erase(archive, request)

    checked = check(await package(archive, redact=True), public_key)

    assert (checked.good, checked.cues, checked.findings) == (True, 4, [])


async def test_evidence_that_is_cut_is_not_handed_over(archive: Archive) -> None:
    """Nothing is proved by what is not there."""
    (segment, *_) = [key async for key in archive.store.keys("evidence/") if key.endswith("0.jsonl")][-1:]
    lines = (await archive.store.get(segment)).splitlines(keepends=True)
    await archive.store.replace(segment, lines[0])

    with pytest.raises(Altered, match="there are lines missing at its end"):
        await package(archive)


async def test_a_ledger_that_is_cut_proves_nothing(archive: Archive) -> None:
    """The checkpoint is over more than lies there."""
    await archive.store.delete("ledger/entries/000000000001")

    with pytest.raises(Altered, match="000000000001 is missing: 2 entries were signed"):
        await gather(archive, Wanted(occurrence=(await archive.ledger.statements())[0].occurrence))  # type: ignore[union-attr]  # it is a MeetingKept


async def test_an_erased_line_without_a_leaf_is_seen(archive: Archive, public_key: str) -> None:
    """It stands for nothing."""
    files = await package(archive)
    first, *rest = files[shapes.EVIDENCE].splitlines(keepends=True)
    place = msgspec.json.decode(first)
    bad = {"line": "erased", **{name: place[name] for name in ("topic", "partition", "offset", "time_ms")}, "leaf": "x"}
    files[shapes.EVIDENCE] = b"".join([msgspec.json.encode(bad) + b"\n", *rest])

    assert ("line_changed", shapes.EVIDENCE, 0) in found(check(files, public_key))


def test_a_package_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stranger's file may say that it unpacks to anything."""
    for name in ("p", "p.zip"):
        write(tmp_path / name, {"a": b"x", "b": b"y"})
    monkeypatch.setattr(packing, "_MAX_FILES", 1)

    for name in ("p", "p.zip"):
        with pytest.raises(Altered, match="larger than"):
            read(tmp_path / name)


def test_a_name_twice_is_no_package(tmp_path: Path) -> None:
    """Which of the two was meant nobody knows."""
    with zipfile.ZipFile(tmp_path / "p.zip", "w") as archive:
        archive.writestr("a", "1")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a", "2")

    with pytest.raises(Altered, match="a name twice"):
        read(tmp_path / "p.zip")
