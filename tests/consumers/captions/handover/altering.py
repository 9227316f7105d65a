"""Every way in which a package is altered in the tests."""

from __future__ import annotations

import msgspec

from consumers.captions.handover import shapes
from consumers.captions.handover.shapes import Head

from .packages import CUES, Package


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
