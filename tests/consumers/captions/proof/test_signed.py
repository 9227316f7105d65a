"""What is signed and wrong all the same: who holds the key, or a program, contradicts itself."""

from __future__ import annotations

from hashlib import sha256

import msgspec
import pytest

from consumers.captions.proof.checkpoint import Checkpoint, signed_checkpoint
from consumers.captions.proof.entries import entry
from consumers.captions.proof.key import SigningKey
from consumers.captions.proof.ledger import Ledger
from consumers.captions.proof.merkle import Frontier, leaf_hash
from consumers.captions.proof.note import signed
from consumers.captions.proof.verify import verify
from consumers.captions.stores.folder import FolderStore
from schemas.archive import checkpoint_key, entry_key, segment_key
from schemas.archive.statements import Erased, MeetingKept, MeetingLeft
from schemas.topics import CAPTIONS

from .building import (
    AT,
    CLUSTER,
    NAME,
    folder,
    manifest,
    occurrence,
    segments,
)
from .telling import told

FIRST = segment_key(CLUSTER, CAPTIONS, 0, 0)
B = occurrence(1)
EVIDENCE = manifest(1, segments(3, 8), {}).evidence
REVERSED = EVIDENCE[::-1]
TWICE = [msgspec.structs.replace(EVIDENCE[0], lines=[(1, 1), (1, 1)]), *EVIDENCE[1:]]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        pytest.param({"occurrence": occurrence(7)}, "It is of another meeting", id="occurrence"),
        pytest.param({"archive": "other"}, "It is of another archive.", id="archive"),
        pytest.param({"enterprise": "other"}, "It lies where another manifest should.", id="enterprise"),
        pytest.param({"root": "00" * 32}, "Its tree is not the one of its statement.", id="root"),
        pytest.param({"records": 9}, "Its tree is not the one of its statement.", id="records"),
        pytest.param({"evidence": REVERSED}, "Its evidence is not in order.", id="segments in another order"),
        pytest.param({"evidence": TWICE}, "Its evidence is not in order.", id="a line twice"),
        pytest.param({"evidence": []}, "", id="no evidence"),
    ],
)
async def test_manifest_that_contradicts_itself_is_found(
    built: FolderStore, ledger: Ledger, public_key: str, change: dict[str, object], says: str
) -> None:
    """Though it is signed."""
    right = manifest(1, segments(3, 8), {}, 2, "rebuilt")
    content = msgspec.json.encode(msgspec.structs.replace(right, **change))
    await built.put(folder(1, 2) + "manifest.json", content)
    said = MeetingKept(
        at=AT,
        occurrence=B,
        version=2,
        manifest=folder(1, 2) + "manifest.json",
        sha256=sha256(content).hexdigest(),
        records=right.records,
        root=right.root,
    )
    await ledger.append([said])
    await ledger.checkpoint()

    report = await verify(built, public_key)

    found = {(one.what, one.file) for one in report.findings}
    expected = ("manifest_unsound" if says else "tree_differs", folder(1, 2) + "manifest.json")
    assert expected in found
    assert {file for _, file in found} == {expected[1]}
    assert says in " ".join(one.says for one in report.findings)


async def test_version_that_was_kept_twice_is_found(built: FolderStore, key: SigningKey, public_key: str) -> None:
    """One version, two manifests: the first one counts, and the second is said."""
    said = MeetingKept(at=AT, occurrence=B, version=1, manifest="m", sha256="", records=0, root="")
    await built.put(entry_key(4), entry(said, 4, key.verifier(NAME), key.sign))

    report = await verify(built, public_key)

    assert told(report) == [("open", "entries_unsigned", entry_key(4)), ("wrong", "said_twice", entry_key(4))]


async def test_manifest_that_is_none_is_found(built: FolderStore, key: SigningKey, public_key: str) -> None:
    """Signed, there, and no manifest."""
    content = b"[]"
    digest = sha256(content).hexdigest()
    said = MeetingKept(at=AT, occurrence=B, version=2, manifest=folder(1, 2) + "m", sha256=digest, records=0, root="")
    await built.put(folder(1, 2) + "m", content)
    await built.put(entry_key(4), entry(said, 4, key.verifier(NAME), key.sign))

    report = await verify(built, public_key)

    assert ("wrong", "manifest_unsound", folder(1, 2) + "m") in told(report)


async def test_statement_of_another_program_is_told(
    built: FolderStore, key: SigningKey, ledger: Ledger, public_key: str
) -> None:
    """Well signed, and none of the statements that we know: nobody can say that all is well."""
    note = signed('4\n{"says":"more"}\n', key.verifier(NAME), key.sign)
    await built.put(entry_key(4), note)
    open_still = await verify(built, public_key)
    frontier = Frontier([leaf_hash(await built.get(entry_key(number))) for number in range(5)])
    checkpoint = Checkpoint(origin=NAME, size=5, root=frontier.root())
    await built.put(checkpoint_key(5), signed_checkpoint(checkpoint, key.verifier(NAME), key.sign))

    report = await verify(built, public_key)

    assert ledger.size == 4
    assert told(open_still) == [
        ("open", "entries_unsigned", entry_key(4)),
        ("wrong", "entry_unreadable", entry_key(4)),
    ]
    assert told(report) == [("wrong", "entry_unreadable", entry_key(4))]


async def test_tombstone_that_is_none_is_found(built: FolderStore, ledger: Ledger, public_key: str) -> None:
    """Signed, there, and no tombstone."""
    said = Erased(
        at=AT,
        occurrence=B,
        tombstone="tombstones/x/y.json",
        sha256=sha256(b"[]").hexdigest(),
        records=0,
        who="ann",
        why="request",
        reference=None,
    )
    await built.put(said.tombstone, b"[]")
    await ledger.append([said])
    await ledger.checkpoint()

    report = await verify(built, public_key)

    assert ("wrong", "tombstone_differs", said.tombstone) in told(report)


async def test_meeting_that_is_left_needs_nothing(built: FolderStore, ledger: Ledger, public_key: str) -> None:
    """The policy said so, and the ledger says by which rule."""
    left = MeetingLeft(at=AT, occurrence=occurrence(9), enterprise="acme", meeting_id="m-9", rule="none")
    await ledger.append([left])
    await ledger.checkpoint()

    assert (await verify(built, public_key)).findings == []
